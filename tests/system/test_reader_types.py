"""One scenario, played at a door with each type of card reader: the same must come of it.

All types are at one branch, at as many doors as a controller can have. The doors are played at the same
time, the readers of a door one after the other.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.event import Event, EventType
from simulator.branch import Branch, Plan
from simulator.card_formats import TYPES
from simulator.demo import SCENARIOS
from simulator.door import Door
from simulator.patience import BACK_S
from simulator.play import play
from simulator.scenario import Scenario, load_scenario
from simulator.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.prompt, pytest.mark.timeout(300)]

DOORS = 8
PULSE_S, REPEAT_S = 10.0, 10.0
"""However slow the machine: who is let in gets to the door in time, and a card that is held is one swipe."""
RULES = "[journal]\nwait_ms = 10000\n"
SCENARIO = load_scenario(SCENARIOS / "readers.yaml")


@dataclass(frozen=True)
class Played:
    """What came of it. differences: by the type of reader; door: at which one it was."""

    branch: Branch
    events: list[Event]
    differences: Mapping[str, list[str]]
    door: Mapping[str, Door]


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    types = list(TYPES.values())
    readers = tuple(tuple(types[place::DOORS]) for place in range(DOORS))
    plan = Plan(readers=readers, broker=None, pulse_s=PULSE_S, repeat_s=REPEAT_S, rules=RULES)
    with tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder, Branch(Path(folder), plan) as branch:
        branch.start()
        with ThreadPoolExecutor(DOORS) as people:
            found = list(people.map(lambda door: play_at(branch, door, SCENARIO), branch.doors))
        events: list[Event] = []

        def all_are_back() -> bool:
            events[:] = branch.events()
            types = Counter(event.type for event in events)
            return types[EventType.READER_LOST] == types[EventType.READER_FOUND]

        wait_until(all_are_back, BACK_S)
        yield Played(
            branch,
            events,
            {name: differences for at_door in found for name, differences in at_door.items()},
            {reader.type.name: door for door in branch.doors for reader in door.readers},
        )


def play_at(branch: Branch, door: Door, scenario: Scenario) -> dict[str, list[str]]:
    return {reader.type.name: play(branch, scenario, at=(door, reader)) for reader in door.readers}


@pytest.mark.parametrize("type_", TYPES)
def test_the_same_comes_of_the_scenario_with_every_type_of_reader(played: Played, type_: str) -> None:
    assert played.differences[type_] == []
    said = [event for event in played.events if of(event, played.door[type_], type_)]
    counted = Counter(event.type for event in said)
    # Out of order when its plug is pulled, one that must answer in time also when it cannot.
    losses = counted[EventType.READER_LOST] if TYPES[type_].bits is not None else 1
    assert counted == {
        EventType.ACCESS_GRANTED: SCENARIO.totals.grants,
        EventType.ACCESS_REFUSED: sum(SCENARIO.totals.refusals.values()),
        EventType.READER_LOST: losses,
        EventType.READER_FOUND: losses,
    }
    assert losses >= 1
    changes = [event.type for event in said if event.type in (EventType.READER_LOST, EventType.READER_FOUND)]
    assert changes == [EventType.READER_LOST, EventType.READER_FOUND] * losses
    refused = [event for event in said if event.type is EventType.ACCESS_REFUSED]
    assert Counter(event.data["reason"] for event in refused) == SCENARIO.totals.refusals


def of(event: Event, door: Door, reader: str) -> bool:
    return event.subject == door.id and event.data.get("reader") == reader


def test_every_release_belongs_to_a_grant_at_its_own_door(played: Played) -> None:
    for door in played.branch.doors:
        expected = len(door.readers) * SCENARIO.totals.pulses
        events = [event for event in played.events if event.subject == door.id]
        granted = [event.id for event in events if event.type is EventType.ACCESS_GRANTED]
        assert [event.data["grant"] for event in events if event.type is EventType.DOOR_UNLOCKED] == granted
        assert len(granted) == expected
        assert len(played.branch.panel.pulses(door.lock)) == expected
