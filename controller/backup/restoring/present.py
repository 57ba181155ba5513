"""What is at the branch before a backup is restored: who uses it, and which journals are there and whole.

Never here: changing anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from controller.core.event import JsonValue
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.journal_reader import last_known
from controller.store.reader import Reader

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class User:
    """A process that has a file of the branch open."""

    pid: int
    name: str
    file: str


def users(state: Path) -> Iterator[User]:
    """As far as whoever asks may see them: root sees all. Not this process."""
    folder = f"{state.resolve()}/"
    for process in PROC.iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue
        with suppress(OSError):  # it has ended, or is somebody else's
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith(folder):
                        command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                        yield User(int(process.name), command.decode(errors="replace").strip(), target)
                        break


@dataclass(frozen=True, slots=True)
class InPlace:
    """A journal where services look for it. last: its id, its last number and head; empty if nobody can read
    them. whole: it is an intact database.
    """

    whole: bool
    last: dict[str, JsonValue]

    def of(self, journal_id: str) -> bool:
        return self.last.get("journal") == journal_id

    @property
    def seq(self) -> int:
        seq = self.last.get("seq", 0)
        return seq if isinstance(seq, int) else 0


def in_place(path: Path) -> InPlace | None:
    """None where there is nothing."""
    if not path.exists():
        return None
    last = last_known(path)
    return InPlace(bool(last) and intact(path), last)


def intact(path: Path) -> bool:
    """Whether all of the database can be read, as far as SQLite can tell."""
    with closing(Reader(path)) as reader:
        try:
            answer: str = reader.read(
                lambda connection: connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            )
        except DatabaseMissing:
            return False
        except DatabaseUnusable:
            return False
    return answer == "ok"
