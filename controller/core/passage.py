"""What the leaf and the counters of a door say about how a passage went, beyond "granted" and "opened".

Here: evidence that more may have happened than was granted, each piece with the moment at which it could be
seen, so that the footage of that moment can be looked at. Never here: who it was, or whether anybody did
wrong. A pushchair holds a door open, a shy leaf opens again by itself, and a counter sees a bag as a person:
evidence is a reason to look, and no more than that.

What may be judged is told by the caller: while the door may stand open (staffed hours, hold-open, fire)
nothing is. Times are microseconds of a clock that never steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from controller.core.event import EventType, JsonValue

GRACE_US = 2_000_000
"""A counter hangs behind the leaf: whom it counts within this time of the closing went through before it."""


class Opening(Enum):
    """Why the leaf opened. LEAVING: an exit request, or a card at a reader for leaving, came first.

    UNEXPECTED: nobody was granted and nobody asked. FREE: the door may stand open.
    """

    GRANTED = auto()
    LEAVING = auto()
    UNEXPECTED = auto()
    FREE = auto()


@dataclass(frozen=True, slots=True)
class Limits:
    """long_us: how long a leaf is open for one passage at most. reopened_us: how soon after its closing
    another opening belongs to the same passage."""

    long_us: int
    reopened_us: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event to write, about the last grant if ``granted``."""

    type: EventType
    data: Mapping[str, JsonValue]
    granted: bool


@dataclass(slots=True)
class _Passage:
    """One opening, and all who went through it. granted: grants that it used up."""

    opening: Opening
    opened_us: int
    granted: int
    closed_us: int | None = None
    counted_in: int = 0
    counted_out: int = 0
    said_long: bool = False


class Passages:
    """The passages of one door, one after the other. Used by one thread."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._granted = 0
        self._last: _Passage | None = None

    def granted(self) -> None:
        """Somebody may come in at the next opening; twice before it: two may."""
        self._granted += 1

    def unused(self) -> None:
        """The lock was secured again and the leaf had not moved."""
        self._granted = 0

    def opened(self, opening: Opening, now_us: int) -> tuple[Evidence, ...]:
        """The leaf opened."""
        before, last_granted = self._last, self._granted
        self._last = _Passage(opening, now_us, last_granted)
        self._granted = 0
        if opening not in (Opening.LEAVING, Opening.UNEXPECTED) or before is None or not before.granted:
            return ()
        if before.closed_us is None or now_us - before.closed_us > self._limits.reopened_us:
            return ()
        data: dict[str, JsonValue] = {
            "after_ms": (now_us - before.closed_us) // 1000,
            "asked_to_leave": opening is Opening.LEAVING,
        }
        return (Evidence(EventType.PASSAGE_REOPENED, data, granted=True),)

    def closed(self, now_us: int) -> None:
        """The leaf closed."""
        if self._last is not None and self._last.closed_us is None:
            self._last.closed_us = now_us

    def counted(self, *, inward: bool, now_us: int) -> tuple[Evidence, ...]:
        """A counter saw somebody go through."""
        last = self._last
        if last is None or last.opening is Opening.FREE:
            return ()
        if last.closed_us is not None and now_us - last.closed_us > GRACE_US:
            return ()  # with the leaf shut nobody goes through: it saw something else
        if not inward:
            last.counted_out += 1
            return ()
        last.counted_in += 1
        if last.counted_in <= last.granted:
            return ()
        # Each one beyond the grants, at the moment at which the camera saw them.
        data: dict[str, JsonValue] = {
            "granted": last.granted,
            "counted_in": last.counted_in,
            "counted_out": last.counted_out,
        }
        return (Evidence(EventType.PASSAGE_MORE_THAN_GRANTED, data, granted=last.granted > 0),)

    def due(self, now_us: int) -> tuple[Evidence, ...]:
        """Now and then: whether the leaf has been open for longer than a passage takes. Said once."""
        last = self._last
        if last is None or last.closed_us is not None or last.said_long or last.opening is Opening.FREE:
            return ()
        open_us = now_us - last.opened_us
        if open_us < self._limits.long_us:
            return ()
        last.said_long = True
        data: dict[str, JsonValue] = {"open_ms": open_us // 1000, "granted": last.granted}
        return (Evidence(EventType.PASSAGE_LONG, data, granted=last.granted > 0),)

    def may_stand_open(self) -> None:
        """From now on nobody judges this opening: a hold-open or a fire began, or staff came in."""
        if self._last is not None and self._last.closed_us is None:
            self._last.opening = Opening.FREE
