"""Until when requests and complaints are to be answered.

A request: one month from its receipt, three where it is extended (UK GDPR, Article 12). The month ends on the
same date, or the last day of a month that has none, or the next working day. While the requester has been
asked what is meant, the days do not count (Data (Use and Access) Act 2025, section 76).

Never here: which days are bank holidays (they come in as a set), and who answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from controller.core.retention.dates import DAY, add
from controller.core.retention.rules import Period

MONTH = Period(months=1)
EXTENDED = Period(months=3)
SATURDAY = 5
ACKNOWLEDGE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Pause:
    """asked: on this day the requester was asked what is meant. answered: None as long as they have not."""

    asked: date
    answered: date | None

    def __post_init__(self) -> None:
        if self.answered is not None and self.answered < self.asked:
            raise ValueError("an answer came before the question")

    def holds(self, day: date) -> bool:
        """Whether the day does not count: both the first and the last are part of it."""
        return self.asked <= day and (self.answered is None or day <= self.answered)


def is_working_day(day: date, holidays: AbstractSet[date]) -> bool:
    """holidays: the bank holidays of the nation, of every year that is asked about."""
    return day.weekday() < SATURDAY and day not in holidays


def answer_by(
    received: date, holidays: AbstractSet[date], *, extended: bool = False, pauses: Iterable[Pause] = ()
) -> date | None:
    """The last day on which an answer is in time; None while it is not known, since the requester is asked.

    A question that is asked after that day changes nothing. Questions may overlap, and come in any order.
    Raises ValueError where the calendar ends.
    """
    asked = tuple(pauses)
    left = (add(received, EXTENDED if extended else MONTH) - received).days + 1
    day = received
    while True:
        holding = [pause for pause in asked if pause.holds(day)]
        if any(pause.answered is None for pause in holding):
            return None
        if not holding:
            left -= 1
            if left <= 0 and is_working_day(day, holidays):
                return day
        day = _next(day)


def _next(day: date) -> date:
    if day == date.max:
        raise ValueError(f"{day} is too late a date")
    return day + DAY


@dataclass(frozen=True, slots=True)
class AcknowledgeBy:
    """Until when to acknowledge a complaint, by the words of the Act and as the regulator counts."""

    act: date
    regulator: date


def acknowledge_by(received: date) -> AcknowledgeBy:
    """30 days: by the Act they begin with the day of receipt, by the regulator's guidance with the next.

    Data Protection Act 2018, section 164A. Warn by the first, show both.
    """
    last = received + timedelta(days=ACKNOWLEDGE_DAYS)
    return AcknowledgeBy(last - DAY, last)
