"""The thread that writes the door's journal, so that nobody at the door waits longer than allowed.

Events are written in the order in which they were handed over, and none is skipped: when the journal
cannot be written they wait here, and every new one is another try. The acting thread holds a ``Ticket``
for each and may wait for it. Never here: what an event says.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from controller.core.event import Event, NewEvent, Stamp
from controller.store.journal import JournalUnavailable

log = logging.getLogger(__name__)

TOGETHER = 64
"""Events that share a transaction, at most."""
QUEUE_LIMIT = 10_000
"""Events that wait in memory for a journal that cannot be written; what comes after them is counted only."""
RETRY_S = 0.5
REOPEN_AFTER = 10
"""Tries that failed in a row, after which the journal is closed and opened anew: it may be damaged."""
IDLE_S = 2.0
"""Without new events for this long, the journal is checkpointed: never while somebody may be waiting."""
SIGN_AFTER = 64
"""Events after which a head is signed also at a door that is never idle."""
DISPOSAL_SHARE = 0.01
"""Of this thread's time, for events that are due: few of those who come meanwhile wait for a batch."""
DISPOSAL_PAUSE_S = (0.2, 30.0)
"""Between two batches of them, and after an event, which others often follow: at least, and at most."""
BUSY_EVENTS = 5_000
"""A door that is never idle is checkpointed after so many events all the same."""


class Journal(Protocol):
    """What is used of ``KeptJournal``; all of it by the writer's thread."""

    def append(self, events: Sequence[NewEvent]) -> list[Event]: ...

    def checkpoint(self) -> bool: ...

    def sign_head(self) -> bool: ...

    def dispose(self, now: Stamp, waited_for: Callable[[], bool]) -> bool: ...

    def close(self) -> None: ...


class Ticket:
    """An event on its way to the journal. event: as it was written, None until then. lost: never will be."""

    __slots__ = ("_about", "_new", "_tried", "event", "lost")

    def __init__(self, new: NewEvent, about: tuple[str, Ticket] | None) -> None:
        self.event: Event | None = None
        self.lost = False
        self._new = new
        self._about = about
        self._tried = threading.Event()

    def settled(self, within_s: float) -> bool:
        """Wait until it was written or could not be, at most ``within_s`` seconds; whether it was either."""
        return self._tried.wait(within_s)

    @property
    def ready(self) -> bool:
        """Whether the event it names has its id by now, or will never have one."""
        return self._about is None or self._about[1].event is not None or self._about[1].lost

    @property
    def new(self) -> NewEvent:
        """The event to write, with the id of the event it is about; None for one that was lost."""
        if self._about is None:
            return self._new
        field, ticket = self._about
        if ticket.event is None and not ticket.lost:
            raise LookupError("the event it is about has no id yet")
        return replace(self._new, data={**self._new.data, field: ticket.event.id if ticket.event else None})

    def tried(self, event: Event | None) -> None:
        self.event = event
        self._tried.set()


class JournalWriter:
    """Opens the journal on its own thread, by construction; one that is not available is tried again later.

    Raises whatever else ``open_journal`` raises: a secret may be missing.

    broken: called on the writer's thread if it ends by an error that it does not know; it may only enqueue.
    """

    def __init__(self, open_journal: Callable[[], Journal], broken: Callable[[Exception], None]) -> None:
        self._open_journal = open_journal
        self._broken = broken
        self._changed = threading.Condition()
        self._waiting: deque[Ticket] = deque()
        self._lost = 0
        self._available = self._signed = True
        self._closing = False
        self._opened = threading.Event()
        self._failure: Exception | None = None
        self._journal: Journal | None = None
        self._now: Stamp | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()
        self._opened.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def available(self) -> bool:
        """Whether the last try to write succeeded."""
        return self._available

    def take_lost(self) -> int:
        """How many events found no room in memory since this was last asked."""
        with self._changed:
            lost, self._lost = self._lost, 0
        return lost

    def write(self, event: NewEvent, about: tuple[str, Ticket] | None = None) -> Ticket:
        """Hand over an event. about: a field of its data, and the earlier event whose id is put there."""
        ticket = Ticket(event, about)
        with self._changed:
            if len(self._waiting) >= QUEUE_LIMIT:
                self._lost += 1
                ticket.lost = True
                ticket.tried(None)
            else:
                self._waiting.append(ticket)
                self._changed.notify()
        return ticket

    def may_dispose(self, now: Stamp) -> None:
        """What time it is: what is due by then may go when nobody waits."""
        self._now = now

    def close(self, within_s: float) -> bool:
        """Write what waits, once, and close the journal. Whether all was written in time."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(within_s)
        return not self._thread.is_alive() and not self._waiting

    def _run(self) -> None:
        try:
            self._open()
        except JournalUnavailable as error:
            self._failed(error)
        except Exception as error:  # noqa: BLE001 -- it is raised where the writer was made
            self._failure = error
            return
        finally:
            self._opened.set()
        try:
            self._write_until_closed()
        except Exception as error:  # noqa: BLE001 -- the acting thread ends the process with it
            self._broken(error)
        finally:
            self._close()

    def _open(self) -> Journal:
        if self._journal is None:
            self._journal = self._open_journal()
        return self._journal

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _write_until_closed(self) -> None:
        unchecked = unsigned = failures = 0
        pause_s, quiet_s = IDLE_S, 0.0
        while True:
            with self._changed:
                if not self._waiting and not self._closing:
                    self._changed.wait(pause_s)
                batch = self._batch()
                known, closing = len(self._waiting), self._closing
            quiet_s = 0.0 if known else quiet_s + pause_s
            if not batch:
                if closing:
                    return
            elif written := self._write(batch):
                unchecked += written
                unsigned += written
                failures = 0
                if pause_s == IDLE_S:  # or nothing would ever go at a door that is used every second
                    pause_s = DISPOSAL_PAUSE_S[0]
            elif closing:
                return
            else:
                failures += 1
                if failures % REOPEN_AFTER == 0:
                    self._close()
                self._await_another_try(known)
            if not batch or unsigned >= SIGN_AFTER:
                self._sign()
                unsigned = 0
            if unchecked and (quiet_s >= IDLE_S or unchecked >= BUSY_EVENTS) and self._checkpoint():
                unchecked = 0
            if not known:
                pause_s = self._dispose()

    def _batch(self) -> list[Ticket]:
        """The first tickets that can be written together: one that names another waits for its id."""
        batch: list[Ticket] = []
        for ticket in self._waiting:
            if len(batch) == TOGETHER or not ticket.ready:
                break
            batch.append(ticket)
        return batch

    def _write(self, batch: list[Ticket]) -> int:
        try:
            events = self._open().append([ticket.new for ticket in batch])
        except JournalUnavailable as error:
            self._failed(error)
            return 0
        if not self._available:
            log.info("the journal can be written again")
        self._available = True
        with self._changed:
            for ticket, event in zip(batch, events, strict=True):
                ticket.tried(event)
                self._waiting.popleft()
        return len(batch)

    def _failed(self, error: JournalUnavailable) -> None:
        if self._available:
            log.error("the journal cannot be written, events wait in memory: %s", error)
        self._available = False
        with self._changed:
            for ticket in self._waiting:
                ticket.tried(None)

    def _sign(self) -> None:
        """Those who waited for their events have them by now; signing waits for no disk."""
        if self._journal is None or not self._available:
            return
        try:
            self._journal.sign_head()
            self._signed = True
        except JournalUnavailable as error:
            if self._signed:
                log.warning("the journal's head is not signed: %s", error)
            self._signed = False

    def _dispose(self) -> float:
        """Nobody has come for a while: a little of what is due goes. For how long then to wait for others."""
        if self._now is None or self._journal is None or not self._available:
            return IDLE_S
        began_s = time.perf_counter()
        more = self._journal.dispose(self._now, lambda: bool(self._waiting) or self._closing)
        took_s = time.perf_counter() - began_s
        least_s, most_s = DISPOSAL_PAUSE_S
        return min(most_s, max(least_s, took_s / DISPOSAL_SHARE)) if more else IDLE_S

    def _checkpoint(self) -> bool:
        try:
            return self._open().checkpoint()
        except JournalUnavailable as error:
            log.warning("the journal's write-ahead log was not emptied: %s", error)
            return False

    def _await_another_try(self, known: int) -> None:
        """Until somebody hands over another event or closes, and at most RETRY_S seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or len(self._waiting) > known, RETRY_S)
