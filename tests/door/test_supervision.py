"""What lasts at a door and in the building: said once when it begins, once when it ends, and told aloud."""

import pytest

from controller.devices import ReaderTamper
from controller.door.inputs import BuildingInput, DoorInput

LOCK_SENSOR = {"pin": 6, "settle_s": 1.0}
BUILDING = {
    "inputs": {
        "fire": {"pin": 23},
        "tamper": {"pin": 5},
        "mains_lost": {"pin": 16},
        "battery_low": {"pin": 20},
        "help": {"pin": 21},
    }
}


def journal(door) -> list[tuple]:
    return [happening[1:] for happening in door.happened_of("journal")]


# --- an open leaf -------------------------------------------------------------------------------------


def test_a_door_left_open_is_warned_of_then_held(make_door) -> None:
    door = make_door(held_warning_s=20, held_open_s=30).begin()
    door.swipe(door.cards.valid)
    door.open()
    door.forget()
    door.advance(19)
    assert door.happened == []
    door.advance(2)
    assert door.happened == [("journal", "door.held_warning"), ("display", "close_the_door")]
    door.advance(10)
    assert journal(door) == [("door.held_warning",), ("door.held",)]
    assert door.happened[-1] == ("display", "door_alarm")


def test_without_a_warning_only_the_alarm_comes(door) -> None:
    door.swipe(door.cards.valid)
    door.open()
    door.forget()
    door.advance(40)
    assert journal(door) == [("door.held",)]


def test_the_warning_is_told_again_until_the_door_is_shut(make_door) -> None:
    door = make_door(held_warning_s=10, held_open_s=60).begin()
    door.swipe(door.cards.valid)
    door.open()
    door.forget()
    door.advance(31)
    told = len(door.happened_of("display"))
    assert 4 <= told <= 5
    door.shut()
    door.advance(60)
    assert len(door.happened_of("display")) == told


@pytest.mark.parametrize(("alarm_s", "at_least", "at_most"), [(0, 1, 1), (20, 4, 5)])
def test_the_alarm_is_heard_for_as_long_as_set(make_door, alarm_s: int, at_least: int, at_most: int) -> None:
    door = make_door(alarm_s=alarm_s).begin().forget()
    door.open()
    door.advance(120)
    assert journal(door) == [("door.forced",)]
    assert at_least <= len(door.happened_of("display")) <= at_most


def test_while_staff_are_in_nobody_is_warned(make_door) -> None:
    door = make_door(hour=16, held_warning_s=20)
    door.clock.advance(3_500_000_000)
    door.begin().forget()
    door.open()
    door.advance(95)
    assert journal(door) == [("door.opened",)]
    door.advance(40)
    assert journal(door)[1:] == [("door.held_warning",), ("door.held",)]


def test_a_warning_given_before_staff_came_becomes_no_alarm_while_they_are_in(make_door) -> None:
    door = make_door(hour=9, held_warning_s=20, held_open_s=120)
    door.clock.advance(3_540_000_000)
    door.begin()
    door.swipe(door.cards.valid)
    door.open()
    door.forget()
    door.advance(3 * 120)
    assert journal(door) == [("door.held_warning",)]


# --- the lock's sensor --------------------------------------------------------------------------------


@pytest.fixture
def sensed(make_door):
    door = make_door(lock_sensor=LOCK_SENSOR)
    door.inputs[DoorInput.LOCK_SENSOR].level = True
    return door.begin().forget()


def test_a_lock_that_works_is_no_fault(sensed) -> None:
    sensed.swipe(sensed.cards.valid)
    sensed.set(DoorInput.LOCK_SENSOR, False)
    sensed.open()
    sensed.advance(5)
    sensed.shut()
    sensed.set(DoorInput.LOCK_SENSOR, True)
    sensed.advance(5)
    assert "lock.fault_started" not in [type for type, *_ in journal(sensed)]
    assert sensed.status["lock_faults"] == []


def test_a_lock_that_jams_is_said_within_the_pulse_and_until_the_bolt_moves(sensed) -> None:
    sensed.swipe(sensed.cards.valid)
    sensed.forget()
    sensed.advance(1.1)
    assert journal(sensed) == [("lock.fault_started", "jammed")]
    assert sensed.status["lock_faults"] == ["jammed"]
    sensed.advance(60)
    assert ("lock.fault_ended", "jammed") not in journal(sensed)
    sensed.swipe(sensed.cards.valid)
    sensed.set(DoorInput.LOCK_SENSOR, False)
    sensed.advance(1.1)
    assert journal(sensed)[-1] == ("lock.fault_ended", "jammed")


def test_a_contact_that_says_open_while_the_bolt_says_locked_is_a_fault(sensed) -> None:
    sensed.push_exit()
    sensed.open()
    sensed.forget()
    sensed.advance(1.1)
    assert journal(sensed) == [("lock.fault_started", "contact_or_lock")]
    sensed.shut()
    sensed.advance(1.1)
    assert journal(sensed)[1:] == [("door.closed",), ("lock.fault_ended", "contact_or_lock")]


def test_a_door_that_is_shut_and_not_locked_is_a_fault_also_at_the_start(make_door) -> None:
    door = make_door(lock_sensor=LOCK_SENSOR).begin().forget()
    door.advance(1.1)
    assert journal(door) == [("lock.fault_started", "not_locked")]


@pytest.mark.parametrize("kind", ["fail-secure", "fail-safe"])
def test_whether_a_fire_releases_the_lock_is_seen(make_door, kind: str) -> None:
    door = make_door(lock={"pin": 17, "kind": kind}, lock_sensor=LOCK_SENSOR)
    door.inputs[DoorInput.LOCK_SENSOR].level = True
    door.begin()
    door.set(BuildingInput.FIRE, True)
    door.forget()
    door.advance(5)
    assert journal(door) == ([("lock.fault_started", "not_released_by_fire")] if kind == "fail-safe" else [])
    door.set(DoorInput.LOCK_SENSOR, False)
    door.forget()
    door.advance(5)
    ended = [("lock.fault_ended", "not_released_by_fire")] if kind == "fail-safe" else []
    assert journal(door) == [*ended, ("fire.release_seen",)]
    assert door.status["lock_faults"] == []


# --- other wires --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "delay_s", "begun", "ended"),
    [
        (BuildingInput.TAMPER, 0.5, "tamper.started", "tamper.ended"),
        (BuildingInput.MAINS_LOST, 5, "power.mains_lost", "power.mains_back"),
        (BuildingInput.BATTERY_LOW, 5, "power.battery_low", "power.battery_ok"),
        (BuildingInput.HELP, 0, "help.requested", "help.ended"),
    ],
)
def test_each_wire_of_the_building_is_said_once(
    make_door, name: BuildingInput, delay_s: float, begun: str, ended: str
) -> None:
    door = make_door(branch=BUILDING).begin().forget()
    door.set(name, True)
    door.advance(max(0.0, delay_s - 0.1))
    assert journal(door) == ([] if delay_s else [(begun, "building")])
    door.advance(30)
    assert journal(door) == [(begun, "building")]
    assert door.service.status()["alarms"] == [name.value]
    door.set(name, False)
    door.advance(30)
    assert journal(door) == [(begun, "building"), (ended, "building")]
    assert door.service.status()["alarms"] == []
    assert {event.subject for event in door.writer.events[-2:]} == {"controller"}


def test_mains_that_flicker_are_no_loss(make_door) -> None:
    door = make_door(branch=BUILDING).begin().forget()
    for level in (True, False) * 5:
        door.set(BuildingInput.MAINS_LOST, level)
        door.advance(1)
    assert journal(door) == []


def test_what_is_active_at_the_start_is_said(make_door) -> None:
    door = make_door(branch=BUILDING)
    door.building[BuildingInput.BATTERY_LOW].level = True
    door.begin().forget()
    door.advance(6)
    assert journal(door) == [("power.battery_low", "building")]


def test_a_call_for_help_is_said_at_once_and_told_at_the_door_until_it_ends(make_door) -> None:
    door = make_door(help={"pin": 21}).begin().forget()
    door.set(DoorInput.HELP, True)
    assert door.happened == [("journal", "help.requested", "door"), ("display", "help_asked")]
    assert door.status["alarms"] == ["help"]
    door.advance(12)
    assert door.happened_of("display") == [("display", "help_asked")] * 3
    door.set(DoorInput.HELP, False)
    door.forget()
    door.advance(12)
    assert door.happened_of("display") == []


def test_a_call_for_help_in_the_building_is_told_at_every_door(make_door) -> None:
    back = {"id": "back", "readers": [{"port": "/dev/back"}], "lock": {"pin": 18}}
    door = make_door(branch=BUILDING, others=[back]).begin().forget()
    door.set(BuildingInput.HELP, True)
    assert ("display", "help_asked") in door.happened
    assert ("back display", "help_asked") in door.happened


def test_a_reader_that_says_it_is_opened_is_tampering_once(make_door) -> None:
    door = make_door(tamper={"pin": 21}).begin().forget()
    for active in (True, True, False, False):
        door.send(ReaderTamper(active))
    assert journal(door) == [("tamper.started", "reader"), ("tamper.ended", "reader")]
    assert door.writer.events[-1].data["reader"] == "in"
    door.send(ReaderTamper(True))
    assert door.status["tampered_readers"] == ["in"]
    door.set(DoorInput.TAMPER, True)
    door.advance(1)
    assert journal(door)[-1] == ("tamper.started", "door")
