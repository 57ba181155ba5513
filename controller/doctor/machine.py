"""The machine underneath, as its files and programs tell: the only place of the doctor that asks it.

Here: asking, with a deadline, and never more than that. Never here: what an answer means (``checks``).
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterable, Iterator
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

    @property
    def has_systemd(self) -> bool:
        """It runs (sd_booted(3)), and is not only installed."""
        return bool(self.found("run/systemd/system"))

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

    def device_name(self, device: str) -> str:
        """Of a disk or partition, such as mmcblk0p2; empty where it has none. device: as in FileSystem."""
        link = self.root / "sys/dev/block" / device
        return link.resolve().name if link.exists() else ""

    def parent(self, path: str) -> str:
        """The name of the folder that this one, or what it leads to, is in."""
        return (self.root / path).resolve().parent.name

    def writers(self, files: Iterable[Path]) -> dict[Path, list[Process] | None]:
        """Of each file, the processes that may write it; None where they may not be looked at.

        This one is left out. Those of services alone are looked at: others open none of their files.
        """
        found: dict[Path, list[Process]] = {file: [] for file in files}
        hidden = False
        for folder in self.found("proc/[0-9]*"):
            if folder.name == str(os.getpid()) or not _is_ours(folder):
                continue
            try:
                for file in _written_by(folder, found):
                    found[file].append(Process(int(folder.name), _state(folder)))
            except FileNotFoundError:  # it has ended
                continue
            except PermissionError:
                hidden = True
        return {file: None if hidden and not by else by for file, by in found.items()}

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


def _is_ours(process: Path) -> bool:
    """Everybody may read a command line."""
    with suppress(OSError):
        return b"controller" in (line := (process / "cmdline").read_bytes()) or b"unlocked" in line
    return False


def _written_by(process: Path, files: Iterable[Path]) -> Iterator[Path]:
    wanted = {file.name for file in files}
    for number in (process / "fd").iterdir():
        with suppress(FileNotFoundError):
            if number.readlink().name not in wanted:
                continue
            # proc(5): the flags of open(2), in octal; the last two bits say how it was opened.
            flags = (process / "fdinfo" / number.name).read_text().partition("flags:")[2].split()[0]
            if int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                yield from (file for file in files if file.exists() and number.samefile(file))


def _state(folder: Path) -> str:
    with suppress(OSError, IndexError):
        # The name, in brackets, may hold anything.
        return (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    return "?"
