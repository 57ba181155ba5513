"""Searches for a card, on a thread of their own, one at a time: their progress, and what they found.

What was found stays in memory for as long as the key session does. Never here: pages, or how a search is done
(``staff.naming.search``).
"""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from controller.secrets.identity import BoxNotOpened
from controller.staff.naming.search import Found, search
from controller.staff.refusal import Refused
from controller.store.engine import DatabaseUnusable
from controller.store.journal import JournalUnavailable

if TYPE_CHECKING:
    from controller.console.naming.key_sessions import KeySession, KeySessions
    from controller.staff.naming.case import Case

PAUSE_BOXES = 10
PAUSE_S = 0.002
"""Ten boxes take a millisecond: a third of a processor, and pages are answered in between."""
CHECK_BOXES = 1000
"""After so many it is looked whether whoever searches still may."""
KEPT = 8
"""Searches of one session whose results are kept; the oldest goes first."""

log = logging.getLogger(__name__)


class Busy(Refused):
    def __init__(self) -> None:
        super().__init__(
            "somebody is searching already: one search goes on at a time; try again when it is done"
        )


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class CardSearch:
    """tried of total: sealed cards. said: why it failed. began_us: wall time."""

    id: str
    session: KeySession
    case: Case
    began_us: int
    card: bytes = field(repr=False)
    tried: int = 0
    total: int = 0
    state: State = State.RUNNING
    found: Found | None = None
    said: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def percent(self) -> int:
        return 100 * self.tried // self.total if self.total else 0


class Searches:
    """For any number of threads."""

    def __init__(self, sessions: KeySessions) -> None:
        self._sessions = sessions
        self._searches: dict[str, CardSearch] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, case: Case, session: KeySession, card: bytes) -> CardSearch:
        """Raises Busy."""
        began = case.journal.now().wall_us
        started = CardSearch(secrets.token_urlsafe(12), session, case, began, card)
        with self._lock:
            self._drop()
            if any(one.state is State.RUNNING for one in self._searches.values()):
                raise Busy
            self._searches[started.id] = started
            self._thread = threading.Thread(
                target=self._run, args=(started,), name="card search", daemon=True
            )
            self._thread.start()
        return started

    def find(self, search_id: str, session: KeySession | None) -> CardSearch | None:
        """The search, if it is of this key session."""
        with self._lock:
            self._drop()
            found = self._searches.get(search_id)
            return found if found is not None and found.session is session else None

    def of(self, session: KeySession) -> list[CardSearch]:
        """Of a key session, newest first."""
        with self._lock:
            self._drop()
            return [one for one in reversed(self._searches.values()) if one.session is session]

    def close(self) -> None:
        """End what goes on, and wait a moment until that is journalled."""
        with self._lock:
            for one in self._searches.values():
                one.cancelled.set()
            thread = self._thread
        if thread is not None:
            thread.join(2)

    def _drop(self) -> None:
        """What nobody may read any more, and what is too much."""
        for one in [one for one in self._searches.values() if one.session.over]:
            if one.state is not State.RUNNING:
                del self._searches[one.id]
        done = [one.id for one in self._searches.values() if one.state is not State.RUNNING]
        for search_id in done[: max(0, len(done) - KEPT)]:
            del self._searches[search_id]

    def _run(self, one: CardSearch) -> None:
        def tell(tried: int, total: int) -> bool:
            one.tried, one.total = tried, total
            if tried % PAUSE_BOXES == 0:
                one.cancelled.wait(PAUSE_S)
            if tried % CHECK_BOXES == 0:
                self._sessions.forget()
            return not (one.cancelled.is_set() or one.session.over)

        try:
            with self._sessions.use(one.session) as keys:
                one.found = search(one.case, keys, one.card, tell)
            one.state = State.CANCELLED if one.found.cancelled else State.DONE
        except (Refused, BoxNotOpened, DatabaseUnusable, JournalUnavailable) as error:
            log.warning("a search for a card failed: %s", error)
            one.said = str(error)
        finally:
            one.card = b""
            if one.state is State.RUNNING:
                one.state = State.FAILED
