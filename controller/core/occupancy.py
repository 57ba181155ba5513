"""How many people are inside: an estimate that says how sure it is.

Here: the counting, and what each way of counting cannot see. Never here: who is inside.

Bounds are given only where something supports them:

- Counters at every door see each person who goes through, and miscount some. Both bounds are known: one in
  ``COUNTED_WRONG`` is taken to have been counted wrong, and so is everybody who left an empty building.
- Without them, the openings after a grant and the openings from inside are all there is. Whoever came in
  may have brought others, and one opening from inside may let out many: after the first opening nothing is
  known of the upper bound, and after an opening from inside only those who came in since are certain.
- A reader for leaving tells of those who leave by card that it was one.

``None``, not known, is an answer: at a start (the journal tells what happened while we ran, not while
we did not), and in staffed hours without counters. It becomes known again when the building is known to be
empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

COUNTED_WRONG = 20
"""One person in so many is taken to be counted wrong, a person at least. Cheap beams do no better."""
SUPPRESSED_BELOW = 10
ROUNDED_TO = 5
"""What is published: nothing below ten and fives above, as in official statistics of the United Kingdom."""
LOOK_LIMIT_US = 300_000_000
"""A reset that was missed by more than this is left out: who knows who came since."""


class Basis(StrEnum):
    """What the estimate rests on."""

    COUNTERS = "counters"
    READERS = "readers"
    GRANTS = "grants"


@dataclass(frozen=True, slots=True)
class Estimate:
    """People inside. high: None when nobody can say how many more there may be."""

    low: int
    likely: int
    high: int | None
    basis: Basis

    @property
    def published(self) -> int | None:
        """What may be told outside the branch; None for anything below ten, nobody included."""
        if self.likely < SUPPRESSED_BELOW:
            return None
        return (self.likely + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


class Occupancy:
    """Counts from the moment at which the building was known to be empty. Used by one thread.

    Times are microseconds of a clock that never steps.
    """

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self._known = False
        self._counted = 0
        self._likely = 0
        self._certain = 0
        self._too_many_left = 0
        self._opened = False
        self._empty_since_us: int | None = None

    @property
    def estimate(self) -> Estimate | None:
        """None: not known."""
        if not self._known:
            return None
        if self.basis is Basis.COUNTERS:
            wrong = -(-self._counted // COUNTED_WRONG) + self._too_many_left
            low, high = max(0, self._likely - wrong), self._likely + wrong
            return Estimate(low, self._likely, high, self.basis)
        return Estimate(
            min(self._certain, self._likely), self._likely, None if self._opened else 0, self.basis
        )

    def empty_for_us(self, now_us: int) -> int | None:
        """How long there has likely been nobody inside; None while there is somebody, or nobody knows."""
        return None if self._empty_since_us is None else now_us - self._empty_since_us

    def reset(self, now_us: int) -> None:
        """The building is known to be empty."""
        self._known = True
        self._counted = self._likely = self._certain = self._too_many_left = 0
        self._opened = False
        self._empty_since_us = now_us

    def lose(self) -> None:
        """Nobody knows any more."""
        self._known = False
        self._empty_since_us = None

    def came_in(self, now_us: int) -> None:
        """One was counted in, or came in by a grant."""
        self._move(1, now_us)
        self._certain += 1

    def left(self, now_us: int) -> None:
        """One was counted out, or left by card."""
        self._move(-1, now_us)
        self._certain = max(0, self._certain - 1)

    def let_out(self, now_us: int) -> None:
        """The door was opened from inside: one left, perhaps many, perhaps nobody."""
        self._move(-1, now_us)
        self._certain = 0

    def unseen(self) -> None:
        """The door was opened and nobody can say what for."""
        self._opened = True
        self._certain = 0

    def _move(self, people: int, now_us: int) -> None:
        if not self._known:
            return
        self._opened = True
        self._counted += 1
        if self._likely + people < 0:
            self._too_many_left += 1
        self._likely = max(0, self._likely + people)
        if self._likely > 0:
            self._empty_since_us = None
        elif self._empty_since_us is None:
            self._empty_since_us = now_us


class DailyReset:
    """Says when the local time of day comes at which nobody is inside. Once a day, whatever the clocks do."""

    def __init__(self, at: time) -> None:
        self._at = at
        self._before: tuple[int, datetime] | None = None
        self._done: datetime | None = None

    def due(self, wall_us: int, local: datetime) -> bool:
        """Whether it came since the last look. wall_us, local: the same moment, of a trusted clock."""
        before, self._before = self._before, (wall_us, local)
        if before is None or not 0 <= wall_us - before[0] <= LOOK_LIMIT_US:
            return False
        # By what the clock on the wall shows: an hour that it skips contains its moments all the same.
        from_local, to_local = before[1].replace(tzinfo=None), local.replace(tzinfo=None)
        for day in (from_local.date(), to_local.date()):
            moment = datetime.combine(day, self._at)
            if from_local < moment <= to_local and moment != self._done:
                self._done = moment
                return True
        return False
