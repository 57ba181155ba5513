"""Calendar arithmetic in local dates, for rules that speak of months and years.

Months and years are clamped to the end of a month that is too short. A year is over on its last day, 24:00.
A local day begins, in microseconds since 1970 UTC, when no moment from then on is before it.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta, tzinfo

from controller.core.local_time import EPOCH
from controller.core.retention.rules import Period, YearBasis

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
FIRST_MONTH = {YearBasis.CALENDAR: 1, YearBasis.FINANCIAL: 4, YearBasis.SCHOOL: 8}


def add(day: date, period: Period) -> date:
    """Raises ValueError where the calendar ends."""
    months = day.month - 1 + period.months
    year, month = day.year + period.years + months // 12, months % 12 + 1
    try:
        return on(year, month, day.day) + timedelta(days=period.days)
    except OverflowError as error:
        raise ValueError(f"{day} is too late a date") from error


def on(year: int, month: int, anchor_day: int) -> date:
    """The anchor day of that month, or the last there is."""
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"there is no year {year}")
    return date(year, month, min(anchor_day, calendar.monthrange(year, month)[1]))


def year_end(day: date, basis: YearBasis, years: int = 0) -> date:
    """The last day of the year that holds ``day``, or of one ``years`` later."""
    first_month = FIRST_MONTH[basis]
    began = day.year if day.month >= first_month else day.year - 1
    if first_month == 1:
        return on(began + years, 12, 31)
    return on(began + 1 + years, first_month - 1, 31)


def start_us(day: date, zone: tzinfo) -> int:
    """The moment from which on the local date is ``day`` or later.

    Where the clocks change at midnight (not in Europe/London) it is the last moment that can be meant.
    """
    midnight = datetime.combine(day, time.min, zone)
    return max((midnight.replace(fold=fold) - EPOCH) // MICROSECOND for fold in (0, 1))
