"""How long something is kept: the kinds of rules there are, and what they start from.

A rule says nothing of what it is for. Never here: dates (``dates``, ``due``), and whether anything may be
destroyed. The words "rule" (what we do) and "ceiling" (what the notice promises) are one type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST_YEARS = 150
"""No rule is longer: a figure that is, is a slip of the pen."""


class YearBasis(StrEnum):
    """When the year of "current year" begins. No notice says it, so no rule has one by default."""

    CALENDAR = "calendar"
    FINANCIAL = "financial"
    SCHOOL = "school"


class Then(StrEnum):
    """What is done with a thing that is due: destroyed, or looked at by somebody who decides."""

    DESTROY = "destroy"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Period:
    """Years and months by the calendar, then days, all of them local."""

    years: int = 0
    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if min(self.years, self.months, self.days) < 0:
            raise ValueError("a period cannot be negative")
        if self.years + self.months / 12 + self.days / 366 > MOST_YEARS:
            raise ValueError(f"a period of more than {MOST_YEARS} years is not believed")
        if not (self.years or self.months or self.days):
            raise ValueError("a period without length: what is destroyed at once has the rule 'immediate'")


@dataclass(frozen=True, slots=True)
class Duration:
    """Kept through the trigger's date and the period after it, that last day included."""

    period: Period
    then: Then = Then.DESTROY


@dataclass(frozen=True, slots=True)
class CurrentYearPlus:
    """Kept to the end of the year that holds the trigger's date, and ``years`` whole years more."""

    years: int
    then: Then = Then.DESTROY

    def __post_init__(self) -> None:
        if not 0 <= self.years <= MOST_YEARS:
            raise ValueError(f"the years after the current one are 0 to {MOST_YEARS}, not {self.years}")


@dataclass(frozen=True, slots=True)
class Window:
    """Footage: due ``days`` after its last picture, gone before its first is ``max_days`` old.

    Elapsed time: a day is 24 hours, whatever the clocks do.
    """

    days: int
    min_days: int
    max_days: int

    def __post_init__(self) -> None:
        if not 0 <= self.min_days <= self.days <= self.max_days <= MOST_YEARS * 366:
            raise ValueError(f"kept {self.days} days, not {self.min_days} to {self.max_days}")


@dataclass(frozen=True, slots=True)
class WhileThen:
    """Kept while something lasts. Its end is the trigger of the rule after it."""

    after: Duration | CurrentYearPlus


@dataclass(frozen=True, slots=True)
class Immediate:
    """Destroyed as soon as the trigger has happened."""


@dataclass(frozen=True, slots=True)
class Permanent:
    """Never destroyed."""


@dataclass(frozen=True, slots=True)
class Unspecified:
    """The notice sets no period, or nobody has decided one."""


Rule = Duration | CurrentYearPlus | Window | WhileThen | Immediate | Permanent | Unspecified


@dataclass(frozen=True, slots=True)
class Moments:
    """From the first moment of something to its last, microseconds since 1970 UTC. An event has one."""

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.start_us > self.end_us:
            raise ValueError("it ends before it starts")


Trigger = Moments | date | None
"""What a rule counts from: moments under a trusted clock, a local date, or None: it has not happened yet."""
