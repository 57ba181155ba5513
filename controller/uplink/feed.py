"""One journal on its way out: its reader, its outbox and its saved position.

Here: joining the three. Never here: the broker. A journal may not be there yet, may be unreadable for a
while, and may begin anew under another id; none of that disturbs the other journals.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from controller.core.event import Event
from controller.core.protection import hidden
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.position import Position, Positions
from controller.uplink.outbox import Outbox, Pace

PAGE = 100
"""Events read at once; they are forgotten again when the outbox begins again."""

log = logging.getLogger(__name__)


class Feed:
    """service: whose journal it is. journal_id: empty until there is one; ``outbox`` belongs to it.

    restricted: the ids of events that are passed over, as of now, with what is tied to them.
    """

    def __init__(
        self,
        service: str,
        reader: JournalReader,
        positions: Positions,
        *,
        needs_receiver: bool,
        pace: Pace,
        restricted: Callable[[], frozenset[str]],
    ) -> None:
        self.service = service
        self.journal_id = ""
        self.outbox = Outbox(0, 0, needs_receiver, pace)
        self._reader = reader
        self._positions = positions
        self._needs_receiver = needs_receiver
        self._pace = pace
        self._restricted = restricted
        self._saved = Position()
        self._page: deque[Event] = deque()
        self._page_of_turn = 0
        self._read_up_to = 0
        self._may_have_more = False
        self._trouble = ""

    def poll(self, now_us: int) -> None:
        """Look for new events, a new journal and a rewind; save the position; mind the receiver's silence."""
        try:
            if self._reader.changed():
                self._may_have_more = True
                self._follow(self._reader.journal_id)
            if self.journal_id:
                self._save()
        except JournalMissing:
            return
        except DatabaseUnusable as error:
            self._say(str(error))
            return
        self._say("")
        if self.outbox.receiver_is_silent(now_us):
            log.info("%s: no acknowledgement after %d: sending again", self.service, self.outbox.received)
            self.outbox.begin_again()

    def _follow(self, journal_id: str) -> None:
        if journal_id == self.journal_id:
            return
        self._saved = self._positions.get(journal_id)
        self.journal_id = journal_id
        self.outbox = Outbox(self._saved.sent, self._saved.received, self._needs_receiver, self._pace)
        self._page.clear()
        self._read_up_to = 0

    def _save(self) -> None:
        stored = self._positions.get(self.journal_id)
        if stored.rewinds == self._saved.rewinds:
            reached = Position(self.outbox.sent, self.outbox.received, stored.rewinds)
            if reached == self._saved or self._positions.advance(self.journal_id, reached):
                self._saved = reached
                return
            stored = self._positions.get(self.journal_id)  # rewound at this very moment
        log.info("%s: sending again from %d", self.service, stored.sent)
        self._saved = stored
        self.outbox.rewind(stored.sent, stored.received)

    def next_event(self, now_us: int) -> Event | None:
        """What may be published now; say ``outbox.published`` if it was."""
        if not self.journal_id or not self.outbox.may_publish(now_us):
            return None
        if self._page_of_turn != self.outbox.turn:
            self._page.clear()
            self._page_of_turn = self.outbox.turn
            self._read_up_to = 0
            self._may_have_more = True
        while self._page and self._page[0].seq <= self.outbox.cursor:
            self._page.popleft()
        while not self._page and self._may_have_more:
            self._read()
        return self._page[0] if self._page else None

    def _read(self) -> None:
        try:
            page = self._reader.read(max(self.outbox.cursor, self._read_up_to), PAGE)
            if self._reader.journal_id != self.journal_id:
                self._may_have_more = False
                return  # replaced between two polls; the next one follows it
        except DatabaseUnusable as error:
            self._say(str(error))
            page = []
        if page:
            self._read_up_to = page[-1].seq
        restricted = self._restricted()
        self._page.extend(event for event in page if not hidden(event, restricted))
        self._may_have_more = bool(page)

    def close(self) -> None:
        """Save the position and let go of the journal."""
        try:
            if self.journal_id:
                self._save()
        except DatabaseUnusable as error:
            self._say(str(error))
        self._reader.close()

    def _say(self, trouble: str) -> None:
        """Log a trouble once, and its end once."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("%s: %s", self.service, trouble or "readable again")
