"""Everybody out: by command, by an input, and across a restart."""

import pytest

from controller.door.evacuation import Source
from controller.door.inputs import BuildingInput
from controller.ipc.messages import Reply

INPUTS = {"inputs": {"fire": {"pin": 23}, "evacuation": {"pin": 5}}}
BACK = {"id": "back", "readers": [{"port": "/dev/back"}], "lock": {"pin": 18}}


@pytest.fixture
def doors(make_door):
    return make_door(branch=INPUTS, others=[BACK]).begin().forget()


def modes(doors) -> set[str]:
    return {door["mode"] for door in doors.service.status()["doors"].values()}


def test_by_command_nobody_is_let_in_at_any_door_until_it_is_ended(doors) -> None:
    reply = doors.command("evacuate")
    assert reply == Reply(
        done=True, data={"modes": {"front": "evacuation", "back": "evacuation"}, "journalled": True}
    )
    started = [event for event in doors.writer.events if event.type == "evacuation.started"]
    assert [event.subject for event in started] == ["front", "back"]
    assert {event.data["for"] for event in started} == {"command"}
    assert all("command" in event.data for event in started)
    doors.forget()
    doors.swipe(doors.cards.valid)
    assert doors.command("unlock", door="back").reason == "evacuation"
    assert doors.command("hold-open", door="back", minutes=5).reason == "evacuation"
    assert not doors.happened_of("lock")
    assert doors.command("end-evacuation").done
    doors.advance(3)
    doors.swipe(doors.cards.valid)
    assert doors.lock.released


def test_people_may_leave_and_the_door_may_stand_open(doors) -> None:
    doors.command("evacuate")
    doors.forget()
    doors.open()
    doors.advance(300)
    doors.shut()
    doors.advance(1)
    doors.open()
    assert doors.happened_of("journal") == [
        ("journal", "door.opened"),
        ("journal", "door.closed"),
        ("journal", "door.opened"),
    ]
    doors.command("end-evacuation")
    doors.forget()
    doors.advance(31)
    assert ("journal", "door.held") in doors.happened


def test_it_ends_a_hold_open_at_once(doors) -> None:
    doors.command("hold-open", door="front", minutes=10)
    doors.command("evacuate")
    assert not doors.lock.released
    doors.command("end-evacuation")
    assert not doors.lock.released


def test_by_input_it_lasts_as_long_as_the_input(doors) -> None:
    doors.set(BuildingInput.EVACUATION, True)
    assert modes(doors) == {"evacuation"}
    started = next(event for event in doors.writer.events if event.type == "evacuation.started")
    assert started.data == {"for": "input"}
    doors.advance(1)
    doors.set(BuildingInput.EVACUATION, False)
    assert modes(doors) == {"locked"}


def test_it_lasts_as_long_as_one_of_those_who_asked_for_it_does(doors) -> None:
    doors.set(BuildingInput.EVACUATION, True)
    doors.command("evacuate")
    doors.advance(1)
    doors.set(BuildingInput.EVACUATION, False)
    assert modes(doors) == {"evacuation"}
    doors.advance(1)
    doors.set(BuildingInput.EVACUATION, True)
    doors.forget()
    assert doors.command("end-evacuation").reason == "evacuation"
    assert ("journal", "evacuation.ended") not in doors.happened
    doors.advance(1)
    doors.set(BuildingInput.EVACUATION, False)
    assert modes(doors) == {"locked"}


def test_a_command_that_joins_the_input_is_known_after_a_restart(doors) -> None:
    doors.set(BuildingInput.EVACUATION, True)
    doors.command("evacuate")
    doors.command("evacuate")
    started = [event for event in doors.writer.events if event.type == "evacuation.started"]
    assert [(event.subject, event.data["for"]) for event in started] == [
        ("front", "input"),
        ("back", "input"),
        ("front", "command"),
        ("back", "command"),
    ]
    doors.set(BuildingInput.EVACUATION, False)
    doors.advance(1)
    doors.set(BuildingInput.EVACUATION, True)
    doors.advance(1)
    assert len([event for event in doors.writer.events if event.type == "evacuation.started"]) == 4


def test_what_is_not_in_force_cannot_be_ended(doors) -> None:
    assert doors.command("end-evacuation").reason == "locked"
    assert ("journal", "evacuation.ended") not in doors.happened


def test_a_fire_and_a_lockdown_go_on_after_it_and_it_after_them(doors) -> None:
    doors.command("lockdown")
    doors.command("evacuate")
    doors.set(BuildingInput.FIRE, True)
    assert modes(doors) == {"fire in evacuation in lockdown"}
    doors.command("end-evacuation")
    doors.advance(1)
    doors.set(BuildingInput.FIRE, False)
    assert modes(doors) == {"lockdown"}


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("source", Source)
def test_it_outlives_a_restart_unless_the_input_that_began_it_is_off(
    make_door, source: Source, level: bool
) -> None:
    doors = make_door(branch=INPUTS, evacuation=source, others=[BACK])
    doors.building[BuildingInput.EVACUATION].level = level
    doors.begin()
    started = doors.writer.events[0]
    assert [door["evacuation"] for door in started.data["doors"].values()] == [True, True]
    goes_on = level or source is Source.COMMAND
    assert modes(doors) == {"evacuation" if goes_on else "locked"}
    ended = [event.subject for event in doors.writer.events if event.type == "evacuation.ended"]
    assert ended == ([] if goes_on else ["front", "back"])


def test_an_input_that_is_on_at_the_start_is_an_evacuation(make_door) -> None:
    doors = make_door(branch=INPUTS)
    doors.building[BuildingInput.EVACUATION].level = True
    doors.begin()
    assert modes(doors) == {"evacuation"}
    assert doors.writer.events[-1].type == "evacuation.started"
