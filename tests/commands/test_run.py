"""``unlocked run``: what it runs, and when it does not."""

from __future__ import annotations

import fcntl
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.commands.run import services
from controller.secrets.credentials import SecretMissing
from controller.settings.load import load
from controller.settings.paths import Paths

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"
SECRETS = ("site-key", "authority-public-key", "mqtt-password", "camera-entrance-password")

BranchFile = Callable[..., Path]


@pytest.fixture
def branch_file(tmp_path: Path) -> BranchFile:
    """The example's settings with folders and secrets of the test's own, and with replacements."""

    def write(**replacements: str) -> Path:
        text = EXAMPLE.read_text()
        for key in ("state_dir", "run_dir", "secrets_dir"):
            text = text.replace(f"#{key} = ", f'{key} = "{tmp_path}/{key}"\n#{key} = ')
        for old, new in replacements.items():
            text, count = re.subn(rf'^#(?={old} = (""|true|false)$)', f"{old} = {new}\n#", text, flags=re.M)
            assert count
        (tmp_path / "secrets_dir").mkdir()
        for name in SECRETS:
            (tmp_path / "secrets_dir" / name).write_text("secret of a test")
        file = tmp_path / "branch.toml"
        file.write_text(text)
        return file

    return write


def test_every_service_of_a_branch_runs_in_order(branch_file: BranchFile) -> None:
    file = branch_file()
    found = services(load(file), file)
    assert [service.name for service in found] == ["membership", "door", "recorder", "console", "uplink"]
    assert all(str(file) in service.command for service in found)


def test_without_a_broker_there_is_no_uplink(branch_file: BranchFile) -> None:
    file = branch_file(enabled="false")
    names = ["membership", "door", "recorder", "console"]
    assert [service.name for service in services(load(file), file)] == names


def test_an_uplink_that_is_switched_off_still_disposes_of_its_journal(branch_file: BranchFile) -> None:
    file = branch_file(enabled="false")
    journal = Paths.of(load(file)).journal("uplink")
    journal.parent.mkdir(parents=True)
    journal.touch()
    assert "uplink" in [service.name for service in services(load(file), file)]


def test_each_service_is_handed_the_secrets_it_needs(branch_file: BranchFile) -> None:
    file = branch_file(username='"branch"')  # of the camera and of the broker
    handed = {service.name: sorted(service.secrets) for service in services(load(file), file)}
    assert handed == {
        "membership": ["site-key"],
        "door": ["authority-public-key", "site-key"],
        "recorder": ["camera-entrance-password"],
        "console": ["authority-public-key"],
        "uplink": ["mqtt-password"],
    }


def test_only_the_door_leaves_something_to_be_done_after_its_death(branch_file: BranchFile) -> None:
    file = branch_file()
    assert [s.name for s in services(load(file), file) if s.after_death is not None] == ["door"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_missing_is_noticed_before_anything_is_started(
    branch_file: BranchFile, tmp_path: Path, name: str
) -> None:
    file = branch_file(username='"branch"')
    (tmp_path / "secrets_dir" / name).unlink()
    with pytest.raises(SecretMissing, match=name):
        services(load(file), file)


def run(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "controller", "run", str(file)], capture_output=True, text=True, timeout=30
    )


def test_without_its_secrets_a_branch_does_not_run(branch_file: BranchFile, tmp_path: Path) -> None:
    file = branch_file()
    (tmp_path / "secrets_dir" / "site-key").unlink()
    ended = run(file)
    assert ended.returncode == 2
    assert "`unlocked init` makes it" in ended.stderr


def test_settings_that_are_wrong_start_nothing(branch_file: BranchFile) -> None:
    ended = run(branch_file(enabled="7"))
    assert ended.returncode == 2
    assert "mqtt.enabled" in ended.stderr


def test_a_branch_is_run_once_at_a_time(branch_file: BranchFile, tmp_path: Path) -> None:
    file = branch_file()
    (tmp_path / "run_dir").mkdir()
    with (tmp_path / "run_dir" / "supervisor.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = run(file)
    assert ended.returncode == 1
    assert "is being run already" in ended.stderr


def test_a_folder_for_sockets_that_cannot_be_used_is_named(branch_file: BranchFile, tmp_path: Path) -> None:
    file = branch_file()
    (tmp_path / "run_dir").write_text("no folder")
    ended = run(file)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("Error: branch.run_dir cannot be used: ")
