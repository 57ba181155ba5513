from __future__ import annotations

import random
from functools import reduce

import pytest

from controller.core import door
from controller.core.event import Event, JsonValue, Stamp
from controller.core.event import EventType as E
from controller.core.states.door import DoorState


def event(seq: int = 1, kind: E = E.DOOR_OPENED, subject: str = "front", **data: JsonValue) -> Event:
    return Event(seq, f"id-{seq}", kind, Stamp(1_795_284_245_000_000, seq, "boot", True), subject, data)


def started(**emergencies: bool) -> DoorState:
    doors = {"front": {"open": None, **emergencies}}
    return DoorState("front").after(event(1, E.SERVICE_STARTED, "controller", doors=doors))


@pytest.mark.parametrize(
    ("happened", "mode", "contact"),
    [
        ([], "unknown", "unknown"),
        ([E.DOOR_UNLOCKED], "released", "unknown"),
        ([E.DOOR_UNLOCKED, E.DOOR_OPENED, E.DOOR_LOCKED], "locked", "open"),
        ([E.DOOR_FORCED, E.DOOR_CLOSED], "unknown", "closed"),
        ([E.LOCKDOWN_STARTED, E.FIRE_STARTED, E.FIRE_ENDED], "lockdown", "unknown"),
    ],
)
def test_the_last_word_holds(happened: list[E], mode: str, contact: str) -> None:
    events = [event(seq, kind) for seq, kind in enumerate(happened, 1)]
    state = reduce(DoorState.after, events, DoorState("front"))
    assert (state.mode, state.contact, state.seq) == (mode, contact, len(happened))


MODES = {
    door.Mode.LOCKED: "locked",
    door.Mode.RELEASED: "released",
    door.Mode.HOLD_OPEN: "hold_open",
    door.Mode.LOCKDOWN: "lockdown",
    door.Mode.EVACUATION: "evacuation",
    door.Mode.EVACUATION_IN_LOCKDOWN: "evacuation",
    door.Mode.LETTING_OUT: "evacuation",
    door.Mode.FIRE: "fire",
    door.Mode.FIRE_IN_LOCKDOWN: "fire",
    door.Mode.FIRE_IN_EVACUATION: "fire",
    door.Mode.FIRE_IN_EVACUATION_IN_LOCKDOWN: "fire",
}


@pytest.mark.parametrize("evacuation", [False, True])
@pytest.mark.parametrize("lockdown", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_it_says_what_the_door_s_machine_says(seed: int, lockdown: bool, evacuation: bool) -> None:
    """From its events alone, whatever happens: every mode, and the leaf once it has moved."""
    chance = random.Random(seed)
    machine, _ = door.start(contact_open=False, lockdown=lockdown, evacuation=evacuation)
    state = started(lockdown=lockdown, evacuation=evacuation)
    seq = 1
    for _ in range(500):
        happened = chance.choice(list(door.Input))
        machine, effects = door.step(machine, happened)
        for effect in effects:
            if effect in door.JOURNALLED:
                seq += 1
                state = state.after(event(seq, door.JOURNALLED[effect]))
        assert state.mode == MODES[machine.mode], happened
        assert state.contact in ("unknown", machine.contact.value), happened


def test_a_restart_goes_on_with_a_lockdown() -> None:
    assert started(lockdown=True).mode == "lockdown"
    assert started(lockdown=False).mode == "locked"
    assert started().mode == "locked"


def test_a_restart_goes_on_with_an_evacuation() -> None:
    both = started(lockdown=True, evacuation=True)
    assert both.mode == "evacuation"
    assert both.after(event(2, E.EVACUATION_ENDED)).mode == "lockdown"


@pytest.mark.parametrize(("is_open", "contact"), [(True, "open"), (False, "closed"), (None, "unknown")])
def test_a_restart_tells_where_the_leaf_is(is_open: bool | None, contact: str) -> None:
    doors = {"front": {"lockdown": False, "open": is_open}}
    state = DoorState("front").after(event(1, E.DOOR_UNLOCKED))
    assert state.after(event(2, E.SERVICE_STARTED, "controller", doors=doors)).mode == "locked"
    assert state.after(event(2, E.SERVICE_STARTED, "controller", doors=doors)).contact == contact


def test_what_happens_at_another_door_changes_nothing() -> None:
    before = DoorState("front").after(event(1))
    assert before.after(event(2, E.DOOR_FORCED, "back")) is before
    assert before.after(event(2, E.SERVICE_STARTED, "controller", doors={"back": {}})) is before


def test_an_event_about_something_else_changes_nothing() -> None:
    before = DoorState("front").after(event(1))
    assert before.after(event(2, E.ACCESS_GRANTED)) is before


def test_it_names_the_event_that_said_so() -> None:
    state = DoorState("front").after(event(7))
    assert (state.seq, state.stamp) == (7, event(7).stamp)
    assert state.said == {
        "mode": "unknown",
        "contact": "open",
        "alarms": [],
    }


def test_alarms_last_until_they_end_at_the_door_or_in_the_building() -> None:
    state = DoorState("front")
    for seq, (kind, subject, data) in enumerate(
        [
            (E.HELP_REQUESTED, "front", {"device": "door"}),
            (E.TAMPER_STARTED, "front", {"device": "reader", "reader": "in"}),
            (E.LOCK_FAULT_STARTED, "front", {"fault": "jammed"}),
            (E.LOCK_FAULT_STARTED, "back", {"fault": "not_locked"}),
            (E.POWER_MAINS_LOST, "controller", {"device": "building"}),
        ],
        1,
    ):
        state = state.after(event(seq, kind, subject, **data))
    said = state.said["alarms"]
    assert said == ["help:door", "lock:jammed", "mains_lost:building", "tamper:reader:in"]
    for kind, subject, data in [
        (E.POWER_MAINS_BACK, "controller", {"device": "building"}),
        (E.TAMPER_ENDED, "front", {"device": "reader", "reader": "in"}),
        (E.LOCK_FAULT_ENDED, "front", {"fault": "jammed"}),
    ]:
        state = state.after(event(9, kind, subject, **data))
    assert state.alarms == {"help:door"}
    doors = {"front": {"lockdown": False, "evacuation": False, "open": False}}
    assert state.after(event(10, E.SERVICE_STARTED, "controller", doors=doors)).alarms == frozenset()
