"""Holds, their ends and restrictions: what they keep, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.hold import DAY_US, Category, Hold, Item, Scope
from controller.core.retention.due import (
    Answer,
    Conventions,
    Due,
    due,
)
from controller.core.retention.holding import Stopped, with_holds
from controller.core.retention.rules import (
    Duration,
    Moments,
    Period,
    Then,
    Window,
    YearBasis,
)

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CALENDAR = Conventions(LONDON, YearBasis.CALENDAR)
FINANCIAL = Conventions(LONDON, YearBasis.FINANCIAL)
SCHOOL = Conventions(LONDON, YearBasis.SCHOOL)
NO_BASIS = Conventions(LONDON, None)
NINETY_DAYS = Duration(Period(days=90))
FORTNIGHT = Window(14, 10, 30)


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def at(text: str) -> Moments:
    return Moments(us(text), us(text))


def dated(answer: Answer) -> Due:
    assert isinstance(answer, Due)
    return answer


# --- holds and restriction --------------------------------------------------------------------------

SEGMENT = Item(
    Category.FOOTAGE,
    "droitwich",
    "entrance",
    us("2026-11-01T10:00Z"),
    us("2026-11-01T10:01Z"),
    frozenset({"e1"}),
)
SEGMENT_DUE = dated(due(FORTNIGHT, Moments(SEGMENT.start_us, SEGMENT.end_us), NO_BASIS))


def hold(
    name: str, *, start: str = "2026-11-01T00:00Z", end: str = "2026-11-02T00:00Z", ended: str = ""
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
    )


def test_holds_and_a_restriction_stop_it_and_are_named() -> None:
    two = [hold("h1"), hold("h2"), hold("h3", ended="2026-11-03T00:00Z")]
    assert with_holds(SEGMENT_DUE, SEGMENT, two, NO_BASIS) == Stopped(frozenset({"h1", "h2"}), False)
    assert with_holds(SEGMENT_DUE, SEGMENT, [], NO_BASIS, restricted=True) == Stopped(frozenset(), True)
    assert with_holds(SEGMENT_DUE, SEGMENT, two[:1], NO_BASIS, restricted=True) == Stopped(
        frozenset({"h1"}), True
    )


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
    found = with_holds(SEGMENT_DUE, SEGMENT, [hold("h", start=start, end=end)], NO_BASIS)
    assert found == (Stopped(frozenset({"h"}), False) if stops else SEGMENT_DUE)


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
    found = dated_or_stopped([hold("h", ended=ended)])
    assert (found.due_us, found.gone_by_us) == (us(due_at), us(gone_by))
    assert (found.due_on, found.then) == (datetime.fromisoformat(due_at).date(), Then.DESTROY)


def dated_or_stopped(holds: list[Hold], cooling_off_us: int = 7 * DAY_US) -> Due:
    found = with_holds(SEGMENT_DUE, SEGMENT, holds, NO_BASIS, cooling_off_us=cooling_off_us)
    assert isinstance(found, Due)
    return found


def test_of_several_ends_the_last_counts_and_the_profile_says_how_long_to_wait() -> None:
    ended = [hold("h1", ended="2026-11-20T00:00Z"), hold("h2", ended="2026-11-18T00:00Z")]
    assert dated_or_stopped(ended).due_us == dated_or_stopped(ended[::-1]).due_us == us("2026-11-27T00:00Z")
    assert dated_or_stopped(ended, cooling_off_us=30 * DAY_US).due_us == us("2026-12-20T00:00Z")
    assert dated_or_stopped(ended, cooling_off_us=0).due_us == us("2026-11-20T00:00Z")


def test_a_review_stays_a_review_after_a_hold() -> None:
    review = replace(SEGMENT_DUE, then=Then.REVIEW, gone_by_us=None)
    found = with_holds(review, SEGMENT, [hold("h", ended="2026-12-20T00:00Z")], NO_BASIS)
    assert found == Due(us("2026-12-27T00:00Z"), date(2026, 12, 27), date(2026, 12, 26), Then.REVIEW)


HOLDS = st.lists(
    st.builds(
        lambda start, length, ended, by_event: replace(
            hold("h"),
            scope=Scope(
                Category.FOOTAGE,
                "droitwich",
                None,
                SEGMENT.start_us + start * 1_000_000,
                SEGMENT.start_us + (start + length) * 1_000_000,
                frozenset({"e1"} if by_event else set()),
            ),
            ended_us=None if ended is None else us("2026-11-02T00:00Z") + ended * DAY_US,
            end_reason=None if ended is None else "trial over",
        ),
        st.integers(-100, 100),
        st.integers(0, 100),
        st.none() | st.integers(0, 100),
        st.booleans(),
    ),
    max_size=5,
)


@given(HOLDS, HOLDS, st.booleans())
def test_one_more_hold_never_makes_anything_due_earlier(
    some: list[Hold], more: list[Hold], restricted: bool
) -> None:
    few = with_holds(SEGMENT_DUE, SEGMENT, some, NO_BASIS, restricted=restricted)
    many = with_holds(SEGMENT_DUE, SEGMENT, more + some, NO_BASIS, restricted=restricted)
    assert many == with_holds(SEGMENT_DUE, SEGMENT, some[::-1] + more, NO_BASIS, restricted=restricted)
    if isinstance(few, Stopped):
        assert isinstance(many, Stopped)
        assert few.hold_ids <= many.hold_ids
    elif isinstance(many, Due):
        assert SEGMENT_DUE.due_us <= few.due_us <= many.due_us
