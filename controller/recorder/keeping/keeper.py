"""When footage is swept, and whether there is room for more.

Used by the acting thread. Never here: how footage is destroyed (``disposal``).
"""

from __future__ import annotations

import logging
import threading

from controller.core.event import EventType, NewEvent, Stamp
from controller.recorder.books import Books
from controller.recorder.happenings import GapCause
from controller.recorder.keeping.disposal import Disposal
from controller.recorder.keeping.jump_guard import JumpGuard
from controller.recorder.keeping.redating import redate, set_right
from controller.recorder.keeping.space import Floor
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Footage
from controller.store.journal import JournalUnavailable

CHECK_US = 1_000_000
"""How often the room on the disk is measured."""
SOON_US = 60_000_000
"""How soon due footage is looked for again when a sweep failed or the disk is full."""
RETRY_FULL_US = 10_000_000
"""How long recording stays stopped at least once the disk was full."""

log = logging.getLogger(__name__)


class Keeper:
    """allowed: cleared while nothing may be recorded; set again when there is room."""

    def __init__(
        self,
        *,
        footage: Footage,
        disposal: Disposal,
        guard: JumpGuard,
        floor: Floor,
        books: Books,
        allowed: threading.Event,
        sweep_interval_us: int,
    ) -> None:
        self._footage = footage
        self._disposal = disposal
        self._guard = guard
        self._floor = floor
        self._books = books
        self._allowed = allowed
        self._sweep_interval_us = sweep_interval_us
        self._full = False
        self._retry_full_us = 0
        self._next_sweep_us = 0
        self._next_check_us = 0

    def begin(self, now: Stamp) -> None:
        """Before the first picture: sweep, then allow recording if there is room."""
        self.sweep(now)
        self._allowed.set()
        self._check_room(now)

    def look(self, now: Stamp) -> None:
        """To be called once a round. Raises JournalUnavailable, DatabaseUnusable."""
        if now.mono_us >= self._next_sweep_us:
            self.sweep(now)
        if now.mono_us >= self._next_check_us:
            self._next_check_us = now.mono_us + CHECK_US
            self._check_room(now)

    def sweep(self, now: Stamp) -> None:
        """Destroy what is due, if the time can be believed."""
        self._next_sweep_us = now.mono_us + (SOON_US if self._full else self._sweep_interval_us)
        if not now.clock_trusted:
            self._next_sweep_us = now.mono_us + CHECK_US  # it may be set at any moment
            return
        try:
            redate(self._footage, now)
            if not self._guard.steady(now):
                log.warning(
                    "the clock jumped ahead by more than a day: nothing is destroyed until it has stood a day"
                )
                return
            set_right(self._footage, now)
            swept = self._disposal.sweep(now)
        except (OSError, DatabaseUnusable, JournalUnavailable) as error:
            # Without certainty about holds or a durable record nothing is destroyed; recording goes on.
            log.error("footage that is due was not destroyed: %s", error)
            self._next_sweep_us = now.mono_us + SOON_US
            return
        if swept.overdue:
            log.error("%d segments are overdue", swept.overdue)

    def no_room(self, now: Stamp) -> None:
        """The disk is full. Held footage and what is not due stays, so nothing more is recorded."""
        self._allowed.clear()
        if self._full:
            return
        self._full = True
        self._retry_full_us = now.mono_us + RETRY_FULL_US
        self._next_sweep_us = min(self._next_sweep_us, now.mono_us + SOON_US)
        self._books.owe(
            [
                NewEvent(EventType.STORAGE_FULL, "recorder", now, {"free_mb": self._floor.free_mb()}),
                NewEvent(
                    EventType.RECORDING_STOPPED, "recorder", now, {"cause": GapCause.STORAGE_FULL.value}
                ),
            ]
        )

    def _check_room(self, now: Stamp) -> None:
        if not self._full and self._floor.reached():
            self.sweep(now)
            if self._floor.reached():
                self.no_room(now)
                self._books.catch_up()
        elif self._full and self._floor.clear() and now.mono_us >= self._retry_full_us:
            self._books.say(EventType.STORAGE_FREED, "recorder", now, {"free_mb": self._floor.free_mb()})
            self._full = False
            self._allowed.set()
