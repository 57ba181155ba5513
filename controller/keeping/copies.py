"""Copies of a journal beside it, in which what was destroyed still stands.

A damaged journal that was moved aside is a person's to keep or to delete: it is told as overdue once all in
it would be. A backup made before a migration goes a day later: the journal has proved itself by then.
"""

from __future__ import annotations

import logging
from pathlib import Path

from controller.core.hold import DAY_US

log = logging.getLogger(__name__)


def moved_aside(journal: Path, before_us: int) -> list[Path]:
    """Damaged journals that were written last before this time."""
    found = journal.parent.glob(f"{journal.name}.damaged-*")
    return sorted(
        path for path in found if not path.name.endswith(("-wal", "-shm")) and _us(path) < before_us
    )


def drop_backup(journal: Path, now_us: int) -> None:
    """Once it is a day old. Never raises: it is tried again after the next sweep."""
    backup = journal.with_name(journal.name + ".before-migration")
    try:
        if backup.exists() and _us(backup) < now_us - DAY_US:
            backup.unlink()
    except OSError as error:
        log.warning("%s cannot be deleted: %s", backup, error.strerror)


def _us(path: Path) -> int:
    return path.stat().st_mtime_ns // 1000
