"""That the branch will close is announced once, at the right minute, by a clock that can be believed."""

from __future__ import annotations

import pytest

from controller.core.event import EventType
from controller.door.inputs import BuildingInput

MINUTE_US = 60_000_000
BOTH = {"minutes_before_closing": [30, 5], "sound": "/closing.wav", "pin": 9, "pulse_s": 2.0}
RELAY = {"minutes_before_closing": [30, 5], "pin": 9}
SOUND = {"minutes_before_closing": [30, 5], "sound": "/closing.wav"}


@pytest.fixture
def make_branch_that_closes(make_door):
    """It closes at 20:00, and it is so many seconds past half past seven."""

    def make(announcements=BOTH, *, late_s: float = -2, **settings):
        door = make_door(hour=19, branch={"announcements": announcements, **settings})
        door.clock.advance(30 * MINUTE_US + round(late_s * 1_000_000))
        return door

    return make


def announced(door) -> list[tuple]:
    return [(event.data["minutes_left"], event.data["by"]) for event in events(door, "announcement.made")]


def events(door, type: str) -> list:
    return [event for event in door.writer.events if event.type == type]


def relay(door) -> list[str]:
    return [happening[1] for happening in door.happened if happening[0] == "announcement relay"]


def sounds(door) -> int:
    return len([happening for happening in door.happened if happening[0] == "sound"])


def test_without_the_table_there_are_none(make_door) -> None:
    door = make_door(hour=19).begin()
    door.clock.advance(30 * MINUTE_US - 1_000_000)
    door.advance(5)
    assert announced(door) == []
    assert relay(door) == []


def test_each_is_made_once_when_its_minute_comes(make_branch_that_closes) -> None:
    door = make_branch_that_closes().begin()
    door.advance(1)
    assert announced(door) == []
    door.advance(10)
    assert announced(door) == [(30, ["sound", "relay"])]
    door.clock.advance(25 * MINUTE_US - 10_000_000)
    door.advance(10)
    assert announced(door) == [(30, ["sound", "relay"]), (5, ["sound", "relay"])]
    assert sounds(door) == 2


def test_one_by_a_sound_alone_and_one_by_a_relay_alone(make_branch_that_closes) -> None:
    for announcements, by in ((SOUND, "sound"), (RELAY, "relay")):
        door = make_branch_that_closes(announcements).begin()
        door.advance(5)
        assert announced(door) == [(30, [by])]
        assert bool(sounds(door)) == (by == "sound")
        assert ("on" in relay(door)) == (by == "relay")


def test_the_relay_is_off_from_the_start_and_after_its_pulse(make_branch_that_closes) -> None:
    door = make_branch_that_closes().begin()
    assert relay(door) == ["off"]
    while relay(door) == ["off"]:
        door.advance(0.02)
    door.advance(1.9)
    assert relay(door) == ["off", "on"]
    door.advance(0.2)
    assert relay(door) == ["off", "on", "off"]


def test_a_pulse_does_not_outlast_the_process(make_branch_that_closes) -> None:
    door = make_branch_that_closes().begin()
    door.advance(2.5)
    assert relay(door) == ["off", "on"]
    door.announcements.end()
    assert relay(door) == ["off", "on", "off"]
    door.announcements.end()
    assert relay(door) == ["off", "on", "off"]


def test_none_is_made_without_a_clock_that_can_be_believed_and_none_a_minute_late(
    make_branch_that_closes,
) -> None:
    door = make_branch_that_closes()
    door.clock.trusted = False
    door.begin()
    door.advance(30)
    assert announced(door) == []
    door.clock.trusted = True
    door.advance(2)
    assert announced(door) == [(30, ["sound", "relay"])]

    door = make_branch_that_closes()
    door.clock.trusted = False
    door.begin()
    door.clock.advance(62_000_000)
    door.clock.trusted = True
    door.advance(2)
    assert announced(door) == []


def test_one_that_was_made_before_a_restart_is_not_made_again(make_branch_that_closes) -> None:
    door = make_branch_that_closes(late_s=30)
    door.announced_wall_us = door.clock.wall_us - 30_000_000
    door.begin()
    door.advance(5)
    assert announced(door) == []


def test_one_that_came_due_while_the_process_was_away_is_made_up_for_within_the_minute(
    make_branch_that_closes,
) -> None:
    for late_s, expected in ((50, [(30, ["sound", "relay"])]), (61, [])):
        door = make_branch_that_closes(late_s=late_s).begin()
        door.advance(5)
        assert announced(door) == expected


@pytest.mark.parametrize("cause", ["fire", "evacuation"])
def test_nobody_is_told_of_closing_time_while_everybody_shall_leave_at_once(
    make_branch_that_closes, cause: str
) -> None:
    door = make_branch_that_closes(inputs={"fire": {"pin": 23}, "evacuation": {"pin": 16}}).begin()
    door.set(BuildingInput(cause), True)
    door.advance(10)
    door.set(BuildingInput(cause), False)
    door.advance(5)
    assert announced(door) == []


def test_a_sound_that_is_not_heard_is_a_fault_that_is_told_once(make_branch_that_closes) -> None:
    door = make_branch_that_closes(SOUND).begin()
    door.sound.failure = "aplay: closing.wav: No such file or directory"
    door.advance(10)
    door.sound.failure = None
    door.advance(2)
    door.sound.failure = "aplay: busy"
    door.advance(2)
    faults = [event.data for event in events(door, EventType.DOOR_FAULT)]
    assert faults == [{"device": "announcement", "by": "sound"}] * 2


def test_a_relay_that_cannot_be_driven_is_a_fault_and_the_sound_is_made_without_it(
    make_branch_that_closes,
) -> None:
    door = make_branch_that_closes().begin()
    door.broken_outputs.add("announcement relay")
    door.advance(5)
    assert announced(door) == [(30, ["sound"])]
    faults = [event.data for event in events(door, EventType.DOOR_FAULT)]
    assert faults == [{"device": "announcement", "by": "relay"}]


def test_a_relay_that_cannot_be_switched_off_is_tried_again(make_branch_that_closes) -> None:
    door = make_branch_that_closes(RELAY).begin()
    door.advance(2.1)
    assert relay(door) == ["off", "on"]
    door.broken_outputs.add("announcement relay")
    door.advance(5)
    door.broken_outputs.clear()
    door.advance(10)
    assert relay(door) == ["off", "on", "off"]


def test_a_relay_that_alone_would_announce_and_cannot_has_announced_nothing(make_branch_that_closes) -> None:
    door = make_branch_that_closes(RELAY)
    door.broken_outputs.add("announcement relay")
    door.begin()
    door.advance(5)
    assert announced(door) == []


def test_a_swipe_is_answered_while_it_is_announced(make_branch_that_closes) -> None:
    door = make_branch_that_closes().begin()
    door.advance(2.1)
    assert len(announced(door)) == 1
    door.swipe(door.cards.valid)
    assert events(door, EventType.ACCESS_GRANTED)
