"""What became of the last backup, in a file: whoever makes one may not write the console's journal.

The console reads it and journals it (``console.backups``). Never here: what it means that none came.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from controller.core.event import EventType, JsonValue
from controller.disk import sync_folder

FILE = "last.json"
MODE = 0o640
LARGEST = 10_000


class Cause(StrEnum):
    """Why a backup was not made, or did not arrive everywhere.

    clock: it cannot be believed. unreadable: a part cannot be read. key: a recipient is none. disk: no room
    to make it. place: where it was to go.
    """

    CLOCK = "clock"
    UNREADABLE = "unreadable"
    KEY = "key"
    DISK = "disk"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Report:
    """wall_us: when it was made, or tried; it tells one report from another. cause: None if it was made.

    places: the kinds of places where it arrived. removed: how many that had expired went there.
    """

    wall_us: int
    cause: Cause | None
    until_us: int = 0
    size_bytes: int = 0
    sha256: str = ""
    places: tuple[str, ...] = ()
    removed: int = 0

    @property
    def type(self) -> EventType:
        return EventType.BACKUP_MADE if self.cause is None else EventType.BACKUP_FAILED

    @property
    def data(self) -> dict[str, JsonValue]:
        """Of the event."""
        if self.cause is not None:
            return {"at_us": self.wall_us, "cause": self.cause.value, "places": list(self.places)}
        return {
            "at_us": self.wall_us,
            "until_us": self.until_us,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "places": list(self.places),
            "removed": self.removed,
        }


def write(folder: Path, report: Report) -> None:
    """Whole or not at all. Raises OSError."""
    hidden = folder / f".{FILE}.new"
    hidden.unlink(missing_ok=True)
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    with os.fdopen(descriptor, "w") as opened:
        json.dump(asdict(report), opened)
        opened.flush()
        os.fchmod(descriptor, MODE)
        if os.geteuid() == 0:
            owner = folder.stat()
            # Not by its name: whoever owns the folder could put a link there in between.
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        os.fsync(descriptor)
    hidden.rename(folder / FILE)
    sync_folder(folder)


def read(folder: Path) -> Report | None:
    """None where there is none yet. Raises ValueError for what is none, and OSError."""
    try:
        with (folder / FILE).open("rb") as opened:
            content = opened.read(LARGEST)
    except FileNotFoundError:
        return None
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is no report of a backup") from error
    match found:
        case {
            "wall_us": int() as wall_us,
            "cause": None | str() as cause,
            "until_us": int() as until_us,
            "size_bytes": int() as size_bytes,
            "sha256": str() as sha256,
            "places": list() as places,
            "removed": int() as removed,
        } if len(sha256) in (0, 64) and all(one in ("folder", "sftp") for one in places):
            known = None if cause is None else Cause(cause)
            return Report(wall_us, known, until_us, size_bytes, sha256, tuple(places), removed)
    raise ValueError("it is no report of a backup")
