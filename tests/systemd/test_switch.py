"""Switching between releases, with a systemctl that only remembers: systemd/debian/switch, launcher."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

DEBIAN = Path(__file__).parents[2] / "systemd" / "debian"

SYSTEMCTL = """#!/bin/sh
# A service is what its release makes it: ready, or what the file of its name in the release says.
state=$UNLOCKED_ROOT/state; release=$UNLOCKED_ROOT/opt/unlocked/current
echo "$*" >>"$state/asked"
verb=$1; shift
case $verb in
show)
    case $1 in --property=InvocationID) what=invocation ;; --property=ActiveState) what=active ;;
    --property=Type) echo notify; exit ;;
    --property=ActiveEnter*) echo 400000; exit ;;
    *) echo 100000; exit ;; esac
    cat "$state/$3.$what" 2>/dev/null || echo inactive ;;
restart)
    for unit in "$@"; do :; done
    echo "$unit $(readlink "$release")" >>"$state/restarts"
    like=$(cat "$release/like-$unit" 2>/dev/null || echo ready)
    echo activating >"$state/$unit.active"
    case $like in
    hangs) sleep 60 ;;
    fails) exit 1 ;;
    esac
    echo active >"$state/$unit.active"
    wc -l <"$state/restarts" >"$state/$unit.invocation"
    if [ "$like" = dies ]; then echo activating >"$state/$unit.active"; fi ;;
esac
"""

PYTHON = """#!/bin/sh
# Stands for a release's Python: says what it was asked, and whether it likes the settings.
case "$*" in
*compileall*) ;;
*" check "*) [ ! -e "${0%/bin/python}/settings-are-wrong" ] ;;
*) echo "${0%/bin/python} $*" ;;
esac
"""


class Machine:
    """A root with nothing in it but the controller, and the services that run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.umask = 0o022
        self.opt = root / "opt/unlocked"
        self.state = root / "state"
        for folder in ("run/systemd/system", "state", "bin", "opt/unlocked/bin"):
            (root / folder).mkdir(parents=True)
        self.program(root / "bin/systemctl", SYSTEMCTL)
        for name in ("switch", "launcher"):
            self.program(self.opt / "bin" / name, (DEBIAN / name).read_text())

    def program(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def unpack(self, name: str, units: tuple[str, ...] = ("door", "uplink"), **like: str) -> None:
        """What a package does: its files, in place of those of the package before."""
        package = self.opt / "package"
        subprocess.run(["rm", "-rf", package], check=True)
        self.program(package / "bin/python", PYTHON)
        (package / "RELEASE").write_text(f"{name}\n")
        (package / "systemd/unlocked-.service.d").mkdir(parents=True)
        files = [f"unlocked-{unit}.service" for unit in units]
        for file in (*files, "unlocked-.service.d/a.conf", "unlocked.sysusers", "unlocked.tmpfiles"):
            (package / "systemd" / file).write_text(name)
        for unit, how in like.items():
            file = package / ("settings-are-wrong" if unit == "settings" else f"like-unlocked-{unit}.service")
            file.write_text(how)

    def switch(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.opt / "bin/switch", *words)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "UNLOCKED_ROOT": str(self.root),
            "UNLOCKED_STAYS_UP_S": "0",
            "UNLOCKED_PATIENCE_S": "0",
        }
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=60, umask=self.umask
        )

    def install(self, name: str, *units: str, **like: str) -> subprocess.CompletedProcess[str]:
        self.unpack(name, units or ("door", "uplink"), **like)
        return self.switch("unrefused")

    def starts(self, *services: str) -> None:
        for service in services:
            (self.state / f"unlocked-{service}.service.active").write_text("active\n")

    def restarts(self) -> list[str]:
        file = self.state / "restarts"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line.replace("unlocked-", "").replace(".service releases/", " ") for line in lines]

    def link(self, name: str) -> str:
        return (self.opt / name).readlink().name

    def releases(self) -> list[str]:
        return sorted(folder.name for folder in (self.opt / "releases").iterdir())

    def unit(self, name: str) -> str:
        return (self.root / "usr/lib/systemd/system" / name).read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def running(machine: Machine) -> Machine:
    assert machine.install("1").returncode == 0
    machine.starts("door", "uplink")
    return machine


def test_a_first_release_is_put_to_use(machine: Machine) -> None:
    ended = machine.install("1")
    assert (ended.returncode, ended.stdout) == (0, "unlocked: release 1 is in use.\n")
    assert machine.link("current") == "1"
    assert machine.unit("unlocked-door.service") == "1"
    assert machine.restarts() == []
    assert "start --no-block unlocked.target" in (machine.state / "asked").read_text()


def test_the_door_is_restarted_first_then_the_others(running: Machine) -> None:
    assert running.install("2").returncode == 0
    assert running.restarts() == ["door 2", "uplink 2"]
    assert (running.link("current"), running.link("previous")) == ("2", "1")
    assert running.unit("unlocked-.service.d/a.conf") == "2"
    assert not (running.opt / "trying").exists()


def test_what_does_not_run_is_not_started(running: Machine) -> None:
    (running.state / "unlocked-uplink.service.active").write_text("failed\n")
    assert running.install("2").returncode == 0
    assert running.restarts() == ["door 2"]


def test_only_the_release_before_is_kept(running: Machine) -> None:
    for name in ("2", "3"):
        assert running.install(name).returncode == 0
    assert running.releases() == ["2", "3"]


@pytest.mark.parametrize(
    ("how", "why"), [("fails", "not ready within"), ("hangs", "not ready within"), ("dies", "ended again")]
)
def test_a_door_that_does_not_come_up_has_its_old_release_back(running: Machine, how: str, why: str) -> None:
    ended = running.install("2", door=how)
    assert ended.returncode == 1
    assert (
        f"release 2 was taken back, since unlocked-door.service {'was ' if 'not' in why else ''}{why}"
        in ended.stderr
    )
    assert "1 is in use again, and its services run" in ended.stderr
    assert running.restarts() == ["door 2", "door 1", "uplink 1"]
    assert (running.link("current"), running.unit("unlocked-door.service")) == ("1", "1")
    assert not (running.opt / "previous").is_symlink()


def test_a_hanging_door_is_killed_not_asked(running: Machine) -> None:
    running.install("2", door="hangs")
    asked = (running.state / "asked").read_text().splitlines()
    assert asked.index("kill --signal=SIGKILL unlocked-door.service") < asked.index(
        "restart unlocked-door.service", asked.index("restart unlocked-door.service") + 1
    )


def test_one_service_that_does_not_come_up_takes_all_of_them_back(running: Machine) -> None:
    ended = running.install("2", uplink="dies")
    assert "since unlocked-uplink.service ended again" in ended.stderr
    assert running.restarts() == ["door 2", "uplink 2", "door 1", "uplink 1"]


def test_a_release_that_was_taken_back_is_not_tried_again_by_itself(running: Machine) -> None:
    running.install("2", door="fails")
    running.restarts()
    ended = running.switch("unrefused")
    assert (ended.returncode, running.restarts()) == (1, [])
    assert "release 2 was taken back before, since unlocked-door.service" in ended.stderr
    (running.opt / "releases/2/like-unlocked-door.service").unlink()
    assert running.switch().returncode == 0
    assert running.link("current") == "2"


def test_settings_that_a_release_does_not_take_stop_nothing(running: Machine) -> None:
    (running.root / "etc/unlocked").mkdir(parents=True)
    (running.root / "etc/unlocked/branch.toml").touch()
    ended = running.install("2", settings="wrong")
    assert ended.returncode == 1
    assert "Nothing was changed: 1 is in use" in ended.stderr
    assert (running.restarts(), running.link("current")) == ([], "1")


def test_going_back_by_hand(running: Machine) -> None:
    assert "no release before 1" in running.switch("back").stderr
    running.install("2")
    running.restarts()
    assert running.switch("back").returncode == 0
    assert running.restarts() == ["door 1", "uplink 1"]
    assert (running.link("current"), running.link("previous")) == ("1", "2")


def test_a_unit_that_a_release_has_no_more_is_stopped_and_gone(running: Machine) -> None:
    assert running.install("2", "door").returncode == 0
    assert running.restarts() == ["door 2"]
    assert "stop unlocked-uplink.service" in (running.state / "asked").read_text()
    assert not (running.root / "usr/lib/systemd/system/unlocked-uplink.service").exists()


def test_the_same_release_again_restarts_nothing(running: Machine) -> None:
    assert running.install("1").returncode == 0
    assert running.restarts() == []


def test_the_command_is_found_by_its_link_too(running: Machine) -> None:
    link = running.root / "usr/bin/unlocked"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(running.opt / "bin/launcher")
    ended = running.run(link, "door")
    assert ended.returncode == 0, ended.stderr


def test_unlocked_is_the_release_in_use(running: Machine) -> None:
    command = running.root / "usr/bin/unlocked"
    command.parent.mkdir()
    command.symlink_to(running.opt / "bin/launcher")
    ended = running.run(command, "door", "--config", "a file")
    assert ended.stdout == f"{running.opt}/releases/1 -I -m controller door --config a file\n"


def test_after_a_power_cut_in_an_upgrade_the_release_before_runs_until_it_is_finished(
    running: Machine,
) -> None:
    running.install("2")
    (running.opt / "trying").write_text("another boot\n")
    ended = running.run(running.opt / "bin/launcher", "door")
    assert ended.stdout.startswith(f"{running.opt}/releases/1 ")
    assert "dpkg --configure -a" in ended.stderr
    running.restarts()
    assert running.switch("unrefused").returncode == 0
    assert running.restarts() == ["door 2", "uplink 2"]
    ended = running.run(running.opt / "bin/launcher", "door")
    assert ended.stdout.startswith(f"{running.opt}/releases/2 ")


def test_removing_leaves_nothing_but_what_people_own(running: Machine) -> None:
    kept = running.root / "var/lib/unlocked/door/journal.db"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert running.switch("remove").returncode == 0
    assert kept.exists()
    assert not list((running.root / "usr/lib").rglob("unlocked*"))
    assert sorted(file.name for file in running.opt.iterdir()) == ["bin", "package"]


def test_what_root_keeps_to_itself_is_not_what_the_services_run(machine: Machine) -> None:
    machine.umask = 0o077
    assert machine.install("1").returncode == 0
    for folder in (machine.opt / "releases", machine.root / "usr/lib/systemd/system"):
        assert folder.stat().st_mode & 0o777 == 0o755, folder
    # Where everybody may write, anybody could hold it, or put a link there.
    assert (machine.root / "run/unlocked-switch.lock").exists()


def test_what_make_install_brings_make_uninstall_takes(machine: Machine) -> None:
    machine.umask = 0o077
    machine.unpack("1")
    tree = machine.root / "build/unlocked/root"
    tree.parent.mkdir(parents=True)
    (machine.opt / "package").rename(machine.opt / "new")
    (tree / "opt/unlocked").mkdir(parents=True)
    (machine.opt / "new").rename(tree / "opt/unlocked/package")
    (machine.root / "opt").chmod(0o700)
    assert machine.run(DEBIAN / "by-hand", "install", tree).returncode == 0
    assert machine.link("current") == "1"
    assert (machine.root / "opt").stat().st_mode & 0o777 == 0o700, "of a folder that was there"
    assert (machine.opt / "package").stat().st_mode & 0o777 == 0o755
    ended = machine.run(DEBIAN / "by-hand", "uninstall")
    assert (ended.returncode, "stay in /etc/unlocked" in ended.stderr) == (0, True)
    assert not machine.opt.exists()


def test_an_unknown_word_is_a_wrong_command(machine: Machine) -> None:
    assert machine.switch("forward").returncode == 2
