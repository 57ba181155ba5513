from __future__ import annotations

import json
from functools import reduce

import pytest

from controller.core.event import EventType as E
from controller.uplink.door_state import DoorState


@pytest.mark.parametrize(
    ("happened", "mode", "contact"),
    [
        ([], "unknown", "unknown"),
        ([E.DOOR_UNLOCKED], "released", "unknown"),
        ([E.DOOR_UNLOCKED, E.DOOR_OPENED, E.DOOR_LOCKED], "locked", "open"),
        ([E.DOOR_OPENED, E.DOOR_HELD], "unknown", "held"),
        ([E.DOOR_FORCED, E.DOOR_CLOSED], "unknown", "closed"),
        ([E.DOOR_HOLD_OPEN_STARTED, E.DOOR_UNLOCKED], "hold_open", "unknown"),
        ([E.DOOR_HOLD_OPEN_STARTED, E.DOOR_HOLD_OPEN_ENDED, E.DOOR_LOCKED], "locked", "unknown"),
        ([E.DOOR_UNLOCKED, E.LOCKDOWN_STARTED, E.DOOR_LOCKED], "lockdown", "unknown"),
        ([E.LOCKDOWN_STARTED, E.LOCKDOWN_ENDED], "locked", "unknown"),
        ([E.FIRE_STARTED, E.DOOR_OPENED], "fire", "open"),
        ([E.FIRE_STARTED, E.FIRE_ENDED], "locked", "unknown"),
    ],
)
def test_the_last_word_holds(event, happened: list[E], mode: str, contact: str) -> None:
    events = [event(seq, kind) for seq, kind in enumerate(happened, 1)]
    state = reduce(DoorState.after, events, DoorState())
    assert (state.mode, state.contact, state.seq) == (mode, contact, len(happened))


def test_an_event_about_something_else_changes_nothing(event) -> None:
    before = DoorState().after(event(1))
    assert before.after(event(2, E.ACCESS_GRANTED)) is before


def test_the_message_says_since_when(event) -> None:
    message = json.loads(DoorState().after(event(7)).encode("j-1"))
    assert message == {
        "mode": "unknown",
        "contact": "open",
        "journal": "j-1",
        "sequence": "7",
        "time": "2026-11-21T18:04:05.000130Z",
        "clocktrusted": True,
    }
