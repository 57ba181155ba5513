"""When an owner's journal is looked through for what is due, and what is told of what stays.

Once an hour, page by page, of which a look takes one, so that nothing else on the journal's thread waits for
more than that. A clock that is not trusted, or has jumped ahead, destroys nothing. At the end what is still
there is looked through again: what is overdue raises an alarm, what is held is told with its holds.
Never here: how rows are destroyed (``journal_disposal``), and what is due (``edge_rules``).
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import DAY_US
from controller.keeping.copies import drop_backup, moved_aside
from controller.keeping.edge_rules import ACCESS_LOG_DAYS
from controller.keeping.journal_disposal import JournalDisposal, Page
from controller.keeping.jump_guard import JournalGuard
from controller.keeping.lasting_events import TYPES
from controller.store.engine import DatabaseUnusable
from controller.store.journal import JournalUnavailable

HOUR_US = 3_600_000_000
SOON_US = 60_000_000
"""How soon a sweep that failed is tried again."""
CLOCK_US = 1_000_000
"""How soon an untrusted clock is looked at again: it may be set at any moment."""
LOG_US = 5_000_000
"""How soon a write-ahead log is to be emptied again where a reader was in the way."""
BATCHES_A_LOG = 20
"""After so many batches it is emptied although the sweep goes on."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Sweep:
    """began_us: wall time. before_us: what happened before is due. last: the highest number that can be.

    after: looked at so far. leaving: what is due has gone, and what is still there is being counted.
    """

    began_us: int
    before_us: int
    last: int
    after: int = 0
    leaving: bool = False
    held: int = 0
    held_by: Counter[str] = field(default_factory=Counter)
    overdue: int = 0
    oldest_us: int = 0


class JournalKeeper:
    """For the journal's thread. interval_us: from one sweep to the next."""

    def __init__(self, disposal: JournalDisposal, interval_us: int = HOUR_US) -> None:
        self._disposal = disposal
        self._journal = disposal.journal
        self._interval_us = interval_us
        self._guard = JournalGuard(disposal.journal)
        self._sweep: _Sweep | None = None
        self._next_us = 0
        self._alarm_us = 0
        self._told: tuple[int, Counter[str]] = (0, Counter())
        self._batches = 0
        self._log_us = 0

    def look(self, now: Stamp) -> bool:
        """Go on with what is due, if it is time; whether to call again at once.

        What a full disk, a lost register or a locked file raise is logged, and all that is due tried again.
        """
        try:
            return self._look(now)
        except (DatabaseUnusable, JournalUnavailable) as error:
            log.error("events that are due were not destroyed: %s", error)
            self._sweep = None
            self._next_us = now.mono_us + SOON_US
        try:
            self._tell_failure(now)
        except (DatabaseUnusable, JournalUnavailable) as error:
            log.error("this could not be journalled: %s", error)
        return False

    def sweep(self, now: Stamp) -> None:
        """All that is due by now. For a start, before anything is served."""
        while self.look(now):
            pass

    def _look(self, now: Stamp) -> bool:
        if self._sweep is None:
            if now.mono_us >= self._next_us:
                self._sweep = self._begin(now)
            elif self._batches and now.mono_us >= self._log_us:
                self._empty_log(now)
            return self._sweep is not None
        if not self._guard.steady(now):
            self._sweep = None  # what was believed a moment ago is not believed now
            self._next_us = now.mono_us + CLOCK_US
            return False
        if self._batches >= BATCHES_A_LOG and now.mono_us >= self._log_us:
            self._empty_log(now)
        if not self._sweep.leaving:
            self._go_on(self._sweep, now)
            return True
        if self._count(self._sweep, now):
            return True
        self._end(self._sweep, now)
        self._sweep = None
        return False

    # --- a sweep --------------------------------------------------------------------------------------

    def _begin(self, now: Stamp) -> _Sweep | None:
        self._next_us = now.mono_us + (self._interval_us if now.clock_trusted else CLOCK_US)
        if not now.clock_trusted:
            return None
        if not self._guard.steady(now):
            log.warning(
                "the clock jumped ahead by more than a day: nothing is destroyed until it has stood a day"
            )
            return None
        before_us = self._disposal.rule.due_before_us(now.wall_us)
        if before_us is None:
            if self._disposal.rule.unreadable:
                self._tell_without_policy(now)
            return None
        sweep = _Sweep(now.wall_us, before_us, self._journal.read(lambda rows: rows.last_before(before_us)))
        for started in self._disposal.unfinished():
            self._disposal.finish(started, before_us, now)
            self._batches += 1
        return sweep

    def _go_on(self, sweep: _Sweep, now: Stamp) -> None:
        """Destroy what is due of the next page."""
        page = self._page(sweep, now.wall_us)
        if page.due:
            sweep.after = self._destroy(sweep, page, now)
        elif page.upto < sweep.last:
            sweep.after = page.upto
        else:
            sweep.after, sweep.leaving = 0, True

    def _count(self, sweep: _Sweep, now: Stamp) -> bool:
        """What of the next page is still there; whether pages are left."""
        # A hold whose time runs out meanwhile protected while the sweep could have acted.
        page = self._page(sweep, sweep.began_us)
        if page.due:
            # What held until a moment ago, such as the last event of its sort, and what was passed over.
            if self._destroy(sweep, page, now) < page.upto:
                return True
            page = self._page(sweep, sweep.began_us)
        sweep.after = page.upto
        sweep.held += page.held
        sweep.held_by.update(page.held_by)
        times = [one.happened_us for one in page.due if one.happened_us is not None]
        sweep.overdue += len(times)
        sweep.oldest_us = min(filter(None, (sweep.oldest_us, *times)), default=0)
        return sweep.after < sweep.last

    def _page(self, sweep: _Sweep, now_us: int) -> Page:
        return self._journal.read(
            lambda rows: self._disposal.look(rows, sweep.before_us, now_us).page(sweep.after, sweep.last)
        )

    def _destroy(self, sweep: _Sweep, page: Page, now: Stamp) -> int:
        """Up to which number it was done."""
        cut_at = self._disposal.destroy(page.due, sweep.before_us, now)
        self._batches += 1
        return page.upto if cut_at is None else cut_at

    def _end(self, sweep: _Sweep, now: Stamp) -> None:
        if self._batches:
            self._empty_log(now)
        in_future = self._journal.read(lambda rows: rows.count_after(now.wall_us + DAY_US))
        if sweep.overdue or in_future:
            log.error("%d events are overdue, and %d are dated in the future", sweep.overdue, in_future)
            self._tell_overdue(now, sweep.overdue, sweep.oldest_us, in_future, "left")
        if copies := moved_aside(self._journal.path, sweep.before_us):
            log.error("all that is in %s is overdue: delete it", ", ".join(map(str, copies)))
            self._tell_overdue(now, len(copies), 0, 0, "moved_aside")
        drop_backup(self._journal.path, now.wall_us)
        if (sweep.held, sweep.held_by) != self._told:
            self._told = (sweep.held, sweep.held_by)
            data: dict[str, JsonValue] = {
                "category": self._disposal.rule.category.value,
                "count": sweep.held,
                "held_by": dict(sorted(sweep.held_by.items())),
            }
            self._journal.append([NewEvent(EventType.RETENTION_HELD, self._disposal.site, now, data)])

    # --- what is told, and the log --------------------------------------------------------------------

    def _tell_failure(self, now: Stamp) -> None:
        """Once an hour: what should have been gone for a day."""
        if now.mono_us < self._alarm_us or not now.clock_trusted:
            return
        before_us = self._disposal.rule.due_before_us(now.wall_us - DAY_US)
        if before_us is None:
            return
        count, oldest_us = self._journal.read(lambda rows: rows.count_before(before_us, TYPES))
        if count:
            log.error("%d events are overdue", count)
            self._tell_overdue(now, count, oldest_us, 0, "failed")
        self._alarm_us = now.mono_us + HOUR_US

    def _tell_without_policy(self, now: Stamp) -> None:
        """What is older than a door's events ever are where no profile was chosen."""
        before_us = now.wall_us - ACCESS_LOG_DAYS * DAY_US
        count, oldest_us = self._journal.read(lambda rows: rows.count_before(before_us, TYPES))
        if count:
            log.error("%d events may be overdue: the policy profile cannot be read", count)
            self._tell_overdue(now, count, oldest_us, 0, "policy")

    def _tell_overdue(self, now: Stamp, count: int, oldest_us: int, in_future: int, cause: str) -> None:
        data: dict[str, JsonValue] = {
            "category": self._disposal.rule.category.value,
            "count": count + in_future,
            "oldest_start_us": oldest_us,
            "in_future": in_future,
            "cause": cause,
        }
        self._journal.append([NewEvent(EventType.RETENTION_OVERDUE, self._disposal.site, now, data)])

    def _empty_log(self, now: Stamp) -> None:
        """Only now is what was destroyed gone from the disk as well."""
        if self._journal.checkpoint():
            self._batches = 0
        self._log_us = now.mono_us + LOG_US
