"""Wall times as people at the branch see them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from controller.core.local_time import local_date, local_time

LONDON = ZoneInfo("Europe/London")
MIDNIGHT_US = 1_795_219_200_000_000  # 2026-11-21 00:00 UTC


def test_a_time_keeps_its_microseconds() -> None:
    assert local_time(MIDNIGHT_US + 1, UTC) == datetime(2026, 11, 21, 0, 0, 0, 1, UTC)


@pytest.mark.parametrize(
    ("wall_us", "day"),
    [
        (MIDNIGHT_US, date(2026, 11, 21)),
        (MIDNIGHT_US - 1, date(2026, 11, 20)),
        (1_782_860_399_999_999, date(2026, 6, 30)),  # summer time: the day ends at 23:00 UTC
        (1_782_860_400_000_000, date(2026, 7, 1)),
    ],
)
def test_a_day_begins_at_local_midnight(wall_us: int, day: date) -> None:
    assert local_date(wall_us, LONDON) == day
