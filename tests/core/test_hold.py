"""What a hold covers and for how long it protects."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.hold import DAY_US, Category, Hold, Item, Scope, covers, protects

SCOPE = Scope(Category.FOOTAGE, "droitwich", None, 100, 200)
HOLD = Hold("h", "police", "22/1234", SCOPE, placed_us=1000, review_us=1000 + 90 * DAY_US)
ENDED = replace(HOLD, ended_us=50 * DAY_US, end_reason="trial over")
ITEM = Item(Category.FOOTAGE, "droitwich", "entrance", 120, 130)


@pytest.mark.parametrize(
    ("start_us", "end_us", "covered"),
    [
        (100, 200, True),
        (0, 1000, True),
        (99, 101, True),
        (90, 100, False),  # ends as the time of the hold begins: half-open
        (199, 300, True),
        (200, 300, False),
        (150, 150, True),  # a moment
        (100, 100, True),
        (200, 200, False),
        (99, 99, False),
    ],
)
def test_times_are_half_open(start_us: int, end_us: int, covered: bool) -> None:
    assert covers(HOLD, replace(ITEM, start_us=start_us, end_us=end_us)) is covered


def test_site_and_camera_count() -> None:
    one_camera = replace(HOLD, scope=replace(SCOPE, device="entrance"))
    assert covers(one_camera, ITEM)
    assert not covers(one_camera, replace(ITEM, device="stairs"))
    assert covers(HOLD, replace(ITEM, device="stairs"))
    assert not covers(HOLD, replace(ITEM, site="malvern"))


def test_an_event_is_held_whatever_its_time() -> None:
    by_event = replace(HOLD, scope=replace(SCOPE, start_us=0, end_us=0, event_ids=frozenset({"e1"})))
    assert covers(by_event, replace(ITEM, event_ids=frozenset({"e1", "e2"})))
    assert not covers(by_event, replace(ITEM, event_ids=frozenset({"e2"})))
    assert not covers(by_event, ITEM)
    assert not covers(by_event, replace(ITEM, site="malvern", event_ids=frozenset({"e1"})))


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_it_covers_what_shares_a_moment_with_it(
    start: int, length: int, item_start: int, item_length: int
) -> None:
    hold = replace(HOLD, scope=replace(SCOPE, start_us=start, end_us=start + length))
    item = replace(ITEM, start_us=item_start, end_us=item_start + item_length)
    shared = set(range(start, start + length)) & set(range(item_start, item_start + item_length))
    assert covers(hold, item) is bool(shared)


def test_it_protects_until_it_is_ended_and_seven_days_more() -> None:
    assert protects(HOLD, 10**18)
    assert protects(ENDED, 50 * DAY_US)
    assert protects(ENDED, 57 * DAY_US - 1)
    assert not protects(ENDED, 57 * DAY_US)


def test_it_protects_even_if_the_clock_says_it_was_placed_later() -> None:
    assert protects(HOLD, 0)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        replace(SCOPE, start_us=201)
    with pytest.raises(ValueError, match="90 days"):
        replace(HOLD, review_us=1001 + 90 * DAY_US)
    with pytest.raises(ValueError, match="90 days"):
        replace(HOLD, review_us=999)
    with pytest.raises(ValueError, match="reason"):
        replace(HOLD, ended_us=2000)
    with pytest.raises(ValueError, match="reason"):
        replace(HOLD, end_reason="trial over")


def test_a_hold_that_was_reviewed_is_looked_at_again_within_90_days() -> None:
    reviewed = {"reviewed_us": 2000, "reviewed_by": "sam"}
    replace(HOLD, review_us=2000 + 90 * DAY_US, **reviewed)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="90 days"):
        replace(HOLD, review_us=2001 + 90 * DAY_US, **reviewed)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="by somebody"):
        replace(HOLD, reviewed_us=2000)


def test_it_cools_off_for_as_long_as_was_set_when_it_was_ended() -> None:
    longer = replace(ENDED, cooling_off_days=14)
    assert protects(longer, 64 * DAY_US - 1)
    assert not protects(longer, 64 * DAY_US)


def test_what_is_of_no_single_device_is_held_with_each() -> None:
    one_door = replace(HOLD, scope=replace(SCOPE, device="front"))
    assert covers(one_door, replace(ITEM, device=None))
    assert not covers(one_door, replace(ITEM, device="yard"))
