"""The disks: room, whether they can be written, and what the file system says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from controller.assurance.words import many
from controller.core.access import Reason
from controller.core.event import EventType
from controller.core.forecast import GIGABYTE, MEGABYTE
from controller.core.states.footage import FootageState
from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.doctor.machine import FileSystem
from controller.settings.paths import JOURNALS
from controller.store.engine import DatabaseMissing

PART = "disk"
LITTLE = 0.05
"""Less than this share of a disk that is free wants somebody."""
NONE_LEFT = 64 * MEGABYTE
FEW_FILES = 1_000
SOON_DAYS = 7
LOOKED_BACK_US = 86_400_000_000
MAKE_ROOM = (
    "make room: `journalctl --vacuum-size=100M`, old exports, packages (`apt-get clean`); or a larger disk"
)


def look(context: Context) -> Iterator[Finding]:
    for names, system in _systems(context):
        yield from _of_one(context, names, system)
    yield from _reserves(context)
    yield from _journal(context)
    yield from _footage(context)
    with suppress(DatabaseMissing):
        yield from _stalls(context)


def folders(context: Context) -> Iterator[tuple[str, Path]]:
    """What services write, by what it is called."""
    yield "records", context.paths.state
    with suppress(NoSettings):
        if context.settings.cameras:
            yield "footage", context.paths.footage_dir


def _systems(context: Context) -> Iterator[tuple[str, FileSystem]]:
    """Each file system once, with what is kept on it."""
    found: dict[str, tuple[list[str], FileSystem]] = {}
    for name, folder in folders(context):
        system = context.machine.file_system(folder)
        found.setdefault(system.device, ([], system))[0].append(name)
    for names, system in found.values():
        yield " and ".join(names), system


def _of_one(context: Context, names: str, system: FileSystem) -> Iterator[Finding]:
    name = context.machine.device_name(system.device)
    errors = context.machine.text(f"sys/fs/ext4/{name}/errors_count") or "0"
    if errors.isdecimal() and int(errors):
        yield fault(
            PART,
            f"the file system of {names} ({name}) has found {errors} errors in itself",
            "back up; have it checked at a start (fsck.mode=force in cmdline.txt); change it if more come",
        )
    if system.read_only:
        yield fault(
            PART,
            f"the disk of {names} can only be read: nothing is recorded, and no card opens the door",
            "`dmesg` says why; a memory card that fails does this for good: change it",
        )
        return
    room = f"{_size(system.free)} of {_size(system.total)} free"
    if system.free < NONE_LEFT:
        yield fault(PART, f"the disk of {names} is full: {room}", MAKE_ROOM)
    elif system.free < system.total * LITTLE:
        yield hint(PART, f"there is little room on the disk of {names}: {room}", MAKE_ROOM)
    else:
        yield ok(PART, f"the disk of {names} has {room}")
    if system.files_free is not None and system.files_free < FEW_FILES:
        yield fault(
            PART,
            f"the disk of {names} takes only {system.files_free} more files",
            "remove small files in numbers",
        )


def _reserves(context: Context) -> Iterator[Finding]:
    """The room that is kept for journals when the disk is full, and given up then."""
    for service in JOURNALS:
        file = context.paths.reserve(service)
        try:
            given_up = not file.stat().st_size
        except FileNotFoundError:
            continue  # the service has not begun
        except OSError as error:
            yield unknown(PART, f"{file}: {error.strerror}", "run it as root")
            return
        if given_up:
            yield fault(PART, f"the room kept for the records of {service} is used up", MAKE_ROOM)


def _journal(context: Context) -> Iterator[Finding]:
    try:
        answer = context.door
    except NoSettings:
        return
    if answer is not None and not answer.journal:
        yield fault(
            PART,
            "the door cannot write its journal: cards are refused or let in as journal.on_failure says",
            "make room, or look at `dmesg` for a disk that fails",
        )


def _stalls(context: Context) -> Iterator[Finding]:
    """Grants that waited for the journal in vain."""
    since_us = context.now.wall_us - LOOKED_BACK_US
    late = [
        event
        for event in context.journal("door").since(since_us, (EventType.ACCESS_OUTCOME,))
        if event.data.get("reason") == Reason.JOURNAL_UNAVAILABLE.value
    ]
    if late:
        yield hint(
            PART,
            f"in a day the door could not write its journal in time {many(len(late), 'time')}, and did as "
            "journal.on_failure says",
            "a worn memory card stalls, so does a full disk: see wear; `dmesg` may say more",
        )


def _footage(context: Context) -> Iterator[Finding]:
    with suppress(NoSettings):
        if not context.settings.cameras:
            return
        for state in context.journals["recorder"].all_of(FootageState):
            if state.full:
                yield fault(
                    PART,
                    "the footage disk is full: nothing is recorded",
                    "fit a larger disk, or record less; footage that is held stays (`unlocked hold list`)",
                )
            elif isinstance(state.days_left, int) and state.days_left <= SOON_DAYS:
                yield hint(
                    PART,
                    f"by the last forecast the footage disk is full in {state.days_left} days",
                    "fit a larger disk, record less, or see what is held (`unlocked hold list`)",
                )
            if state.overdue:
                yield fault(
                    PART,
                    f"{state.overdue} recorded files should have been destroyed and are still there",
                    "`journalctl -u unlocked-recorder` says why",
                )


def _size(size: int) -> str:
    return f"{size / GIGABYTE:.1f} GB" if size >= GIGABYTE else f"{size // MEGABYTE} MB"
