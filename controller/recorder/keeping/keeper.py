"""When footage is swept, and whether there is room for more.

A sweep goes on by one batch a round, so that nothing else waits for more than that. When the disk fills, what
is due and not held goes first, before its hour; if that makes no room, nothing more is recorded. What is held
or not yet due is never given up for room. Used by the acting thread. Never here: how footage is destroyed
(``disposal``), and what of it is old (``sweep``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import DAY_US, Category
from controller.keeping.jump_guard import JumpGuard
from controller.recorder.books import Books
from controller.recorder.happenings import GapCause
from controller.recorder.keeping.disposal import Disposal
from controller.recorder.keeping.forecasting import Forecasting
from controller.recorder.keeping.redating import redate, set_right
from controller.recorder.keeping.space import Floor
from controller.recorder.keeping.sweep import Sweep, ToldHeld
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Footage
from controller.store.footage_sums import count_before
from controller.store.journal import JournalUnavailable

CHECK_US = 1_000_000
"""How often the room on the disk is measured."""
HOUR_US = 3_600_000_000
SOON_US = 60_000_000
"""How soon due footage is looked for again when a sweep failed, left some, or the disk is full."""
RETRY_FULL_US = 10_000_000
"""How long recording stays stopped at least once the disk was full."""

log = logging.getLogger(__name__)


class Keeper:
    """allowed: cleared while nothing may be recorded; set again when there is room.

    sweep_limit: how many segments a sweep destroys at most. alive: for the watchdog.
    """

    def __init__(
        self,
        *,
        footage: Footage,
        disposal: Disposal,
        guard: JumpGuard,
        floor: Floor,
        forecasting: Forecasting,
        books: Books,
        allowed: threading.Event,
        sweep_interval_us: int,
        sweep_limit: int,
        alive: Callable[[], None],
    ) -> None:
        self._footage = footage
        self._disposal = disposal
        self._guard = guard
        self._floor = floor
        self._forecasting = forecasting
        self._books = books
        self._allowed = allowed
        self._sweep_interval_us = sweep_interval_us
        self._sweep_limit = sweep_limit
        self._alive = alive
        self._sweep: Sweep | None = None
        self._told_held = ToldHeld()
        self._alarm_us = 0
        self._more_is_due = False
        self._making_room = False
        self._full = False
        self._retry_full_us = 0
        self._next_sweep_us = 0
        self._next_check_us = 0

    @property
    def busy(self) -> bool:
        """Whether a sweep is under way, which goes on with the next ``look``."""
        return self._sweep is not None

    def begin(self, now: Stamp) -> None:
        """Before the first picture: sweep, then allow recording if there is room."""
        self._sweep_to_its_end(now)
        while self._more_is_due and self._floor.reached():
            self._sweep_to_its_end(now)
        self._allowed.set()
        if self._floor.reached():
            self.no_room(now)
            self._books.catch_up()

    def look(self, now: Stamp) -> None:
        """To be called once a round. Raises JournalUnavailable, DatabaseUnusable."""
        if self._sweep is not None:
            self._go_on(self._sweep, now)
        elif now.mono_us >= self._next_sweep_us:
            self._begin_sweep(now)
        if now.mono_us >= self._next_check_us:
            self._next_check_us = now.mono_us + CHECK_US
            self._check_room(now)
        if self._forecasting.due(now) and (foreseen := self._forecasting.look(now)) is not None:
            self._books.append([foreseen])

    # --- sweeping -----------------------------------------------------------------------------------

    def _sweep_to_its_end(self, now: Stamp) -> None:
        self._begin_sweep(now)
        while self._sweep is not None:
            self._go_on(self._sweep, now)
            self._alive()

    def _begin_sweep(self, now: Stamp) -> None:
        """Destroy from now on what is due, if the time can be believed."""
        self._next_sweep_us = now.mono_us + (SOON_US if self._full else self._sweep_interval_us)
        self._more_is_due = False
        try:
            if self._may_destroy(now):
                self._sweep = Sweep(self._disposal, self._sweep_limit, self._told_held)
        except DatabaseUnusable as error:
            self._failed(error, now)

    def _may_destroy(self, now: Stamp) -> bool:
        """Whether the time can be believed; what is dated wrongly is dated anew by it."""
        if not now.clock_trusted:
            self._next_sweep_us = now.mono_us + CHECK_US  # it may be set at any moment
            return False
        redate(self._footage, now)
        if not self._guard.steady(now):
            log.warning(
                "the clock jumped ahead by more than a day: nothing is destroyed until it has stood a day"
            )
            return False
        set_right(self._footage, now)
        return True

    def _go_on(self, sweep: Sweep, now: Stamp) -> None:
        if not now.clock_trusted or not self._guard.steady(now):
            self._sweep = None  # what was believed a moment ago is not believed now
            self._next_sweep_us = now.mono_us + CHECK_US
            return
        try:
            swept = sweep.step(now)
        except (OSError, DatabaseUnusable, JournalUnavailable) as error:
            self._failed(error, now)
            return
        if swept is None:
            return
        self._sweep = None
        if swept.limited:
            self._more_is_due = True
            self._next_sweep_us = min(self._next_sweep_us, now.mono_us + SOON_US)
            log.warning("%d segments were destroyed, and more are due: they follow soon", swept.destroyed)
        if swept.overdue:
            log.error("%d segments are overdue", swept.overdue)

    def _failed(self, error: Exception, now: Stamp) -> None:
        # Without certainty about holds or a durable record nothing is destroyed; recording goes on.
        log.error("footage that is due was not destroyed: %s", error)
        self._sweep = None
        self._next_sweep_us = now.mono_us + SOON_US
        try:
            self._tell_overdue(now)
        except (OSError, DatabaseUnusable, JournalUnavailable) as also:
            log.error("this could not be journalled: %s", also)

    def _tell_overdue(self, now: Stamp) -> None:
        """Once an hour: what should have been gone for a day, held or not, for nobody can tell now."""
        if now.mono_us < self._alarm_us or not now.clock_trusted:
            return
        before_us = now.wall_us - (self._disposal.rule.days + 1) * DAY_US
        count, oldest_us = self._footage.transact(lambda connection: count_before(connection, before_us))
        if count:
            data: dict[str, JsonValue] = {
                "category": Category.FOOTAGE.value,
                "count": count,
                "oldest_start_us": oldest_us,
                "in_future": 0,
                "cause": "failed",
            }
            self._books.say(EventType.RETENTION_OVERDUE, self._disposal.site, now, data)
            self._told_held.last = None  # the next sweep that comes to its end says that this is over
        self._alarm_us = now.mono_us + HOUR_US

    # --- room on the disk -----------------------------------------------------------------------------

    def no_room(self, now: Stamp) -> None:
        """The disk is full. Held footage and what is not due stays, so nothing more is recorded."""
        self._allowed.clear()
        if self._full:
            return
        self._full = True
        self._making_room = False
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
        if self._full:
            if self._floor.clear() and now.mono_us >= self._retry_full_us:
                self._books.say(EventType.STORAGE_FREED, "recorder", now, {"free_mb": self._floor.free_mb()})
                self._full = False
                self._allowed.set()
        elif not self._floor.reached():
            self._making_room = False
        elif self._sweep is None:  # one that is under way may make the room yet
            if self._making_room and not self._more_is_due:
                self.no_room(now)
                self._books.catch_up()
            else:
                self._making_room = True
                self._begin_sweep(now)
                if self._sweep is None:
                    self.no_room(now)
                    self._books.catch_up()
