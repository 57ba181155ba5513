"""The periods that statistics are of: calendar months by the branch's clock, over and wholly kept.

A month that goes on is left out, since its figures of today less those of yesterday would be yesterday's. So
is one of which something is due to be destroyed by its age: from then on it loses a day each day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from controller.core.local_time import EPOCH, local_date

_US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> Month:
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def start_us(self, zone: tzinfo) -> int:
        """When it begins, microseconds since 1970 UTC."""
        begins = datetime.combine(self.first, time(), zone) - EPOCH
        return (begins.days * 86_400 + begins.seconds) * _US_PER_S

    def end_us(self, zone: tzinfo) -> int:
        """When the next begins."""
        return self.next.start_us(zone)


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def months(first_us: int, due_before_us: int | None, now_us: int, zone: tzinfo) -> tuple[Month, ...]:
    """Those that can be counted, the last first.

    first_us: when the first event was. due_before_us: events from before this are due to be destroyed by
    now; None: none are. Of the month in which the first event was, what there is counts.
    """
    found: list[Month] = []
    month = month_of(local_date(max(first_us, due_before_us or 0), zone))
    if due_before_us is not None and month.start_us(zone) < due_before_us:
        month = month.next
    while month.end_us(zone) <= now_us:
        found.append(month)
        month = month.next
    return tuple(reversed(found))
