"""What became of backups, journalled: whoever makes one leaves a report, and may not write this journal.

Never here: making one, and what it means that none came (``core.states.backup``).
"""

from __future__ import annotations

import logging
from pathlib import Path

from controller.backup import report
from controller.core.event import EventType, NewEvent, Stamp
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_rows import Rows

LOOK_US = 10_000_000
"""How soon a new report is journalled."""
TYPES = (EventType.BACKUP_MADE, EventType.BACKUP_FAILED)

log = logging.getLogger(__name__)


class Backups:
    """For the journal's thread. folder: where the report is."""

    def __init__(self, journal: Journal, folder: Path, site: str) -> None:
        self._journal = journal
        self._folder = folder
        self._site = site
        self._next_us = 0
        self._told_us: int | None = None

    def look(self, now: Stamp) -> bool:
        """Journal the last report, unless that was done; False: nothing is left to do at once."""
        if now.mono_us < self._next_us:
            return False
        self._next_us = now.mono_us + LOOK_US
        try:
            found = report.read(self._folder)
            if found is not None and found.wall_us != self._told_us:
                if not self._journal.read(lambda rows: _told(rows, found.wall_us)):
                    self._journal.append([NewEvent(found.type, self._site, now, found.data)])
                self._told_us = found.wall_us
        except (ValueError, OSError, JournalUnavailable) as error:
            log.warning("what became of the last backup is not journalled: %s", error)
        return False


def _told(rows: Rows, at_us: int) -> bool:
    return any(rows.told(type, "at_us", at_us) for type in TYPES)
