"""Months that are too short, years that end in the middle of one, and days that the clocks make longer."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.local_time import local_date
from controller.core.retention.dates import add, on, start_us, year_end
from controller.core.retention.rules import Period, YearBasis

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = st.dates(date(1971, 1, 1), date(2199, 12, 31))


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("day", "period", "last"),
    [
        ("2026-11-21", Period(years=2), "2028-11-21"),
        ("2024-02-29", Period(years=2), "2026-02-28"),  # no 29 February in 2026
        ("2024-02-29", Period(years=4), "2028-02-29"),
        ("2026-01-31", Period(months=1), "2026-02-28"),
        ("2028-01-31", Period(months=1), "2028-02-29"),
        ("2026-08-31", Period(months=1), "2026-09-30"),
        ("2026-10-31", Period(months=4), "2027-02-28"),  # over the end of a year
        ("2026-12-15", Period(months=1), "2027-01-15"),
        ("2026-12-15", Period(months=24), "2028-12-15"),
        ("2026-11-30", Period(months=25), "2028-12-30"),
        ("2026-09-30", Period(days=90), "2026-12-29"),
        ("2026-01-31", Period(years=1, months=1, days=1), "2027-03-01"),  # 28 February first, then a day
    ],
)
def test_periods(day: str, period: Period, last: str) -> None:
    assert add(date.fromisoformat(day), period) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("day", "basis", "years", "last"),
    [
        ("2026-11-21", YearBasis.CALENDAR, 0, "2026-12-31"),
        ("2026-11-21", YearBasis.CALENDAR, 1, "2027-12-31"),
        ("2026-01-01", YearBasis.CALENDAR, 0, "2026-12-31"),
        ("2026-12-31", YearBasis.CALENDAR, 0, "2026-12-31"),
        ("2026-11-21", YearBasis.FINANCIAL, 0, "2027-03-31"),
        ("2026-11-21", YearBasis.FINANCIAL, 1, "2028-03-31"),
        ("2026-03-31", YearBasis.FINANCIAL, 0, "2026-03-31"),
        ("2026-04-01", YearBasis.FINANCIAL, 0, "2027-03-31"),
        ("2026-01-15", YearBasis.FINANCIAL, 0, "2026-03-31"),
        ("2026-11-21", YearBasis.SCHOOL, 0, "2027-07-31"),
        ("2026-07-31", YearBasis.SCHOOL, 0, "2026-07-31"),
        ("2026-08-01", YearBasis.SCHOOL, 0, "2027-07-31"),
        ("2026-08-01", YearBasis.SCHOOL, 6, "2033-07-31"),
    ],
)
def test_year_ends(day: str, basis: YearBasis, years: int, last: str) -> None:
    assert year_end(date.fromisoformat(day), basis, years) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        ("2026-11-22", "2026-11-22T00:00Z"),
        ("2026-07-01", "2026-06-30T23:00Z"),
        ("2026-03-29", "2026-03-29T00:00Z"),  # the clocks go forward at 01:00
        ("2026-03-30", "2026-03-29T23:00Z"),
        ("2026-10-25", "2026-10-24T23:00Z"),  # and back at 02:00
        ("2026-10-26", "2026-10-26T00:00Z"),
    ],
)
def test_a_day_starts_at_local_midnight(day: str, starts: str) -> None:
    found = start_us(date.fromisoformat(day), LONDON)
    assert found == us(starts)
    assert isinstance(found, int)  # nothing that rounds


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("America/Havana", "2026-03-08", "2026-03-08T05:00Z"),  # 00:00 becomes 01:00: the day has no midnight
        ("America/Havana", "2026-11-01", "2026-11-01T05:00Z"),  # 01:00 becomes 00:00: it has two
        ("Asia/Beirut", "2026-10-25", "2026-10-24T22:00Z"),  # 00:00 becomes 23:00 of the day before
    ],
)
def test_where_clocks_change_at_midnight_nothing_starts_too_early(zone: str, day: str, starts: str) -> None:
    assert start_us(date.fromisoformat(day), ZoneInfo(zone)) == us(starts)


@pytest.mark.parametrize(
    ("day", "period"),
    [("9999-12-31", Period(days=1)), ("9999-12-01", Period(months=1)), ("9900-01-01", Period(years=150))],
)
def test_the_calendar_ends(day: str, period: Period) -> None:
    with pytest.raises(ValueError, match=r"^\d{4}-\d\d-\d\d is too late a date$|^there is no year 1\d{4}$"):
        add(date.fromisoformat(day), period)


def test_both_ends_of_the_calendar_can_be_had() -> None:
    assert (on(1, 2, 31), on(9999, 12, 31)) == (date(1, 2, 28), date(9999, 12, 31))
    with pytest.raises(ValueError, match=r"^there is no year 0$"):
        on(0, 1, 1)


@given(DAYS, st.integers(0, 1799))
def test_months_reach_the_month_that_is_meant_on_the_day_or_its_last(day: date, months: int) -> None:
    later = add(day, Period(months=months, days=1)) - timedelta(days=1)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, DAYS, st.integers(0, 200), st.integers(0, 500))
def test_what_begins_later_never_ends_earlier(one: date, other: date, months: int, days: int) -> None:
    period = Period(months=months, days=days + 1)
    assert (add(one, period) <= add(other, period)) or one > other


@given(DAYS, st.sampled_from(YearBasis), st.integers(0, 100))
def test_a_year_ends_within_a_year_and_its_next_day_is_in_the_next(
    day: date, basis: YearBasis, years: int
) -> None:
    last = year_end(day, basis)
    assert timedelta(0) <= last - day <= timedelta(days=365)
    assert year_end(last, basis) == last
    following = year_end(last + timedelta(days=1), basis)
    assert (following.year - last.year, following.month, following.day) == (1, last.month, last.day)
    plus = year_end(day, basis, years)
    assert (plus.year - last.year, plus.month, plus.day) == (years, last.month, last.day)


@given(
    DAYS, st.just(LONDON) | st.timezones() | st.integers(-14, 14).map(lambda h: timezone(timedelta(hours=h)))
)
def test_no_moment_of_the_day_before_is_after_the_start_of_a_day(day: date, zone: ZoneInfo) -> None:
    starts = start_us(day, zone)
    assert local_date(starts, zone) >= day
    for later_us in (1, 60_000_000, 3_600_000_000, 7_200_000_000):
        assert local_date(starts + later_us, zone) >= day
    if zone is LONDON:
        assert local_date(starts - 1, zone) < day
