"""The units, users and folders, against a staged root: no systemd has to be running."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from controller.commands.run import DOOR_WATCHDOG_S
from controller.secrets import credentials
from controller.settings.load import load
from controller.settings.paths import JOURNALS, Paths

REPOSITORY = Path(__file__).parents[2]
UNITS = REPOSITORY / "systemd"
HOST_UNITS = Path("/usr/lib/systemd/system")

EXPOSURE = {"door": 10, "membership": 7, "recorder": 16, "uplink": 14, "console": 17, "backup": 14}
"""What `systemd-analyze security` counts at most, times ten. A unit with nothing said scores 92."""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(HOST_UNITS, root / HOST_UNITS.relative_to("/"), symlinks=True)
    for unit in (
        *UNITS.glob("*.service"),
        *UNITS.glob("*.target"),
        *UNITS.glob("*.timer"),
        *UNITS.glob("*.path"),
    ):
        shutil.copy(unit, root / "usr/lib/systemd/system")
    for folder in UNITS.glob("*.d"):
        shutil.copytree(folder, root / "usr/lib/systemd/system" / folder.name)
    for kind in ("sysusers", "tmpfiles"):
        (root / f"usr/lib/{kind}.d").mkdir(parents=True)
        shutil.copy(UNITS / f"unlocked.{kind}", root / f"usr/lib/{kind}.d/unlocked.conf")
    program = root / "opt/unlocked/bin/unlocked"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (root / "etc").mkdir()
    # Sets no owners, so it also works for a user who is not root.
    said(staged_command("systemd-sysusers", root, "unlocked.conf"))
    return root


def staged_command(program: str, root: Path, *arguments: str) -> list[str]:
    return [program, f"--root={root}", *arguments]


def said(command: list[str]) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
    return ended.stdout + ended.stderr


def test_systemd_finds_nothing_wrong_with_the_units(staged: Path) -> None:
    assert said(staged_command("systemd-analyze", staged, "verify", "--man=no", "unlocked.target")) == ""


def test_systemd_does_find_what_is_wrong(staged: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(staged, root, symlinks=True)
    (root / "opt/unlocked/bin/unlocked").unlink()
    ended = subprocess.run(
        staged_command("systemd-analyze", root, "verify", "--man=no", "unlocked-door.service"),
        capture_output=True,
        timeout=60,
    )
    assert ended.returncode != 0


@pytest.mark.parametrize("service", EXPOSURE)
def test_a_service_is_exposed_to_no_more_than_it_needs(staged: Path, service: str) -> None:
    threshold = f"--threshold={EXPOSURE[service]}"
    unit = f"unlocked-{service}.service"
    said(staged_command("systemd-analyze", staged, "security", "--offline=true", threshold, unit))


def test_every_service_has_a_unit_of_its_name_and_a_user(staged: Path) -> None:
    file = REPOSITORY / "config" / "branch.example.toml"
    names = credentials.needed(load(file))
    assert sorted([*names, "backup"]) == sorted(EXPOSURE)
    users = (staged / "etc/passwd").read_text()
    for name in names:
        assert value(name, "ExecStart") == f"/opt/unlocked/bin/unlocked {name}"
        assert value(name, "User") == f"unlocked-{name}"
        assert f"unlocked-{name}:" in users
        assert f"unlocked-{name}.service" in (UNITS / "unlocked.target").read_text()


def test_what_has_a_network_sees_neither_footage_nor_memberships() -> None:
    paths = Paths.of(load(REPOSITORY / "config" / "branch.example.toml"))
    for service in ("uplink", "backup"):
        hidden = value(service, "InaccessiblePaths").split()
        assert hidden == [f"-{path}" for path in (paths.footage_dir, paths.members)]


def test_systemd_hands_each_service_the_secrets_it_needs() -> None:
    settings = load(REPOSITORY / "config" / "branch.example.toml").model_copy(update={"cameras": ()})
    settings = settings.model_copy(
        update={
            "mqtt": settings.mqtt.model_copy(update={"username": "branch", "certificate": Path("its.pem")}),
            "pin": settings.pin.model_copy(update={"offline": True}),
        }
    )
    for service, names in credentials.needed(settings).items():
        all_names = (*names, *credentials.wanted(service))
        assert handed(unit(service)) == [f"{name}:/etc/unlocked/secrets/{name}" for name in all_names]
        # Without the file it starts all the same, and says what it lacks, or does without.
        for name in all_names:
            assert f"SetCredential={name}:\\n\n" in unit(service)


def handed(text: str) -> list[str]:
    return re.findall(r"^LoadCredential=(.*)$", text, re.MULTILINE)


def test_a_membership_service_with_a_network_reaches_one_address(staged: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(staged, root, symlinks=True)
    folder = root / "usr/lib/systemd/system/unlocked-membership.service.d"
    folder.mkdir()
    for name in ("lms", "feed"):
        shutil.copy(UNITS / f"{name}.conf.example", folder / f"{name}.conf")
    unit_name = "unlocked-membership.service"
    assert said(staged_command("systemd-analyze", root, "verify", "--man=no", unit_name)) == ""
    threshold = f"--threshold={EXPOSURE['membership'] + 8}"
    said(staged_command("systemd-analyze", root, "security", "--offline=true", threshold, unit_name))
    # What is not listed stays denied.
    assert value("membership", "IPAddressDeny") == "any"
    assert "IPAddressDeny" not in "".join(
        line for line in (folder / "lms.conf").read_text().splitlines() if not line.startswith("#")
    )


def test_a_recorder_with_the_pis_own_camera_is_shut_in_nearly_as_well(staged: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(staged, root, symlinks=True)
    folder = root / "usr/lib/systemd/system/unlocked-recorder.service.d"
    folder.mkdir(exist_ok=True)
    shutil.copy(UNITS / "pi-camera.conf.example", folder / "pi-camera.conf")
    unit_name = "unlocked-recorder.service"
    assert said(staged_command("systemd-analyze", root, "verify", "--man=no", unit_name)) == ""
    threshold = f"--threshold={EXPOSURE['recorder'] + 1}"
    said(staged_command("systemd-analyze", root, "security", "--offline=true", threshold, unit_name))


def test_the_lock_is_made_safe_whatever_ended_the_door() -> None:
    assert value("door", "ExecStopPost") == "/opt/unlocked/bin/unlocked door make-safe"


def test_the_door_is_watched_alike_with_and_without_systemd() -> None:
    assert float(value("door", "WatchdogSec")) == DOOR_WATCHDOG_S


def test_the_door_has_no_network() -> None:
    assert value("door", "PrivateNetwork") == "yes"
    assert value("door", "RestrictAddressFamilies") == "AF_UNIX"


def test_the_console_speaks_with_this_machine_alone_and_knows_whose_sockets_it_asks() -> None:
    assert value("console", "IPAddressDeny") == "any"
    assert value("console", "IPAddressAllow") == "localhost"
    # In a user namespace every other service would be nobody, and no answer would be believed.
    assert "PrivateUsers" not in re.findall(r"^(\w+)=", unit("console"), re.MULTILINE)


def test_a_call_that_the_sandbox_refuses_is_allowed_by_what_is_read_after_it() -> None:
    allows = UNITS / "unlocked-console.service.d" / "setpriority.conf"
    assert "SystemCallFilter=setpriority\n" in allows.read_text()
    assert allows.name > "sandbox.conf"
    assert "SystemCallFilter" not in unit("console")


def test_folders_are_where_the_services_look_for_them(staged: Path) -> None:
    paths = Paths.of(load(REPOSITORY / "config" / "branch.example.toml"))
    lines = (UNITS / "unlocked.tmpfiles").read_text().splitlines()
    folders = {line.split()[1]: line.split()[2:5] for line in lines if line.startswith("d ")}
    for service in JOURNALS:
        assert folders[str(paths.journal(service).parent)] == ["2750", f"unlocked-{service}", "unlocked"]
    assert folders[str(paths.footage_dir)] == ["2750", "unlocked-recorder", "unlocked"]
    assert folders[str(paths.secrets)] == ["0700", "root", "root"]
    for service in EXPOSURE:
        assert str(paths.state / service) in [
            f"/var/lib/{name}" for name in value(service, "StateDirectory").split()
        ]
        assert str(paths.socket(service).parent) == f"/run/{value(service, 'RuntimeDirectory')}"


def test_tmpfiles_makes_the_folders(staged: Path) -> None:
    # Whoever is not root cannot give folders away; cleaning reads the same lines and changes nothing.
    action = "--create" if os.geteuid() == 0 else "--clean"
    assert said(staged_command("systemd-tmpfiles", staged, action, "unlocked.conf")) == ""
    if action == "--create":
        assert (staged / "var/lib/unlocked/door").stat().st_mode & 0o7777 == 0o2750


def unit(service: str) -> str:
    return (UNITS / f"unlocked-{service}.service").read_text()


def value(service: str, key: str) -> str:
    """The one value of a key in a service's unit."""
    found = re.findall(rf"^{key}=(.*)$", unit(service), re.MULTILINE)
    assert len(found) == 1, f"{key} stands {len(found)} times in the unit of {service}"
    return str(found[0])


def test_a_door_that_plays_sounds_is_no_more_exposed(staged: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(staged, root, symlinks=True)
    drop_in = root / "usr/lib/systemd/system/unlocked-door.service.d/sound.conf"
    drop_in.parent.mkdir()
    shutil.copy(UNITS / "sound.conf.example", drop_in)
    assert said(staged_command("systemd-analyze", root, "verify", "--man=no", "unlocked-door.service")) == ""
    threshold = f"--threshold={EXPOSURE['door']}"
    exposed = staged_command("systemd-analyze", root, "security", "--offline=true", threshold)
    assert "char-alsa" in said([*exposed, "unlocked-door.service"])


def test_the_backup_is_shut_in_and_reads_no_key_but_those_that_may_leave(
    staged: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    shutil.copytree(staged, root, symlinks=True)
    name = "unlocked-backup.service"
    assert said(staged_command("systemd-analyze", root, "verify", "--man=no", name)) == ""
    said(staged_command("systemd-analyze", root, "security", "--offline=true", "--threshold=7", name))
    folder = root / "usr/lib/systemd/system" / f"{name}.d"
    for drop_in in ("folder", "sftp"):
        shutil.copy(UNITS / f"backup-{drop_in}.conf.example", folder / f"{drop_in}.conf")
    assert said(staged_command("systemd-analyze", root, "verify", "--man=no", name)) == ""
    said(staged_command("systemd-analyze", root, "security", "--offline=true", "--threshold=16", name))
    settings = load(REPOSITORY / "config" / "branch.example.toml")
    leaving = [*credentials.leaving(settings.model_copy(update={"doors": ()})), credentials.BACKUP_SSH_KEY]
    assert handed(unit("backup")) == [f"{one}:/etc/unlocked/secrets/{one}" for one in leaving]
    assert "unlocked-backup:" in (staged / "etc/passwd").read_text()
