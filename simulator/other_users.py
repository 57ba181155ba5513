"""The services of a branch as the users that a Pi runs them as, each by itself, with no rights but its own.

Here: what sysusers, tmpfiles and the units say, done on a folder of its own; starting a service as systemd
does; asking as somebody whether a file can be read or written. Wants root, and mount namespaces. Never here:
what should be so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from controller.supervisor import hand_out
from simulator.closing import Closing
from simulator.processes import BOUND

REPOSITORY = Path(__file__).parents[1]
UNITS = REPOSITORY / "systemd"
READY_S = 60.0
STOP_S = 20.0
NOBODY = 65534
_WITH_USERS = """
mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"
"""
_TRY = """
import json, os, socket, sys
def tries(path, flags):
    try:
        os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW))
    except OSError:
        return False
    return True
def enters(path):
    try:
        os.listdir(path)
    except OSError:
        return False
    return True
def makes(path):
    name = os.path.join(path, ".tried")
    made = tries(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    if made:
        os.unlink(name)
    return made
def connects(path):
    with socket.socket(socket.AF_UNIX) as wire:
        return wire.connect_ex(path) == 0
said = {}
for path, kind in json.load(sys.stdin):
    if kind == "folder":
        said[path] = enters(path), makes(path)
    elif kind == "socket":
        said[path] = (connects(path),) * 2
    else:
        said[path] = tries(path, os.O_RDONLY), tries(path, os.O_WRONLY)
json.dump(said, sys.stdout)
"""


@cache
def python_for_all() -> Path | None:
    """A Python like ours that every user may start; None if there is none."""
    for python in (Path(sys.executable), Path(f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}")):
        tried = subprocess.run(
            (*as_user(NOBODY, NOBODY), str(python), "-c", "import sqlalchemy, controller"),
            env=python_environment(),
            capture_output=True,
            check=False,
        )
        if tried.returncode == 0:
            return python
    return None


def python_environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(REPOSITORY), sysconfig.get_path("purelib"))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@cache
def why_not() -> str:
    """Why users cannot be told apart here; empty if they can."""
    if os.geteuid() != 0:
        return "must be root to be other users"
    tried = subprocess.run(("unshare", "--mount", "true"), capture_output=True, check=False)
    if tried.returncode != 0:
        return "there are no mount namespaces"
    return "" if python_for_all() is not None else "other users cannot start a Python with our libraries"


@dataclass(frozen=True, slots=True)
class User:
    uid: int
    gid: int


class Users:
    """The users of ``systemd/unlocked.sysusers``, made in ``root`` beside this machine's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("passwd", "group"):
            (root / "etc").mkdir(exist_ok=True)
            shutil.copy(f"/etc/{name}", root / "etc" / name)
        sysusers = root / "usr/lib/sysusers.d/unlocked.conf"
        sysusers.parent.mkdir(parents=True)
        shutil.copy(UNITS / "unlocked.sysusers", sysusers)
        _run("systemd-sysusers", f"--root={root}", "unlocked.conf")
        self.group = self._ids("group")["unlocked"].uid

    def of(self, who: str) -> User:
        """A service's user, "root", "others", or anybody else for somebody who is in the group."""
        if who == "root":
            return User(0, 0)
        if who == "others":
            return User(NOBODY, NOBODY)
        return self._ids("passwd").get(f"unlocked-{who}", User(NOBODY, self.group))

    def make_folders(self, instead: Mapping[str, Path]) -> None:
        """What ``systemd/unlocked.tmpfiles`` says, by systemd-tmpfiles, at other places below ``root``."""
        text = (UNITS / "unlocked.tmpfiles").read_text(encoding="utf-8")
        for path, place in instead.items():
            text = text.replace(f" {path}", f" /{place.relative_to(self.root)}")
        file = self.root / "usr/lib/tmpfiles.d/unlocked.conf"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
        _run("systemd-tmpfiles", f"--root={self.root}", "--create", "unlocked.conf")

    def tried(self, who: str, paths: Iterable[Path]) -> dict[Path, tuple[bool, bool]]:
        """Whether ``who`` can read and can write each: by trying."""
        said = self.says(who, _TRY, input=json.dumps([(str(path), _kind(path)) for path in paths]))
        return {Path(path): (read, wrote) for path, (read, wrote) in json.loads(said).items()}

    def says(self, who: str, code: str, *arguments: str, input: str = "") -> str:
        """What a Python program prints that ``who`` runs. Raises RuntimeError."""
        user = self.of(who)
        command = (*as_user(user.uid, user.gid), str(python_for_all()), "-c", code, *arguments)
        return _run(*command, input=input, env=python_environment())

    def _ids(self, file: str) -> dict[str, User]:
        lines = (self.root / "etc" / file).read_text(encoding="utf-8").splitlines()
        split = [line.split(":") for line in lines]
        return {
            name: User(int(one), int(two or 0) if file == "passwd" else 0) for name, _, one, two, *_ in split
        }


@dataclass(slots=True)
class Started(Closing):
    """A service that runs as its user, from construction until ``close``. log: all it said."""

    users: Users
    service: str
    config: Path
    run: Path
    secrets: Mapping[str, Path]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        user = self.users.of(self.service)
        folder = self.run / self.service
        folder.mkdir(exist_ok=True)
        os.chown(folder, user.uid, user.gid)
        folder.chmod(int(_unit_value("RuntimeDirectoryMode"), 8))
        credentials = self.run / "credentials" / self.service
        hand_out(self.secrets, credentials)
        for path in (credentials, *credentials.iterdir()):
            os.chown(path, user.uid, user.gid)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, self.log.open("ab") as log:
            notify.bind("")
            notify.settimeout(READY_S)
            etc = self.users.root / "etc"
            self.process = subprocess.Popen(
                (
                    *(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        _WITH_USERS,
                        "sh",
                        str(etc / "passwd"),
                        str(etc / "group"),
                    ),
                    *BOUND,
                    *as_user(user.uid, user.gid),
                    *(str(python_for_all()), "-m", "controller", self.service, "--config", str(self.config)),
                ),
                env={
                    **python_environment(),
                    **self.environment,
                    "CREDENTIALS_DIRECTORY": str(credentials),
                    "NOTIFY_SOCKET": "@" + notify.getsockname()[1:].decode("ascii"),
                },
                cwd=folder,
                umask=int(_unit_value("UMask"), 8),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            while b"READY=1" not in notify.recv(4096):
                pass

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def as_user(uid: int, gid: int) -> tuple[str, ...]:
    """As a unit of ours with NoNewPrivileges and an empty bounding set."""
    return (
        *("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"),
        *("--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--"),
    )


def _unit_value(key: str) -> str:
    """What all units have."""
    text = (UNITS / "unlocked-.service.d/sandbox.conf").read_text(encoding="utf-8")
    found = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
    assert found is not None, key
    return found[1]


def _kind(path: Path) -> str:
    return "folder" if path.is_dir() else "socket" if path.is_socket() else "file"


def _run(*command: str, input: str | None = None, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=input, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout
