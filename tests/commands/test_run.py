"""``unlocked run``: what it runs, and when it does not."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.commands.run import services
from controller.settings.load import load

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"


@pytest.fixture
def branch_file(tmp_path: Path) -> Callable[..., Path]:
    """The example's settings with other folders, and with replacements."""

    def write(**replacements: str) -> Path:
        text = EXAMPLE.read_text()
        for key in ("state_dir", "run_dir", "secrets_dir"):
            text = text.replace(f"#{key} = ", f'{key} = "{tmp_path}/{key}"\n#{key} = ')
        for old, new in replacements.items():
            assert f"#{old} = " in text
            text = text.replace(f"#{old} = ", f"{old} = {new}\n#{old} = ", 1)
        file = tmp_path / "branch.toml"
        file.write_text(text)
        return file

    return write


def test_every_service_of_a_branch_runs_in_order(branch_file: Callable[..., Path]) -> None:
    file = branch_file()
    found = services(load(file), file)
    assert [service.name for service in found] == ["membership", "door", "recorder", "uplink"]
    assert all(str(file) in service.command for service in found)


def test_without_a_broker_there_is_no_uplink(branch_file: Callable[..., Path]) -> None:
    file = branch_file(enabled="false")
    assert [service.name for service in services(load(file), file)] == ["membership", "door", "recorder"]


def run(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "controller", "run", str(file)], capture_output=True, text=True, timeout=30
    )


def test_settings_that_are_wrong_start_nothing(branch_file: Callable[..., Path]) -> None:
    ended = run(branch_file(enabled="7"))
    assert ended.returncode == 2
    assert "mqtt.enabled" in ended.stderr


def test_a_branch_is_run_once_at_a_time(branch_file: Callable[..., Path], tmp_path: Path) -> None:
    file = branch_file()
    (tmp_path / "run_dir").mkdir()
    with (tmp_path / "run_dir" / "supervisor.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = run(file)
    assert ended.returncode == 1
    assert "is being run already" in ended.stderr
