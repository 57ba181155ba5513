"""When something is due, by a rule and by the ceiling above it.

Conventions that no notice decides, each accepted in a policy profile: local dates; a period includes its
last day, and what it covers is due from the next, 00:00; months are clamped; a year has a basis.

Never here: what stops it all the same (``holding``), whether the clock can be believed, and the destroying.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, tzinfo
from enum import StrEnum
from typing import assert_never

from controller.core.hold import DAY_US
from controller.core.local_time import local_date
from controller.core.retention import dates
from controller.core.retention.rules import (
    CurrentYearPlus,
    Duration,
    Immediate,
    Moments,
    Permanent,
    Rule,
    Then,
    Trigger,
    Unspecified,
    WhileThen,
    Window,
    YearBasis,
)


@dataclass(frozen=True, slots=True)
class Conventions:
    """zone: of the branch. basis: of "current year"; without one no such date is computed."""

    zone: tzinfo
    basis: YearBasis | None


class BasisMissing(ValueError):
    """A rule counts in years, and nobody has said when a year begins."""


@dataclass(frozen=True, slots=True)
class Due:
    """From ``due_us`` on (microseconds since 1970 UTC), which is on the local date ``due_on``.

    retained_through: the local date of the last moment before. gone_by_us: the last moment that is allowed,
    where the rule says more than "from then on".
    """

    due_us: int
    due_on: date
    retained_through: date
    then: Then = Then.DESTROY
    gone_by_us: int | None = None


class Undated(StrEnum):
    """waiting: what it counts from has not happened. unknown: no period is set. never: it is kept."""

    WAITING = "waiting"
    UNKNOWN = "unknown"
    NEVER = "never"


Answer = Due | Undated


def due(rule: Rule, trigger: Trigger, conventions: Conventions) -> Answer:
    """When what was triggered then is due by this rule.

    Raises BasisMissing; TypeError for a window without moments; ValueError where the calendar ends.
    """
    if isinstance(rule, Permanent):
        return Undated.NEVER
    if isinstance(rule, Unspecified):
        return Undated.UNKNOWN
    if trigger is None:
        return Undated.WAITING
    match rule:
        case WhileThen(after):
            return due(after, trigger, conventions)
        case Duration(period, then):
            return _after(dates.add(_day(trigger, conventions), period), then, conventions)
        case CurrentYearPlus(years, then):
            if conventions.basis is None:
                raise BasisMissing("year_basis is not set: it is not known when the current year ends")
            last = dates.year_end(_day(trigger, conventions), conventions.basis, years)
            return _after(last, then, conventions)
        case Immediate():
            if isinstance(trigger, Moments):
                return from_moment(trigger.end_us, conventions)
            return from_moment(dates.start_us(trigger, conventions.zone), conventions)
        case Window(days, _, max_days):
            if not isinstance(trigger, Moments):
                raise TypeError("a window counts from moments, not from a date")
            found = from_moment(trigger.end_us + days * DAY_US, conventions)
            return replace(found, gone_by_us=trigger.start_us + max_days * DAY_US)
        case _:
            assert_never(rule)


def earlier(*answers: Answer) -> Answer:
    """Which of them counts: the earliest date; without any date, waiting before unknown before never.

    Of two at the same moment a review wins: nothing is destroyed unseen that somebody should have looked at.
    The last moment that any of them allows is kept.
    """
    dated = [answer for answer in answers if isinstance(answer, Due)]
    if not dated:
        undated = [answer for answer in answers if not isinstance(answer, Due)]
        return min(undated, key=list(Undated).index)
    first = min(dated, key=lambda each: (each.due_us, each.then is not Then.REVIEW))
    gone_by = [each.gone_by_us for each in dated if each.gone_by_us is not None]
    return replace(first, gone_by_us=min(gone_by, default=None))


def due_before_us(rule: Rule, now_us: int, conventions: Conventions) -> int | None:
    """Events from before this are due at ``now_us``, and none from then on. None: none is due.

    For one question to a database instead of one for each event. Due to be destroyed, or to be reviewed: the
    rule says which. Raises as ``due``.
    """

    def is_due(at_us: int) -> bool:
        answer = due(rule, Moments(at_us, at_us), conventions)
        return isinstance(answer, Due) and answer.due_us <= now_us

    if not is_due(0):
        return None
    kept_us, due_us = now_us + 1, 0
    while kept_us - due_us > 1:
        middle_us = (kept_us + due_us) // 2
        if is_due(middle_us):
            due_us = middle_us
        else:
            kept_us = middle_us
    return kept_us


def _day(trigger: Moments | date, conventions: Conventions) -> date:
    return local_date(trigger.end_us, conventions.zone) if isinstance(trigger, Moments) else trigger


def _after(last: date, then: Then, conventions: Conventions) -> Due:
    """Due on the day after the last."""
    if last == date.max:
        raise ValueError(f"{last} is too late a date")
    due_on = last + dates.DAY
    return Due(dates.start_us(due_on, conventions.zone), due_on, last, then)


def from_moment(due_us: int, conventions: Conventions) -> Due:
    """Due from then on."""
    zone = conventions.zone
    return Due(due_us, local_date(due_us, zone), local_date(due_us - 1, zone))
