"""Holds, their ends and restrictions: what they keep, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.hold import DAY_US, Category, Hold, Item, Scope
from controller.core.protection import Protection, protecting
from controller.core.restriction import Ground, Means, Restriction
from controller.core.retention.due import Conventions, Due, due
from controller.core.retention.holding import Stopped, with_holds
from controller.core.retention.rules import Moments, Then, Window

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_BASIS = Conventions(ZoneInfo("Europe/London"), None)


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


SEGMENT = Item(
    Category.FOOTAGE,
    "droitwich",
    "entrance",
    us("2026-11-01T10:00Z"),
    us("2026-11-01T10:01Z"),
    frozenset({"e1"}),
)


def segment_due() -> Due:
    found = due(Window(14, 10, 30), Moments(SEGMENT.start_us, SEGMENT.end_us), NO_BASIS)
    assert isinstance(found, Due)
    return found


SEGMENT_DUE = segment_due()  # 2026-11-15T10:01Z
RESTRICTED = Restriction("r", "SAR-7", Ground.CLAIM, frozenset({"e1"}), us("2026-11-02T00:00Z"), "ann")
LIFTED = replace(
    RESTRICTED,
    informed_us=us("2026-12-01T00:00Z"),
    informed_by="ann",
    informed_how=Means.LETTER,
    lifted_us=us("2026-12-20T00:00Z"),
    lifted_by="ann",
    lift_reason="settled",
)


def hold(
    name: str,
    *,
    start: str = "2026-11-01T00:00Z",
    end: str = "2026-11-02T00:00Z",
    ended: str = "",
    cooling_off_days: int = 7,
) -> Hold:
    placed_us = us("2026-11-02T00:00Z")
    return Hold(
        name,
        "police",
        "22/1234",
        Scope(Category.FOOTAGE, "droitwich", None, us(start), us(end)),
        placed_us,
        placed_us + 90 * DAY_US,
        us(ended) if ended else None,
        "trial over" if ended else None,
        cooling_off_days=cooling_off_days,
    )


def found(*protections: Protection) -> Due | Stopped:
    return with_holds(SEGMENT_DUE, SEGMENT, protections, NO_BASIS)


def test_holds_and_a_restriction_stop_it_and_are_named() -> None:
    ended = hold("h3", ended="2026-11-03T00:00Z")
    assert found(hold("h1"), ended, hold("h2")) == Stopped(frozenset({"h1", "h2"}))
    assert found(RESTRICTED) == found(ended, RESTRICTED) == Stopped(frozenset({"r"}))
    assert found(RESTRICTED, hold("h1")) == Stopped(frozenset({"h1", "r"}))
    assert found(replace(RESTRICTED, event_ids=frozenset({"e2"}))) == SEGMENT_DUE


def test_a_restriction_that_was_lifted_stops_nothing() -> None:
    assert found(LIFTED) == found() == SEGMENT_DUE


@pytest.mark.parametrize(
    ("start", "end", "stops"),
    [
        ("2026-11-01T10:00:30Z", "2026-11-01T12:00Z", True),
        ("2026-11-01T10:01Z", "2026-11-01T12:00Z", False),  # half-open: it begins as the segment ends
        ("2026-11-01T09:00Z", "2026-11-01T10:00Z", False),
        ("2026-11-01T09:00Z", "2026-11-01T10:00:00.000001Z", True),
    ],
)
def test_the_range_of_a_hold_is_half_open(start: str, end: str, stops: bool) -> None:
    expected = Stopped(frozenset({"h"})) if stops else SEGMENT_DUE
    assert found(hold("h", start=start, end=end)) == expected


@pytest.mark.parametrize(
    ("ended", "due_at", "gone_by"),
    [
        ("2026-11-03T00:00Z", "2026-11-15T10:01Z", "2026-12-01T10:00Z"),  # its own date is the later
        ("2026-11-08T10:01Z", "2026-11-15T10:01Z", "2026-12-01T10:00Z"),
        ("2026-11-20T00:00Z", "2026-11-27T00:00Z", "2026-12-01T10:00Z"),
        ("2027-03-25T12:00Z", "2027-04-01T12:00Z", "2027-04-01T12:00Z"),  # later than it could have been kept
    ],
)
def test_after_a_hold_it_is_due_at_the_later_of_its_own_date_and_seven_days_on(
    ended: str, due_at: str, gone_by: str
) -> None:
    after = found(hold("h", ended=ended))
    assert isinstance(after, Due)
    assert (after.due_us, after.gone_by_us) == (us(due_at), us(gone_by))
    assert (after.due_on, after.then) == (datetime.fromisoformat(due_at).date(), Then.DESTROY)


def test_of_several_ends_the_last_counts_and_the_profile_says_how_long_to_wait() -> None:
    def due_us(*days: int) -> int:
        after = found(
            hold("h1", ended="2026-11-20T00:00Z", cooling_off_days=days[0]),
            hold("h2", ended="2026-11-18T00:00Z", cooling_off_days=days[1]),
        )
        assert isinstance(after, Due)
        return after.due_us

    assert due_us(7, 7) == us("2026-11-27T00:00Z")
    assert due_us(7, 30) == us("2026-12-18T00:00Z")
    assert due_us(0, 0) == us("2026-11-20T00:00Z")


def test_a_review_stays_a_review_after_a_hold() -> None:
    review = replace(SEGMENT_DUE, then=Then.REVIEW, gone_by_us=None)
    after = with_holds(review, SEGMENT, [hold("h", ended="2026-12-20T00:00Z")], NO_BASIS)
    assert after == Due(us("2026-12-27T00:00Z"), date(2026, 12, 27), date(2026, 12, 26), Then.REVIEW)


def some_hold(start_s: int, length_s: int, ended_day: int | None, by_event: bool, days: int) -> Hold:
    start_us = SEGMENT.start_us + start_s * 1_000_000
    ids = frozenset({"e1"} if by_event else set[str]())
    return replace(
        hold("h", cooling_off_days=days),
        scope=Scope(Category.FOOTAGE, "droitwich", None, start_us, start_us + length_s * 1_000_000, ids),
        ended_us=None if ended_day is None else us("2026-11-02T00:00Z") + ended_day * DAY_US,
        end_reason=None if ended_day is None else "trial over",
    )


HOLDS = st.builds(
    some_hold,
    st.integers(-100, 100),
    st.integers(0, 100),
    st.none() | st.integers(0, 60),
    st.booleans(),
    st.integers(0, 14),
)
PROTECTIONS = st.lists(HOLDS | st.sampled_from([RESTRICTED, LIFTED]), max_size=4)


@given(PROTECTIONS, PROTECTIONS)
def test_one_more_never_makes_anything_due_earlier_and_the_order_does_not_matter(
    some: list[Protection], more: list[Protection]
) -> None:
    few, many = found(*some), found(*more, *some)
    assert many == found(*some[::-1], *more)
    if isinstance(few, Stopped):
        assert isinstance(many, Stopped)
        assert few.by <= many.by
    elif isinstance(many, Due):
        assert SEGMENT_DUE.due_us <= few.due_us <= many.due_us


@given(PROTECTIONS, st.integers(0, 80), st.integers(-1, 1))
def test_what_destroys_finds_the_same_at_any_moment(
    protections: list[Protection], days: int, more_us: int
) -> None:
    """Asked of ``protection``, a moment at a time, as whoever destroys does."""
    answer = found(*protections)
    moments = [us("2026-11-02T00:00Z") + days * DAY_US, SEGMENT_DUE.due_us]
    if isinstance(answer, Due):
        moments.append(answer.due_us)
    for now_us in (each + more_us for each in moments):
        may_go = SEGMENT_DUE.due_us <= now_us and not protecting(SEGMENT, protections, now_us)
        assert may_go is (isinstance(answer, Due) and answer.due_us <= now_us)
