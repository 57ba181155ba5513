"""Days as library management systems write them in SIP2. Pure.

Never here: which system writes how (``dialects``), or what follows from a day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from controller.settings.lms import DateFormat

AMBIGUOUS: frozenset[DateFormat] = frozenset({"MM/DD/YYYY", "DD/MM/YYYY"})
"""Of these a system can only have one."""

_YEAR, _MONTH, _DAY = "(?P<year>[0-9]{4})", "(?P<month>[0-9]{2})", "(?P<day>[0-9]{2})"
_SHAPES: dict[DateFormat, re.Pattern[str]] = {
    "YYYYMMDD": re.compile(f"{_YEAR}{_MONTH}{_DAY}"),
    # The standard's own: 18 characters, of which four are the zone, blanks for local time or a Z for UTC.
    # Some systems squeeze the blanks or write 0000. A day in UTC is never later than the British one.
    "YYYYMMDD HHMMSS": re.compile(f"{_YEAR}{_MONTH}{_DAY} {{0,3}}(?:[ Z]|0000)[0-9]{{6}}"),
    "YYYY-MM-DD": re.compile(f"{_YEAR}-{_MONTH}-{_DAY}"),
    "MM/DD/YYYY": re.compile(f"{_MONTH}/{_DAY}/{_YEAR}"),
    "DD/MM/YYYY": re.compile(f"{_DAY}/{_MONTH}/{_YEAR}"),
}


def day_of(written: str, formats: Sequence[DateFormat]) -> date | None:
    """The day that is written in one of these formats; None if it is none. It repeats nothing of it."""
    for name in formats:
        found = _SHAPES[name].fullmatch(written.strip())
        if found is not None:
            try:
                return date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                return None
    return None
