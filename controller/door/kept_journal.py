"""The door's journal with what disposes of its events: both belong to the thread that writes it.

Never here: what is due (``keeping``), and when that thread has time for it (``journal_writer``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from controller.core.event import Event, NewEvent, Stamp
from controller.keeping.journal_disposal import nobody_waits
from controller.keeping.journal_keeper import JournalKeeper
from controller.store.journal import Journal

WaitedFor = Callable[[], bool]
MakeKeeper = Callable[[Journal, ExitStack, WaitedFor], JournalKeeper]

log = logging.getLogger(__name__)


class KeptJournal:
    """keeper: makes what disposes of the journal; it is told how to ask whether somebody waits, and what
    it opens is closed with the journal. None: nothing does.
    """

    def __init__(self, journal: Journal, keeper: MakeKeeper | None = None) -> None:
        self._journal = journal
        self._closing = ExitStack()
        self._waited_for: WaitedFor = nobody_waits
        self._keeper = None if keeper is None else keeper(journal, self._closing, lambda: self._waited_for())

    def append(self, events: Sequence[NewEvent]) -> list[Event]:
        return self._journal.append(events)

    def checkpoint(self) -> bool:
        return self._journal.checkpoint()

    def sign_head(self) -> bool:
        return self._journal.sign_head()

    def dispose(self, now: Stamp, waited_for: WaitedFor) -> bool:
        """A little of what is due by then; whether there is more to do. waited_for: ends it early.

        Never raises: a door whose journal cannot be disposed of still opens.
        """
        if self._keeper is None:
            return False
        self._waited_for = waited_for
        try:
            return self._keeper.look(now)
        except Exception:
            log.exception("events that are due are not destroyed until the door starts again")
            self._keeper = None
            return False

    def close(self) -> None:
        self._closing.close()
        self._journal.close()
