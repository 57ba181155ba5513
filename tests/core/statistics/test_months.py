"""Which months can be counted."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from controller.core.statistics.months import Month, month_of, months

LONDON = ZoneInfo("Europe/London")
SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)


def us(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=LONDON).timestamp()) * 1_000_000  # type: ignore[arg-type,misc]


def test_only_months_that_are_over_the_last_first() -> None:
    assert months(us(2026, 9, 14), None, us(2026, 11, 22), LONDON) == (OCTOBER, SEPTEMBER)


def test_a_month_is_over_at_midnight_by_the_clock_of_the_branch() -> None:
    first_us, midnight_us = us(2026, 9, 14), us(2026, 10, 1)
    assert months(first_us, None, midnight_us, LONDON) == (SEPTEMBER,)
    assert months(first_us, None, midnight_us - 1, LONDON) == ()


def test_a_month_of_which_something_is_due_to_go_is_left_out() -> None:
    first_us, now_us = us(2026, 8, 20), us(2026, 11, 30)
    assert months(first_us, us(2026, 9, 1), now_us, LONDON) == (OCTOBER, SEPTEMBER)
    assert months(first_us, us(2026, 9, 1) + 1, now_us, LONDON) == (OCTOBER,)


def test_in_the_month_in_which_it_began_there_is_nothing_yet() -> None:
    assert months(us(2026, 11, 1), None, us(2026, 11, 22), LONDON) == ()


def test_a_month_begins_and_ends_as_the_clocks_say() -> None:
    assert SEPTEMBER.end_us(LONDON) == OCTOBER.start_us(LONDON)
    assert OCTOBER.start_us(LONDON) == int(datetime(2026, 9, 30, 23, tzinfo=UTC).timestamp()) * 1_000_000
    assert OCTOBER.end_us(LONDON) - OCTOBER.start_us(LONDON) == (31 * 24 + 1) * 3_600_000_000


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_months_follow_each_other(day: date) -> None:
    month = month_of(day)
    assert month < month.next
    assert month.next.first.day == 1
    assert 28 <= (month.next.first - month.first).days <= 31
    assert str(month) == day.isoformat()[:7]
