"""A branch's week: staffed, unstaffed or closed, by the clock on its wall.

Times come in as local times; the caller converts. Since an hour here is what the clock on the wall
shows, an hour that the clocks skip in spring opens nothing, and one that they repeat in autumn is
the same both times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

DAY_MIN = 24 * 60


class Mode(StrEnum):
    """staffed: no card is needed. unstaffed: a valid card opens the door. closed: nobody is let in.

    clear_out: staff have left and unstaffed hours have begun, but nobody is let in by card yet.
    """

    STAFFED = "staffed"
    UNSTAFFED = "unstaffed"
    CLOSED = "closed"
    CLEAR_OUT = "clear_out"


@dataclass(frozen=True, slots=True)
class Now:
    """The hours at an instant. Times are microseconds since 1970 UTC; None: not known.

    until_us: when ``mode`` changes next. entry: False in the last minutes before closing, when nobody is
    let in any more. closes_us: when the branch, open now, closes next; None while it is closed.
    """

    mode: Mode
    until_us: int | None
    entry: bool
    closes_us: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start_min`` to before ``end_min``, minutes from midnight, on a weekday (0 is Monday)."""

    weekday: int
    start_min: int
    end_min: int

    def __post_init__(self) -> None:
        if not (0 <= self.weekday <= 6 and 0 <= self.start_min < self.end_min <= DAY_MIN):
            raise ValueError(f"{self} is not a period of one day")

    def holds(self, local: datetime) -> bool:
        """Whether this local time lies in the period."""
        minute = local.hour * 60 + local.minute
        return local.weekday() == self.weekday and self.start_min <= minute < self.end_min


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """What is in neither is closed."""

    staffed: tuple[Period, ...]
    unstaffed: tuple[Period, ...]


def mode_at(hours: WeeklyHours, local: datetime) -> Mode:
    """The mode at a local time. Where periods overlap (settings refuse it) staff are taken to be there."""
    if any(period.holds(local) for period in hours.staffed):
        return Mode.STAFFED
    if any(period.holds(local) for period in hours.unstaffed):
        return Mode.UNSTAFFED
    return Mode.CLOSED


class Schedule:
    """Hours in a time zone."""

    def __init__(self, hours: WeeklyHours, zone: tzinfo) -> None:
        self._hours = hours
        self._zone = zone

    def at(self, wall_us: int) -> Now:
        """The hours at an instant: microseconds since 1970 UTC."""
        local = datetime.fromtimestamp(wall_us / 1_000_000, self._zone)
        return Now(mode_at(self._hours, local), None, entry=True)
