"""What keeps a thing from being destroyed, and what an event is as such a thing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.event import CONTROLLER, Event, EventType, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.protection import Protection, hidden, hidden_ids, in_force, item_of, protecting, tied
from controller.core.restriction import Ground, Means, Restriction

SITE = "droitwich"
GRANT = "01a1fb67-1800-7e0d-9882-42c96d20b8fa"
OTHER = "01a1fb67-1800-7e0d-9882-42c96d20b8fb"
AT_US = 1_000_000
HOLD = Hold(
    "h", "police", "22/1", Scope(Category.ACCESS_EVENTS, SITE, None, 500_000, 1_500_000), 9, 9 + DAY_US
)
RESTRICTION = Restriction("r", "DP/7", Ground.OBJECTION, frozenset({GRANT}), 9, "dpo")
LIFTED = replace(
    RESTRICTION,
    informed_us=10,
    informed_by="dpo",
    informed_how=Means.LETTER,
    lifted_us=11,
    lifted_by="dpo",
    lift_reason="settled",
)


def event(
    event_id: str = GRANT, *, at_us: int = AT_US, trusted: bool = True, subject: str = "front", **data: str
) -> Event:
    stamp = Stamp(at_us, 5, "boot-1", trusted)
    return Event(1, event_id, EventType.ACCESS_GRANTED, stamp, subject, dict(data))


def ids(event: Event, *protections: Protection, now_us: int = 2 * AT_US) -> tuple[str, ...]:
    return protecting(item_of(event, Category.ACCESS_EVENTS, SITE), protections, now_us)


def scoped(**changes: object) -> Hold:
    return replace(HOLD, scope=replace(HOLD.scope, **changes))  # type: ignore[arg-type]


def test_an_event_is_held_by_its_time() -> None:
    assert ids(event(), HOLD) == ("h",)
    assert ids(event(at_us=499_999), HOLD) == ()
    assert ids(event(at_us=500_000), HOLD) == ("h",)
    assert ids(event(at_us=1_499_999), HOLD) == ("h",)
    assert ids(event(at_us=1_500_000), HOLD) == ()


def test_an_event_is_held_by_its_door_and_by_what_is_of_no_single_door() -> None:
    front = scoped(device="front")
    assert ids(event(), front) == ("h",)
    assert ids(event(subject="yard"), front) == ()
    assert ids(event(subject=CONTROLLER), front) == ("h",)


def test_an_event_is_held_by_its_id_and_with_it_what_is_tied_to_it() -> None:
    by_id = scoped(start_us=0, end_us=0, event_ids=frozenset({GRANT}))
    assert ids(event(), by_id) == ("h",)
    assert ids(event(OTHER), by_id) == ()
    assert ids(event(OTHER, access=GRANT), by_id) == ("h",)


def test_a_hold_of_footage_holds_no_event() -> None:
    assert ids(event(), scoped(category=Category.FOOTAGE)) == ()


def test_a_restriction_protects_its_events_until_it_is_lifted() -> None:
    assert ids(event(), RESTRICTION) == ("r",)
    assert ids(event(OTHER, access=GRANT), RESTRICTION) == ("r",)
    assert ids(event(OTHER), RESTRICTION) == ()
    assert ids(event(), LIFTED) == ()


def test_what_protects_is_told_by_all_its_ids() -> None:
    assert ids(event(), HOLD, RESTRICTION, LIFTED) == ("h", "r")


@pytest.mark.parametrize(
    ("not_before_us", "not_after_us", "held"),
    [
        (0, None, True),  # nobody knows when it was
        (1_500_000, None, False),
        (0, 499_999, False),
        (0, 500_000, True),
        (1_499_999, 3_000_000, True),
        (1_500_000, 3_000_000, False),
    ],
)
def test_an_event_of_an_untrusted_clock_is_held_if_it_may_have_been_then(
    not_before_us: int, not_after_us: int | None, held: bool
) -> None:
    undated = event(at_us=5, trusted=False)
    item = item_of(
        undated, Category.ACCESS_EVENTS, SITE, not_before_us=not_before_us, not_after_us=not_after_us
    )
    assert bool(protecting(item, [HOLD], 2 * AT_US)) is held


def test_in_force_are_those_that_protect_now() -> None:
    ended = replace(HOLD, ended_us=10, end_reason="over")
    week_us = 7 * DAY_US
    assert in_force([HOLD, ended, RESTRICTION, LIFTED], 10 + week_us - 1) == [HOLD, ended, RESTRICTION]
    assert in_force([HOLD, ended, RESTRICTION, LIFTED], 10 + week_us) == [HOLD, RESTRICTION]


def test_a_restricted_event_is_hidden_with_what_tells_of_it() -> None:
    restricted = hidden_ids([HOLD, RESTRICTION])
    assert restricted == {GRANT}
    assert hidden(event(), restricted)
    assert hidden(event(OTHER, cause=GRANT), restricted)
    assert not hidden(event(OTHER, clip=OTHER), restricted)
    assert hidden_ids([HOLD, LIFTED]) == frozenset()
    assert not hidden(event(), frozenset())


def test_only_ids_tie() -> None:
    assert tied(event(reason="expired", access=OTHER)) == {GRANT, OTHER}


MOMENTS = st.integers(0, 20)
SCOPED = st.tuples(MOMENTS, MOMENTS, st.one_of(st.none(), MOMENTS))


@given(
    st.lists(SCOPED, max_size=3),
    SCOPED,
    MOMENTS,
    MOMENTS,
)
def test_one_more_protection_frees_nothing(
    before: list[tuple[int, int, int | None]],
    added: tuple[int, int, int | None],
    at_us: int,
    now_days: int,
) -> None:
    def hold(number: int, one: tuple[int, int, int | None]) -> Hold:
        start, length, ended = one
        scope = Scope(Category.ACCESS_EVENTS, SITE, None, start, start + length)
        ended_us = None if ended is None else ended * DAY_US + 9
        return replace(
            HOLD, id=str(number), scope=scope, ended_us=ended_us, end_reason="over" if ended_us else None
        )

    holds = [hold(number, one) for number, one in enumerate(before)]
    now_us = now_days * DAY_US
    found = set(ids(event(at_us=at_us), *holds, now_us=now_us))
    more = set(ids(event(at_us=at_us), *holds, hold(99, added), now_us=now_us))
    assert found == more - {"99"}
