from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from gpiozero import Device

from controller.commands import door
from controller.door.explained.state_table import markdown

SETTINGS = """
[branch]
authority = "test"
branch = "door"
name = "Test Library"
run_dir = "{folder}/run"
state_dir = "{folder}/state"
[[doors]]
[[doors.readers]]
port = "/dev/null"
[doors.lock]
pin = 17
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "branch.toml"
    file.write_text(SETTINGS.format(folder=tmp_path))
    return file


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(door.command, ["--config", str(config), *arguments])


def test_the_table_needs_no_settings(tmp_path: Path) -> None:
    result = run(tmp_path / "none.toml", "table")
    assert (result.exit_code, result.stdout) == (0, markdown())


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("unlock", "--why", "delivery"),
        ("hold-open", "--minutes", "5"),
        ("end-hold-open",),
        ("lockdown",),
        ("end-lockdown",),
        ("evacuate",),
        ("end-evacuation",),
        ("open-up",),
    ],
)
def test_a_door_that_does_not_run_is_said(config: Path, arguments: tuple[str, ...]) -> None:
    result = run(config, *arguments)
    assert result.exit_code == 1
    assert "is it running" in result.stderr


def test_the_settings_may_be_named_before_and_after_the_command(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNLOCKED_CONFIG", str(tmp_path / "of-another-branch.toml"))
    for arguments in (["-c", str(config), "status"], ["status", "-c", str(config)]):
        result = CliRunner().invoke(door.command, arguments)
        assert result.exit_code == 1
        assert "is it running" in result.stderr
    assert CliRunner().invoke(door.command, ["status"]).exit_code == 2


@pytest.mark.parametrize(
    "arguments", [("unlock", "--why", "Mrs Smith"), ("hold-open",), ("hold-open", "--minutes", "0")]
)
def test_arguments_are_checked_before_the_door_is_asked(config: Path, arguments: tuple[str, ...]) -> None:
    assert run(config, *arguments).exit_code == 2


def test_the_lock_is_made_safe_and_its_pin_let_go(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setattr(Device, "pin_factory", None)
    result = run(config, "make-safe")
    assert result.exit_code == 0, result.output
    assert Device.pin_factory is None


def test_a_lock_that_cannot_be_made_safe_is_an_error(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "no-such-pins")
    monkeypatch.setattr(Device, "pin_factory", None)
    result = run(config, "make-safe")
    assert result.exit_code == 1
    assert "lock:" in result.stderr
