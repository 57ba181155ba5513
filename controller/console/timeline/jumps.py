"""Where a click leads to another day or hour: the days lately, and the hours of one day. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from controller.console.timeline.rows import day_us
from controller.core.local_time import local_time

HOUR_US = 3_600_000_000
DAYS = 8


@dataclass(frozen=True, slots=True)
class Hour:
    """until: its end, seconds since 1970 UTC. text: its beginning, with the zone where a day has it twice."""

    text: str
    until: int


def hours(day: date, zone: ZoneInfo, now_us: int) -> Iterator[Hour]:
    """The hours of a day that have begun: 25 or 23 of them when the clocks are changed."""
    start_us, end_us = day_us(day, zone)
    starts = [us for us in range(start_us, end_us, HOUR_US) if us <= now_us]
    texts = [f"{local_time(us, zone):%H:%M}" for us in starts]
    for us, text in zip(starts, texts, strict=True):
        name = f" {local_time(us, zone):%Z}" if texts.count(text) > 1 else ""
        yield Hour(text + name, (us + HOUR_US) // 1_000_000)


def days(shown: date, today: date) -> list[date]:
    """Days around the one that is shown, oldest first; never one that is still to come."""
    last = min(today, max(shown, min(today, shown + timedelta(days=DAYS // 2))))
    return [last - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
