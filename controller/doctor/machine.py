"""The machine underneath, as its files and programs tell: the only place of the doctor that asks it.

Here: asking, with a deadline, and never more than that. Never here: what an answer means (``checks``).
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST_S = 20.0
"""What a program may take: a disk that fails answers late."""
CONNECT_S = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said, and how it ended."""

    code: int
    out: str


@dataclass(frozen=True, slots=True)
class FileSystem:
    """total, free: bytes, as far as a service may use them. device: as in /sys/dev/block, such as 179:2.

    files_free: how many more files it takes; None where it does not count them.
    """

    total: int
    free: int
    files_free: int | None
    read_only: bool
    device: str


@dataclass(frozen=True, slots=True)
class Process:
    """state: the letter of proc(5): R, S, D (waits for a disk), T (stopped), Z."""

    pid: int
    state: str


class Machine:
    """root: where /proc and /sys are; another folder in tests."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    @property
    def is_root(self) -> bool:
        return os.geteuid() == 0

    def text(self, path: str) -> str | None:
        """The content of a small file of the system; None where there is none, or it may not be read."""
        try:
            return (self.root / path.lstrip("/")).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def found(self, pattern: str) -> list[Path]:
        """Files of the system, by a pattern such as sys/class/rtc/*."""
        return sorted(self.root.glob(pattern.lstrip("/")))

    def ask(self, *command: str) -> Answer | None:
        """What a program says; None where there is no such program, or it does not end in time."""
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_S,
                check=False,
                env={**os.environ, "LC_ALL": "C", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"},
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return Answer(done.returncode, done.stdout.decode("utf-8", "replace").strip())

    def file_system(self, path: Path) -> FileSystem:
        """Of the nearest folder that is there. Raises OSError."""
        there = next(one for one in (path, *path.parents) if one.exists())
        seen, status = os.statvfs(there), there.stat()
        return FileSystem(
            seen.f_blocks * seen.f_frsize,
            seen.f_bavail * seen.f_frsize,
            seen.f_favail if seen.f_files else None,
            bool(seen.f_flag & os.ST_RDONLY),
            f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}",
        )

    def holders(self, file: Path) -> list[Process] | None:
        """The processes that have this file open, but for this one; None where that may not be looked at."""
        found, unseen = [], False
        for folder in self.found("proc/[0-9]*"):
            if folder.name == str(os.getpid()):
                continue
            try:
                links = list(_links(folder / "fd"))
            except FileNotFoundError:  # it has ended
                continue
            except PermissionError:
                unseen = True
                continue
            if file in links:
                found.append(Process(int(folder.name), _state(folder)))
        return None if unseen and not found else found

    def answers(self, host: str, port: int) -> str | None:
        """Why nobody takes a connection there; None: somebody does."""
        try:
            with socket.create_connection((host, port), timeout=CONNECT_S):
                return None
        except socket.gaierror:
            return f"the name {host} is not known"
        except TimeoutError:
            return "nothing answers there"
        except OSError as error:
            return (error.strerror or str(error)).lower()


def _links(folder: Path) -> Iterator[Path]:
    for one in folder.iterdir():
        with suppress(FileNotFoundError):
            yield one.readlink()


def _state(folder: Path) -> str:
    with suppress(OSError, IndexError):
        # The name, in brackets, may hold anything.
        return (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    return "?"
