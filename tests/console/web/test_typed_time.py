from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from controller.console.web.typed_time import NotATime, TypedTime

LONDON = ZoneInfo("Europe/London")
HOUR_US = 3_600_000_000


def typed(text: str) -> TypedTime:
    return TypedTime(*text.split())


def test_what_is_typed_is_local_time() -> None:
    assert typed("21 9 2026 15:13:20").wall_us(LONDON) == 1_790_000_000_000_000
    assert TypedTime.of(1_790_000_000_000_000, LONDON) == typed("21 9 2026 15:13:20")
    assert typed("21 11 2026 9.05") == TypedTime.sent(
        {"from-day": "21 ", "from-month": "11", "from-year": "2026", "from-time": "9.05"}, "from"
    )
    assert TypedTime.of(typed("21 11 2026 9.05").wall_us(LONDON), LONDON).time == "09:05"
    assert TypedTime.sent({}, "from").empty


def test_of_the_hour_that_comes_twice_a_range_takes_all() -> None:
    again = typed("25 10 2026 01:30")
    assert again.wall_us(LONDON, latest=True) - again.wall_us(LONDON) == HOUR_US


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x 11 2026 09:00", "day"),
        ("٣ 11 2026 09:00", "day"),
        ("31 11 2026 09:00", "day"),
        ("3 13 2026 09:00", "day"),
        ("3 x 2026 09:00", "month"),
        ("3 11 26 09:00", "year"),
        ("3 11 99999999999999999999 09:00", "year"),
        ("3 11 2026 25:00", "time"),
        ("3 11 2026 nine", "time"),
        ("3 11 2026", "time"),
    ],
)
def test_what_is_no_time_is_told_by_its_field(text: str, part: str) -> None:
    with pytest.raises(NotATime) as told:
        typed(text).wall_us(LONDON)
    assert told.value.part == part
