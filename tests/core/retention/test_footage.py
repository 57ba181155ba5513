"""When footage is due: dates computed by hand, and what holds for all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.hold import DAY_US, Category, Hold, Item, Scope
from controller.core.retention.footage import (
    FootageRule,
    Verdict,
    blocked,
    due_from_us,
    must_be_gone_by_us,
    overdue,
    verdict,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def segment(start: str, end: str) -> Item:
    return Item(Category.FOOTAGE, "droitwich", "entrance", us(start), us(end))


def hold(start: str, end: str, *, ended: str | None = None) -> Hold:
    placed_us = us("2026-11-02T00:00Z")
    return Hold(
        "h",
        "police",
        "22/1234",
        Scope(Category.FOOTAGE, "droitwich", None, us(start), us(end)),
        placed_us,
        placed_us + 90 * DAY_US,
        us(ended) if ended else None,
        "trial over" if ended else None,
    )


FORTNIGHT = FootageRule(14)
SEGMENT = segment("2026-11-01T10:00Z", "2026-11-01T10:01Z")


@pytest.mark.parametrize(
    ("days", "end", "due_from"),
    [
        (14, "2026-11-01T10:01Z", "2026-11-15T10:01Z"),
        (10, "2026-02-20T00:00Z", "2026-03-02T00:00Z"),  # over the end of February
        (10, "2028-02-20T00:00Z", "2028-03-01T00:00Z"),  # and of a longer one
        (29, "2026-12-05T23:59:59Z", "2027-01-03T23:59:59Z"),
        # Clocks change in between: 14 times 24 hours, so an hour later or earlier by the clock on the wall.
        (14, "2026-03-22T12:00+00:00", "2026-04-05T13:00+01:00"),
        (14, "2026-10-18T12:00+01:00", "2026-11-01T11:00+00:00"),
    ],
)
def test_due_dates(days: int, end: str, due_from: str) -> None:
    assert due_from_us(us(end), FootageRule(days)) == us(due_from)


@pytest.mark.parametrize(
    ("start", "gone_by"),
    [
        ("2026-11-01T10:00Z", "2026-12-01T10:00Z"),
        ("2026-02-01T00:00Z", "2026-03-03T00:00Z"),
        ("2026-03-20T12:00+00:00", "2026-04-19T13:00+01:00"),
        ("2026-10-20T12:00+01:00", "2026-11-19T11:00+00:00"),
    ],
)
def test_the_hard_maximum_is_720_hours(start: str, gone_by: str) -> None:
    assert must_be_gone_by_us(us(start)) == us(gone_by)


@pytest.mark.parametrize("days", [-1, 0, 9, 31, 365])
def test_a_figure_that_the_notice_does_not_promise_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match=f"^footage is kept 10 to 30 days, not {days}$"):
        FootageRule(days)


def test_it_is_kept_until_the_moment_it_is_due() -> None:
    assert verdict(SEGMENT, FORTNIGHT, [], us("2026-11-15T10:00:59.999999Z")) is Verdict.KEEP
    assert verdict(SEGMENT, FORTNIGHT, [], us("2026-11-15T10:01Z")) is Verdict.DUE


def test_a_hold_stops_it_however_long_and_only_where_it_covers() -> None:
    holds = [hold("2026-11-01T10:00:30Z", "2026-11-01T12:00Z")]
    assert verdict(SEGMENT, FORTNIGHT, holds, us("2026-11-14T00:00Z")) is Verdict.KEEP
    for now in ("2026-11-15T10:01Z", "2026-12-25T00:00Z", "2036-01-01T00:00Z"):
        assert verdict(SEGMENT, FORTNIGHT, holds, us(now)) is Verdict.HELD
    earlier = segment("2026-11-01T09:59Z", "2026-11-01T10:00Z")
    assert verdict(earlier, FORTNIGHT, holds, us("2026-11-16T00:00Z")) is Verdict.DUE


@pytest.mark.parametrize(
    ("ended", "due_from"),
    [
        ("2026-11-03T00:00Z", "2026-11-15T10:01Z"),  # its own date is the later
        ("2026-11-08T10:01Z", "2026-11-15T10:01Z"),  # both at once
        ("2026-11-20T00:00Z", "2026-11-27T00:00Z"),
        ("2027-03-25T00:00Z", "2027-04-01T00:00Z"),  # seven times 24 hours, over a change of the clocks
    ],
)
def test_after_a_hold_it_is_due_at_the_later_of_its_own_date_and_seven_days_on(
    ended: str, due_from: str
) -> None:
    holds = [hold("2026-11-01T00:00Z", "2026-11-02T00:00Z", ended=ended)]
    assert verdict(SEGMENT, FORTNIGHT, holds, us(due_from) - 1) is not Verdict.DUE
    assert verdict(SEGMENT, FORTNIGHT, holds, us(due_from)) is Verdict.DUE


def test_one_hold_of_several_is_enough() -> None:
    ended = hold("2026-11-01T00:00Z", "2026-11-02T00:00Z", ended="2026-11-03T00:00Z")
    running = hold("2026-11-01T00:00Z", "2026-11-02T00:00Z")
    now_us = us("2026-12-24T00:00Z")
    assert verdict(SEGMENT, FORTNIGHT, [ended, running], now_us) is Verdict.HELD
    assert verdict(SEGMENT, FORTNIGHT, [ended, ended], now_us) is Verdict.DUE


def test_overdue_is_what_is_older_than_promised_without_a_hold() -> None:
    gone_by = us("2026-12-01T10:00Z")
    assert not overdue(SEGMENT, [], gone_by)
    assert overdue(SEGMENT, [], gone_by + 1)
    assert not overdue(SEGMENT, [hold("2026-11-01T00:00Z", "2026-11-02T00:00Z")], gone_by + 1)
    cooling_off = hold("2026-11-01T00:00Z", "2026-11-02T00:00Z", ended="2026-11-25T00:00Z")
    assert not overdue(SEGMENT, [cooling_off], us("2026-12-02T00:00Z") - 1)
    assert overdue(SEGMENT, [cooling_off], us("2026-12-02T00:00Z"))


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(LONDON)),  # noqa: DTZ001
    length_s=st.integers(0, 600),
    days=st.integers(10, 30),
    age_h=st.integers(0, 1000),
)
def test_never_under_ten_days_and_always_due_before_thirty(
    start: datetime, length_s: int, days: int, age_h: int
) -> None:
    start_us = us(start.astimezone(UTC).isoformat())
    item = Item(Category.FOOTAGE, "droitwich", "entrance", start_us, start_us + length_s * 1_000_000)
    now_us = start_us + age_h * 3_600_000_000
    found = verdict(item, FootageRule(days), [], now_us)
    assert found is not Verdict.HELD
    if found is Verdict.DUE:
        assert now_us - item.end_us >= 240 * 3_600_000_000
    if age_h > days * 24 + 1:
        assert found is Verdict.DUE
    if overdue(item, [], now_us) and days < 30:
        assert found is Verdict.DUE


@given(
    start=st.integers(-100, 100),
    length=st.integers(0, 100),
    ended_days=st.none() | st.integers(0, 100),
    now_days=st.integers(0, 200),
)
def test_a_hold_can_only_ever_keep_more(
    start: int, length: int, ended_days: int | None, now_days: int
) -> None:
    zero_us = us("2026-11-02T00:00Z")
    placed = replace(
        hold("2026-11-02T00:00Z", "2026-11-02T00:00Z"),
        scope=Scope(
            Category.FOOTAGE,
            "droitwich",
            None,
            SEGMENT.start_us + start * 1_000_000,
            SEGMENT.start_us + (start + length) * 1_000_000,
        ),
        ended_us=None if ended_days is None else zero_us + ended_days * DAY_US,
        end_reason=None if ended_days is None else "trial over",
    )
    now_us = zero_us + now_days * DAY_US
    without = verdict(SEGMENT, FORTNIGHT, [], now_us)
    with_hold = verdict(SEGMENT, FORTNIGHT, [placed], now_us)
    assert with_hold is without or (without, with_hold) == (Verdict.DUE, Verdict.HELD)
    if without is Verdict.DUE:
        assert (with_hold is Verdict.HELD) is blocked(SEGMENT, [placed], now_us)
