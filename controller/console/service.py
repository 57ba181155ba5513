"""The keeper of what staff do: of its journal and of the registers what is due goes, and heads are signed.

Here: what is done at one moment. Never here: waiting, signals, drivers (``main``), or deciding anything. The
command line writes into the same files, beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from controller.core.event import EventType, NewEvent, Stamp
from controller.store.journal import Journal, JournalUnavailable

FIRST_BATCHES = 50
"""That are destroyed before anything is served; more than a day leaves. The rest goes meanwhile."""
TIDY_US = 10_000_000
"""How often the write-ahead log is emptied: commands fill it."""

log = logging.getLogger(__name__)


class Disposing(Protocol):
    """``JournalKeeper``, and what keeps the registers."""

    def look(self, now: Stamp) -> bool: ...


class Console:
    """For one thread. keepers: each disposes of what it keeps, a little at a time."""

    def __init__(self, journal: Journal, keepers: Sequence[Disposing]) -> None:
        self._journal = journal
        self._keepers = keepers
        self._tidy_us = 0

    def begin(self, now: Stamp) -> None:
        """Raises JournalUnavailable."""
        self._say(EventType.SERVICE_STARTED, now)
        for _ in range(FIRST_BATCHES):
            if not self._dispose(now):
                return

    def turn(self, now: Stamp) -> bool:
        """Go on; whether to call again at once."""
        more = self._dispose(now)
        try:
            self._journal.sign_head()
            if now.mono_us >= self._tidy_us:
                self._tidy_us = now.mono_us + TIDY_US
                self._journal.checkpoint()
        except JournalUnavailable as error:
            log.warning("not tidied up: %s", error)
        return more

    def end(self, now: Stamp) -> None:
        """Raises JournalUnavailable."""
        self._say(EventType.SERVICE_STOPPED, now)

    def _dispose(self, now: Stamp) -> bool:
        more = [keeper.look(now) for keeper in self._keepers]
        return any(more)

    def _say(self, type: EventType, now: Stamp) -> None:
        self._journal.append([NewEvent(type, "console", now)])
