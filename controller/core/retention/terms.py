"""Terms of membership: when a membership ceases, and whose clock runs, for rules that count from there.

The library management system is where a membership lives. This is how its dates follow from one another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from controller.core.retention.dates import on
from controller.core.retention.due import Due
from controller.core.retention.rules import Then


@dataclass(frozen=True, slots=True)
class Terms:
    """A membership is for ``years`` from its anchor, the day it began, and for as many again if used."""

    anchor: date
    years: int

    def __post_init__(self) -> None:
        if self.years < 1:
            raise ValueError("a membership is for one year at least")

    def end(self, number: int) -> date:
        """The last day of that term, the first being 1: the anniversary, on which it is still valid.

        Always reckoned from the anchor: what began on a 29 February ends on one wherever there is one.
        """
        return on(self.anchor.year + number * self.years, self.anchor.month, self.anchor.day)

    def valid_through(self, used: Iterable[date]) -> date:
        """The day on which the membership ceases, if it is not used again.

        Use within a term renews it for one more, from the day it ends, however often it was used. Use before
        it began or after it had ceased changes nothing.
        """
        number = 1
        for day in sorted(used):
            if day > self.end(number):
                break
            if day >= self.anchor and (number == 1 or day > self.end(number - 1)):
                number += 1
        return self.end(number)


def after_suspension(due: Due, in_force_through: date | None) -> Due:
    """in_force_through: the last day of the suspension, None: without an end.

    Where it is still in force when it is due, somebody decides: it is neither kept nor destroyed silently.
    """
    over = in_force_through is not None and in_force_through < due.due_on
    return due if over else replace(due, then=Then.REVIEW)


class Clock(StrEnum):
    """Whose rule counts for somebody who was a pupil."""

    PUPIL = "pupil"
    CUSTOMER = "customer"


def clock_of(left_school_due: Due | None, customer_since: date | None) -> Clock:
    """left_school_due: when the pupil's record is due, None while at school.

    A pupil who becomes a customer leaves the pupil's clock, unless the record was due by then.
    """
    if customer_since is None:
        return Clock.PUPIL
    in_time = left_school_due is None or customer_since <= left_school_due.retained_through
    return Clock.CUSTOMER if in_time else Clock.PUPIL
