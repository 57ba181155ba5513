"""Backups: are they set up, and how old is the last? Never here: opening one."""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.event import EventType
from controller.core.states.backup import HOUR_US, BackupState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok
from controller.store.engine import DatabaseMissing

PART = "backups"
MAKE = "`systemctl start unlocked-backup`, and `journalctl -u unlocked-backup` where it fails"


def look(context: Context) -> Iterator[Finding]:
    backup = context.settings.backup
    if backup is None:
        yield hint(
            PART,
            "none are made: with the disk goes all that was journalled, and every hold",
            "set up [backup] (docs/backup.md)",
        )
        return
    state = _state(context)
    if state.failed:
        yield fault(PART, f"the last was not made: {state.why}", MAKE)
    if state.made_us is None:
        yield fault(PART, "none was ever made", MAKE)
        return
    now_us = context.now.wall_us
    age = f"the last is {(now_us - state.made_us) // HOUR_US} h old"
    if state.late(now_us, backup.late_after_h):
        yield fault(PART, f"{age}, and one is expected every {backup.late_after_h} h", MAKE)
    else:
        yield ok(PART, age)


def _state(context: Context) -> BackupState:
    """By the last of each, however long ago."""
    journal = context.journal("console")
    try:
        found = [journal.last(type) for type in (EventType.BACKUP_MADE, EventType.BACKUP_FAILED)]
    except DatabaseMissing:
        return BackupState()
    state = BackupState()
    for event in sorted((one for one in found if one is not None), key=lambda one: one.seq):
        state = state.after(event)
    return state
