"""What there is to be destroyed at a branch, file by file, and what stays.

What stays is named, and everything else in the services' folders goes: a file that nobody thought of is
destroyed. Never here: destroying, and whether it may be (``core.decommission``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection

from controller.core.decommission import Part
from controller.footage.segment_name import PART_SUFFIX, SegmentName
from controller.secrets import credentials, encrypted
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.store.engine import DatabaseMissing, DatabaseUnusable, driver
from controller.store.reader import Reader

BESIDE = ("", "-wal", "-shm")
"""What SQLite keeps beside a database."""
GOING = ".going-"
"""What the name of a file begins with while it is overwritten."""
_SEALED = ("SELECT count(*) FROM sealed WHERE box IS NOT NULL",)
_MEMBERS = (
    "SELECT count(*) FROM membership",
    "SELECT count(*) FROM listed",
    "SELECT count(*) FROM live_answer",
)
_ACCOUNTS = "SELECT count(*) FROM staff_account"


@dataclass(frozen=True, slots=True)
class Found:
    """Of a part: files, and how many of its things are in them. things: None where they cannot be counted."""

    files: Sequence[Path]
    things: int | None
    size_bytes: int


def look(settings: Settings) -> dict[Part, Found]:
    """What is there now of each part. Raises OSError where it cannot be seen."""
    paths = Paths.of(settings)
    files = files_by_part(settings)
    journals = [paths.journal(service) for service in JOURNALS]
    things = {
        Part.FOOTAGE: _films(files[Part.FOOTAGE]),
        Part.MEMBERSHIPS: _counted([paths.members], _MEMBERS),
        Part.SEALED_CARDS: _counted(journals, _SEALED),
        Part.ACCOUNTS: _accounts(paths.console),
    }
    return {
        part: Found(files[part], things.get(part, len(files[part])), sum(map(_size, files[part])))
        for part in Part
    }


def nothing(found: Mapping[Part, Found]) -> bool:
    """Whether there is nothing to be destroyed. Working files come again with each command that looks."""
    return not any(one.files or one.things for part, one in found.items() if part is not Part.WORKING_FILES)


def only_signs(found: Mapping[Part, Found]) -> bool:
    """Whether only the keys are left that go when the certificate is signed."""
    return nothing({**found, Part.KEYS: Found((), 0, 0)}) and all(map(signs, found[Part.KEYS].files))


def stays(settings: Settings) -> dict[str, Path]:
    """The records that stay: what they are, and where."""
    paths = Paths.of(settings)
    found = {f"journal of {service}": paths.journal(service) for service in JOURNALS}
    found |= {"registers of holds and restrictions": paths.registers, "published notice": paths.notice}
    return {what: file for what, file in found.items() if file.exists()}


def files_by_part(settings: Settings) -> Mapping[Part, list[Path]]:
    """Every file that goes, with the part it belongs to."""
    paths = Paths.of(settings)
    found: dict[Part, list[Path]] = {part: [] for part in Part}
    found[Part.FOOTAGE] += footage_files(paths.footage_dir)
    staying = {file.with_name(file.name + more) for file in stays(settings).values() for more in BESIDE}
    for service in JOURNALS:
        for file in _files(paths.state / service):
            if file not in staying and not file.is_relative_to(paths.footage_dir):
                found[_part_of(file, paths)].append(file)
    found[Part.COPIES] += [*_files(paths.prepared), *_files(paths.backup), *_files(paths.restoring)]
    found[Part.KEYS] += _files(paths.secrets)
    return found


def footage_files(folder: Path) -> list[Path]:
    """Whole files and begun ones. What no recorder named so is not ours."""
    return [file for file in _files(folder) if segment_of(folder, file) is not None]


def segment_of(folder: Path, file: Path) -> SegmentName | None:
    return SegmentName.parse(str(file.relative_to(folder)).removesuffix(PART_SUFFIX))


def not_ours(settings: Settings) -> list[Path]:
    """What else lies in the footage folder, and stays."""
    folder = Paths.of(settings).footage_dir
    ours = set(footage_files(folder))
    return [file for file in _files(folder) if file not in ours]


def signs(file: Path) -> bool:
    """Whether it is a key that signs heads or the certificate: those go when nothing is left to be signed."""
    names = {credentials.EXPORT_SIGNING_KEY, *map(credentials.journal_key, JOURNALS)}
    return file.name.removeprefix(GOING).removesuffix(encrypted.SUFFIX) in names


def _part_of(file: Path, paths: Paths) -> Part:
    if ".damaged-" in file.name or ".before-migration" in file.name or file.is_relative_to(paths.exports):
        return Part.COPIES
    for database, part in (
        (paths.members, Part.MEMBERSHIPS),
        (paths.console, Part.ACCOUNTS),
        (paths.footage, Part.FOOTAGE),
    ):
        if file.parent == database.parent and file.name.removeprefix(database.name) in BESIDE:
            return part
    return Part.WORKING_FILES


def _films(files: Sequence[Path]) -> int:
    return sum(file.suffix in {".mp4", PART_SUFFIX} for file in files)


def _counted(databases: Sequence[Path], queries: Sequence[str]) -> int | None:
    """How many rows there are in all; None where one of the databases cannot be asked."""
    total = 0
    for file in databases:
        try:
            with closing(Reader(file)) as reader:
                total += reader.read(lambda connection: sum(_one(connection, query) for query in queries))
        except DatabaseMissing:
            continue
        except DatabaseUnusable:
            return None
    return total


def _accounts(database: Path) -> int | None:
    """Django's database, whose migrations are not ours to count."""
    if not database.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as opened:
            return int(opened.execute(_ACCOUNTS).fetchone()[0])
    except sqlite3.Error:
        return None


def _one(connection: Connection, query: str) -> int:
    return int(driver(connection).execute(query).fetchone()[0])


def _size(file: Path) -> int:
    return file.lstat().st_size


def _files(folder: Path) -> list[Path]:
    """All below it that are no folders, in order. Links are not followed."""
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    if not folder.is_dir() or folder.is_symlink():
        return

    def fail(error: OSError) -> None:
        raise error

    for found, _, names in os.walk(folder, onerror=fail):
        yield from (Path(found) / name for name in names)
