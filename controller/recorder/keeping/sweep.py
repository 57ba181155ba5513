"""One sweep over what is old: of that, what is due and not held is destroyed, batch by batch.

A step takes one batch at most, so that whoever steps can see to other things in between. After ``limit``
segments a sweep is over all the same: what is left is for the next one, soon after. What was looked at and
stays is not looked at again, however much of it is held.
Never here: how a batch is destroyed (``disposal``), whether the clock is trusted, and when to sweep
(``keeper``).
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import DAY_US
from controller.core.retention.footage import Verdict, must_be_gone_by_us
from controller.recorder.keeping.disposal import BATCH, Disposal
from controller.store.footage import Segment

PAGE = 150
"""Rows that are read at once: somewhat more than a batch, for some are held."""
PAGES = 8
"""What a step reads at most: months of held footage are passed over in many steps."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. overdue: still there although they must be gone, and not held. limited: more is due.

    Footage dated in the future counts as overdue: nobody knows how old it is.
    """

    destroyed: int
    held: int
    overdue: int
    limited: bool = False


@dataclass(slots=True)
class ToldHeld:
    """What was told last of footage that is held: how much, and how much of it each hold keeps.

    None: something else was told since.
    """

    last: tuple[int, Counter[str]] | None = field(default_factory=lambda: (0, Counter()))


class Sweep:
    """limit: how many segments are destroyed at most. told: of earlier sweeps. Used by the acting thread."""

    def __init__(self, disposal: Disposal, limit: int, told: ToldHeld | None = None) -> None:
        self._disposal = disposal
        self._limit = limit
        self._told = ToldHeld() if told is None else told
        self._after: tuple[int, str] | None = None
        self._destroyed = 0
        self._held = 0
        self._held_by: Counter[str] = Counter()
        self._overdue: list[int] = []

    def step(self, now: Stamp) -> Swept | None:
        """Destroy a batch; what the sweep did if that was the last. ``now`` must be trusted.

        Raises JournalUnavailable, DatabaseUnusable, OSError; then begin another sweep later.
        """
        if self._after is None:
            self._take_up_what_was_left(now)
            return None
        batch, over = self._batch(now)
        if batch:
            done = self._disposal.destroy(batch, now)
            self._destroyed += done.destroyed
            self._held += done.spared
            self._held_by.update(done.held_by)
            self._stays(done.failed, now)
            if done.failed and not done.destroyed:
                over = True  # a disk that became read-only: no use in asking it for everything
        if self._destroyed >= self._limit and not over:
            return Swept(self._destroyed, self._held, len(self._overdue), limited=True)
        return self._end(now) if over else None

    def _take_up_what_was_left(self, now: Stamp) -> None:
        """Finish what a crash ended, and unmark what no disposal is destroying."""
        footage = self._disposal.footage
        done = self._disposal.finish(now)
        self._destroyed = done.destroyed
        footage.unmark([row.id for row in footage.deleting()])
        self._after = (0, "")

    def _batch(self, now: Stamp) -> tuple[list[Segment], bool]:
        """The next that are due, and whether there is nothing old after them."""
        disposal, held = self._disposal, self._disposal.held()
        before_us = now.wall_us - disposal.rule.days * DAY_US + 1
        due: list[Segment] = []
        room = max(1, min(BATCH, self._limit - self._destroyed))
        for _ in range(PAGES):
            page = disposal.footage.ended_before(before_us, PAGE, self._after or (0, ""))
            for segment in page:
                self._after = (segment.end_us, segment.id)
                if held.verdict(segment, disposal.rule, now.wall_us) is Verdict.DUE:
                    due.append(segment)
                    if len(due) == room:
                        return due, False
                else:
                    self._held += 1
                    self._held_by.update(held.keepers(segment, now.wall_us))
            if len(page) < PAGE:
                return due, True
        return due, False

    def _stays(self, failed: tuple[Segment, ...], now: Stamp) -> None:
        self._overdue += [one.start_us for one in failed if now.wall_us > must_be_gone_by_us(one.start_us)]

    def _end(self, now: Stamp) -> Swept:
        self._tell_held(now)
        future = self._disposal.footage.ended_after(now.wall_us + DAY_US)
        if self._overdue or future:
            data: dict[str, JsonValue] = {
                "category": "footage",
                "count": len(self._overdue) + len(future),
                "oldest_start_us": min(self._overdue, default=future[0].start_us if future else 0),
                "in_future": len(future),
                "cause": "left",
            }
            self._append(EventType.RETENTION_OVERDUE, data, now)
        return Swept(self._destroyed, self._held, len(self._overdue) + len(future))

    def _tell_held(self, now: Stamp) -> None:
        """Which hold or restriction keeps how much, where that is news."""
        held = self._held, self._held_by
        if held == self._told.last:
            return
        self._told.last = held
        data: dict[str, JsonValue] = {
            "category": "footage",
            "count": self._held,
            "held_by": dict(sorted(self._held_by.items())),
        }
        self._append(EventType.RETENTION_HELD, data, now)

    def _append(self, type: EventType, data: dict[str, JsonValue], now: Stamp) -> None:
        self._disposal.journal.append([NewEvent(type, self._disposal.site, now, data)])
