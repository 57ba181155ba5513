"""Days and times of the day as people type them into a form, in the branch's local time.

Never here: forms, and how times are shown (``page``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from typing import Self

from controller.core.local_time import EPOCH, local_time

TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")
PARTS = ("day", "month", "year", "time")


class NotATime(ValueError):
    """Says what is wrong, for whoever typed it. part: which of the four fields."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True, slots=True)
class TypedTime:
    """The fields of a form as they were typed, or empty."""

    day: str = ""
    month: str = ""
    year: str = ""
    time: str = ""

    @classmethod
    def sent(cls, form: Mapping[str, str], prefix: str) -> Self:
        """The fields ``prefix-day`` and so on."""
        return cls(*(form.get(f"{prefix}-{part}", "").strip() for part in PARTS))

    @classmethod
    def of(cls, wall_us: int, zone: tzinfo) -> Self:
        """To fill a form in."""
        local = local_time(wall_us, zone)
        clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return cls(str(local.day), str(local.month), str(local.year), clock)

    @property
    def empty(self) -> bool:
        return not (self.day or self.month or self.year or self.time)

    def wall_us(self, zone: tzinfo, *, latest: bool = False) -> int:
        """Microseconds since 1970 UTC. Raises NotATime.

        latest: of an hour that the clocks show twice in autumn, the second; else the first.
        """
        moment = datetime.combine(self._date(), self._time(), zone).replace(fold=int(latest))
        return (moment - EPOCH) // timedelta(microseconds=1)

    def _date(self) -> date:
        for part in ("day", "month", "year"):
            text = getattr(self, part)
            if not text.isdecimal() or not text.isascii():
                raise NotATime(part, f"Enter a {part} in figures, such as 21 11 2026")
        if not 2000 <= int(self.year[:9]) <= 2200:
            raise NotATime("year", "Enter the year in four figures, such as 2026")
        try:
            return date(int(self.year), int(self.month[:9]), int(self.day[:9]))
        except ValueError:
            raise NotATime("day", "There is no such day: look at day and month again") from None

    def _time(self) -> time_of_day:
        if found := TIME.fullmatch(self.time):
            hour, minute, second = (int(part or 0) for part in found.groups())
            if hour < 24 and minute < 60 and second < 60:
                return time_of_day(hour, minute, second)
        raise NotATime("time", "Enter a time of the day such as 21:14")
