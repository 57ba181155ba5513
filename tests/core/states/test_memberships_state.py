"""What a dashboard is told of the memberships."""

from __future__ import annotations

import pytest

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.states.memberships import MembershipsState

STAMP = Stamp(1_795_284_245_000_000, 1, "boot", True)


def event(type: EventType, seq: int = 1, **data: JsonValue) -> Event:
    return Event(seq, f"id-{seq}", type, STAMP, "lms", data)


def said(*events: Event) -> dict[str, object]:
    state = MembershipsState()
    for each in events:
        state = state.after(each)
    told = state.said
    return {name: told[name] for name in ("copy", "lms", "reason")}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), ("unknown", "unknown", "")),
        ((EventType.MEMBERSHIP_FRESH,), ("fresh", "unknown", "")),
        ((EventType.MEMBERSHIP_FRESH, EventType.MEMBERSHIP_STALE), ("stale", "unknown", "")),
        ((EventType.LMS_LOST,), ("unknown", "lost", "timed_out")),
        ((EventType.LMS_LOST, EventType.LMS_FOUND), ("unknown", "answers", "")),
        ((EventType.LMS_UNUSABLE,), ("unknown", "unusable", "")),
        ((EventType.LMS_UNUSABLE, EventType.LMS_PLAUSIBLE), ("unknown", "answers", "")),
        ((EventType.LMS_LOST, EventType.MEMBERSHIP_FRESH), ("fresh", "lost", "timed_out")),
    ],
)
def test_it_is_what_the_journal_says_last(
    events: tuple[EventType, ...], expected: tuple[str, str, str]
) -> None:
    told = said(*(event(type, seq, reason="timed_out") for seq, type in enumerate(events, 1)))
    assert tuple(told.values()) == expected


def test_it_names_the_event_that_said_so() -> None:
    state = MembershipsState().after(event(EventType.LMS_FOUND, 7))
    assert (state.seq, state.stamp) == (7, STAMP)


def test_other_events_change_nothing() -> None:
    state = MembershipsState().after(event(EventType.LMS_LOST))
    assert state.after(event(EventType.MEMBERSHIP_IMPORTED, 2)) is state
