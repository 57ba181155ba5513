"""The branch's week, minute by minute, and on the nights when the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.core.hours import Mode, Period, WeeklyHours, mode_at

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, tzinfo=LONDON)
SUN = 6
WEEK = WeeklyHours(
    staffed=(Period(1, 600, 1020),),
    unstaffed=(Period(0, 480, 1200), Period(1, 480, 600), Period(1, 1020, 1440), Period(2, 0, 60)),
)


def test_every_minute_of_the_week() -> None:
    def expected(day: int, minute: int) -> Mode:
        if day == 1 and 600 <= minute < 1020:
            return Mode.STAFFED
        if (day == 0 and 480 <= minute < 1200) or (day == 1 and minute >= 480) or (day == 2 and minute < 60):
            return Mode.UNSTAFFED
        return Mode.CLOSED

    for minute in range(7 * 1440):
        local = MONDAY + timedelta(minutes=minute)
        assert mode_at(WEEK, local) is expected(*divmod(minute, 1440)), local


def test_an_end_is_exclusive_to_the_microsecond() -> None:
    end = MONDAY.replace(hour=20)
    assert mode_at(WEEK, end - timedelta(microseconds=1)) is Mode.UNSTAFFED
    assert mode_at(WEEK, end) is Mode.CLOSED


def test_a_week_without_hours_is_closed() -> None:
    assert mode_at(WeeklyHours((), ()), MONDAY.replace(hour=12)) is Mode.CLOSED


def test_where_both_apply_staff_are_taken_to_be_there() -> None:
    period = (Period(0, 0, 1440),)
    assert mode_at(WeeklyHours(period, period), MONDAY) is Mode.STAFFED


@pytest.mark.parametrize(
    ("weekday", "start_min", "end_min"),
    [(7, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 1441), (0, 5, 5), (0, 6, 5)],
)
def test_what_is_no_period_of_a_day_is_refused(weekday: int, start_min: int, end_min: int) -> None:
    with pytest.raises(ValueError, match="period"):
        Period(weekday, start_min, end_min)


def open_minutes(hours: WeeklyHours, first_utc: datetime, minutes: int) -> list[datetime]:
    """Which of these minutes, one after the other as they pass, are unstaffed hours in London."""
    passing = (first_utc + timedelta(minutes=minute) for minute in range(minutes))
    return [at for at in passing if mode_at(hours, at.astimezone(LONDON)) is Mode.UNSTAFFED]


def test_the_night_the_clocks_go_forward() -> None:
    """29 March 2026: at 01:00 UTC London goes from 00:59 GMT to 02:00 BST."""
    night = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    until_half_two = open_minutes(WeeklyHours((), (Period(SUN, 30, 150),)), night, 360)
    assert until_half_two[0] == night.replace(minute=30)
    assert until_half_two[-1] == night.replace(hour=1, minute=29)  # 02:29 BST
    assert len(until_half_two) == 60  # not 120: an hour of it never was
    assert open_minutes(WeeklyHours((), (Period(SUN, 60, 120),)), night, 360) == []
    from_nine = open_minutes(WeeklyHours((), (Period(SUN, 540, 600),)), night, 1440)
    assert from_nine[0] == night.replace(hour=8)


def test_the_night_the_clocks_go_back() -> None:
    """25 October 2026: at 01:00 UTC London goes from 01:59 BST to 01:00 GMT."""
    night = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 01:00 BST
    hour = open_minutes(WeeklyHours((), (Period(SUN, 60, 120),)), night - timedelta(hours=3), 720)
    assert hour == [night + timedelta(minutes=minute) for minute in range(120)]  # both times round
    half = open_minutes(WeeklyHours((), (Period(SUN, 60, 90),)), night - timedelta(hours=3), 720)
    assert half == [night + timedelta(minutes=minute) for minute in (*range(30), *range(60, 90))]
    from_nine = open_minutes(WeeklyHours((), (Period(SUN, 540, 600),)), night, 1440)
    assert from_nine[0] == night.replace(hour=9)
