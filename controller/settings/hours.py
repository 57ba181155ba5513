"""When the branch is staffed and when it is open unstaffed: the ``[hours]`` tables.

Here: their keys and limits. Never here: which days bank holidays are (``bank_holidays``), and what hours
come to at a moment (``core.hours``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from controller.core.hours import LONGEST_MIN
from controller.settings.bank_holidays import Nation
from controller.settings.section import Section

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PERIOD = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
LONGEST_RANGE_DAYS = 366
"""From one date to another: longer is a mistyped year."""


def minutes_of(period: str) -> tuple[int, int]:
    """``"08:00-17:30"`` as minutes from midnight, end exclusive; 24:00 is allowed as an end.

    Raises ValueError when it is not such a period or its end is not after its start.
    """
    match = PERIOD.fullmatch(period)
    if not match:
        raise ValueError(f'"{period}" is not a period; write it as "08:00-17:30"')
    hours_from, minutes_from, hours_to, minutes_to = map(int, match.groups())
    start, end = hours_from * 60 + minutes_from, hours_to * 60 + minutes_to
    if max(minutes_from, minutes_to) > 59 or end > 24 * 60 or start >= end:
        raise ValueError(
            f'"{period}" must start before it ends, within 00:00-24:00; what goes on past midnight is two '
            "periods, to 24:00 and from 00:00 of the next day"
        )
    return start, end


def _a_period(text: str) -> str:
    minutes_of(text)
    return text


Period = Annotated[str, AfterValidator(_a_period)]
"""Checked by itself, so that a fault names the day it stands under."""


def refuse_overlaps(periods: Iterable[str], on: str) -> None:
    """Raises ValueError. on: how the day is called, such as "on mon "; may be empty."""
    for (earlier, a), (later, b) in pairwise(sorted((minutes_of(each), each) for each in periods)):
        if later[0] < earlier[1]:
            raise ValueError(f'{on}"{a}" and "{b}" overlap; end one where the other begins')


def days_of(text: str) -> list[date]:
    """``"2026-12-25"``, or ``"2026-12-27 to 2027-01-03"`` with both days, as dates. Raises ValueError."""
    parts = text.split(" to ")
    try:
        first, last = date.fromisoformat(parts[0]), date.fromisoformat(parts[-1])
    except ValueError as error:
        raise ValueError('no such date; write "2026-12-25" or "2026-12-27 to 2027-01-03"') from error
    # fromisoformat also takes 20261225 and 2026-W52-5, which nobody would find again.
    if len(parts) > 2 or text not in (f"{first}", f"{first} to {last}"):
        raise ValueError('write it as "2026-12-25" or "2026-12-27 to 2027-01-03"')
    if len(parts) == 2 and not first < last:
        raise ValueError("the second date must be after the first")
    if (last - first).days > LONGEST_RANGE_DAYS:
        raise ValueError(f"that is more than {LONGEST_RANGE_DAYS} days; correct a year")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _dates_there_are(text: str) -> str:
    days_of(text)
    return text


class DayHours(Section):
    """The hours of a day that goes by no weekday. Empty: closed all day."""

    staffed: tuple[Period, ...] = ()
    unstaffed: tuple[Period, ...] = ()

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        refuse_overlaps((*self.staffed, *self.unstaffed), on="")
        return self


class BankHolidays(DayHours):
    """nation: whose bank holidays go by these hours; None: they are days like any other."""

    nation: Nation | None = None


class Week(Section):
    """Local times. What is in neither table is closed."""

    staffed: dict[Weekday, tuple[Period, ...]] = Field(default_factory=dict)
    unstaffed: dict[Weekday, tuple[Period, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        for day in sorted({*self.staffed, *self.unstaffed}):
            refuse_overlaps((*self.staffed.get(day, ()), *self.unstaffed.get(day, ())), on=f"on {day} ")
        return self


class Hours(Week):
    """A date goes by ``dates`` if it is there, by ``bank_holidays`` if it is one, or by its weekday."""

    dates: dict[Annotated[str, AfterValidator(_dates_there_are)], DayHours] = Field(default_factory=dict)
    bank_holidays: BankHolidays = BankHolidays()
    clear_out_min: int = Field(default=0, ge=0, le=LONGEST_MIN)
    last_entry_min: int = Field(default=0, ge=0, le=LONGEST_MIN)

    @model_validator(mode="after")
    def _a_date_once(self) -> Self:
        found: dict[date, str] = {}
        for day, key, _ in self.each_date():
            if (other := found.setdefault(day, key)) != key:
                raise ValueError(f'dates: {day} is in "{other}" and in "{key}"; leave it in one of them')
        return self

    def each_date(self) -> Iterator[tuple[date, str, DayHours]]:
        """Every date that is set, with the key it is in and its hours."""
        for key, hours in self.dates.items():
            for day in days_of(key):
                yield day, key, hours

    def past_dates(self, today: date) -> list[str]:
        """The keys of ``dates`` that say nothing any more."""
        return [key for key in self.dates if days_of(key)[-1] < today]
