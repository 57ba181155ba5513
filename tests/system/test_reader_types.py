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
from simulator.play import play
from simulator.scenario import Scenario, load_scenario

pytestmark = [pytest.mark.system, pytest.mark.prompt, pytest.mark.timeout(300)]

DOORS = 8
SCENARIO = load_scenario(SCENARIOS / "readers.yaml")


@dataclass(frozen=True)
class Played:
    """What came of it. differences: by the type of reader; door: at which one it was."""

    branch: Branch
    differences: Mapping[str, list[str]]
    door: Mapping[str, Door]


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    types = list(TYPES.values())
    plan = Plan(readers=tuple(tuple(types[place::DOORS]) for place in range(DOORS)), broker=None, pulse_s=0.5)
    with tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder, Branch(Path(folder), plan) as branch:
        branch.start()
        with ThreadPoolExecutor(DOORS) as people:
            found = list(people.map(lambda door: play_at(branch, door, SCENARIO), branch.doors))
        yield Played(
            branch,
            {name: differences for at_door in found for name, differences in at_door.items()},
            {reader.type.name: door for door in branch.doors for reader in door.readers},
        )


def play_at(branch: Branch, door: Door, scenario: Scenario) -> dict[str, list[str]]:
    return {reader.type.name: play(branch, scenario, at=(door, reader)) for reader in door.readers}


@pytest.mark.parametrize("type_", TYPES)
def test_the_same_comes_of_the_scenario_with_every_type_of_reader(played: Played, type_: str) -> None:
    assert played.differences[type_] == []
    answers = [event for event in played.branch.events() if of(event, played.door[type_], type_)]
    assert Counter(event.type for event in answers) == {
        EventType.ACCESS_GRANTED: SCENARIO.totals.grants,
        EventType.ACCESS_REFUSED: sum(SCENARIO.totals.refusals.values()),
        EventType.READER_LOST: 1,
        EventType.READER_FOUND: 1,
    }
    refused = [event for event in answers if event.type is EventType.ACCESS_REFUSED]
    assert Counter(event.data["reason"] for event in refused) == SCENARIO.totals.refusals


def of(event: Event, door: Door, reader: str) -> bool:
    return event.subject == door.id and event.data.get("reader") == reader


def test_every_release_belongs_to_a_grant_at_its_own_door(played: Played) -> None:
    for door in played.branch.doors:
        expected = len(door.readers) * SCENARIO.totals.pulses
        events = [event for event in played.branch.events() if event.subject == door.id]
        granted = [event.id for event in events if event.type is EventType.ACCESS_GRANTED]
        assert [event.data["grant"] for event in events if event.type is EventType.DOOR_UNLOCKED] == granted
        assert len(granted) == expected
        assert len(played.branch.panel.pulses(door.lock)) == expected
