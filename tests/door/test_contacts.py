"""The door's contact, the exit button and the fire relay."""

import pytest

from controller.core.door import Contact, Mode
from controller.door.contacts import Contacts
from controller.door.inputs import BuildingEdge, BuildingInput, DoorEdge, DoorInput


def test_an_opening_that_nobody_asked_for_is_forced(door) -> None:
    door.open()
    assert door.happened == [("journal", "door.forced"), ("display", "door_alarm")]


def test_whoever_pushes_the_button_may_leave(door) -> None:
    door.push_exit()
    door.open()
    assert door.happened == [("journal", "exit.requested"), ("journal", "door.opened")]


def test_the_button_counts_for_a_while_only(door) -> None:
    door.push_exit()
    door.advance(11)
    door.open()
    assert ("journal", "door.forced") in door.happened


def test_the_button_drives_the_lock_only_if_set(make_door) -> None:
    door = make_door(exit_drives_lock=True).begin().forget()
    door.push_exit()
    assert door.happened == [
        ("journal", "exit.requested"),
        ("lock", "release", 5.0),
        ("journal", "door.unlocked", "exit", 5000),
    ]


def test_a_door_left_open_is_said_once(door) -> None:
    door.swipe(door.cards.valid)
    door.open()
    door.forget()
    door.advance(29.5)
    assert door.happened == []
    door.advance(60)
    assert door.happened_of("journal") == [("journal", "door.held")]


def test_a_door_left_open_when_staff_go_home_is_said(make_door) -> None:
    door = make_door(hour=16).begin().forget()
    door.open()
    door.advance(3599)
    assert door.happened == [("journal", "door.opened")]
    door.advance(40)
    assert door.happened_of("journal") == [("journal", "door.opened"), ("journal", "door.held")]


def test_a_contact_that_bounces_is_one_opening(door) -> None:
    door.swipe(door.cards.valid)
    door.forget()
    for level in (True, False, True, False, True):
        door.set(DoorInput.CONTACT, level)
    door.advance(1)
    assert door.happened_of("journal") == [("journal", "door.opened"), ("journal", "door.locked")]


def test_a_contact_that_ends_elsewhere_than_it_began_is_read_again(door) -> None:
    door.swipe(door.cards.valid)
    door.forget()
    door.open()
    door.shut()
    door.advance(0.1)
    assert door.happened_of("journal")[-1] == ("journal", "door.closed")


def test_an_edge_without_a_change_is_nothing(door) -> None:
    for name in DoorInput:
        door.service.handle(DoorEdge("front", name))
    for building in BuildingInput:
        door.service.handle(BuildingEdge(building))
    assert door.happened == []


def test_an_edge_that_was_lost_is_made_good(door) -> None:
    door.inputs[DoorInput.CONTACT].level = True
    door.advance(1.1)
    assert door.happened_of("journal") == [("journal", "door.forced")]


def test_a_door_found_open_at_the_start_is_no_alarm(make_door) -> None:
    door = make_door()
    door.inputs[DoorInput.CONTACT].level = True
    door.begin()
    assert door.happened == [
        ("journal", "service.started", {"front": {"lockdown": False, "evacuation": False, "open": True}}),
        ("lock", "secure"),
    ]
    assert door.status["contact"] == "open"


def test_a_fire_found_at_the_start_is_a_fire(make_door) -> None:
    door = make_door()
    door.building[BuildingInput.FIRE].level = True
    door.begin()
    assert door.happened[-2:] == [("journal", "fire.started"), ("display", "evacuation")]


def test_a_fire_ends_a_hold_open_and_the_lock_is_secured_after_it(door) -> None:
    door.command("hold-open", minutes=10)
    door.set(BuildingInput.FIRE, True)
    door.forget()
    door.advance(60)
    assert door.happened == []
    door.set(BuildingInput.FIRE, False)
    assert door.happened == [("lock", "secure"), ("journal", "door.locked"), ("journal", "fire.ended")]


@pytest.mark.parametrize("hour", [9, 12, 22])
def test_a_door_without_a_contact_never_says_how_it_was_used(make_door, hour: int) -> None:
    door = make_door(hour=hour, contact=None)
    door.begin().forget()
    door.command("unlock")
    door.advance(10)
    assert ("journal", "door.unused") not in door.happened
    assert door.status["contact"] is None


def test_the_service_s_words_are_the_table_s(door) -> None:
    assert door.status["mode"] == Mode.LOCKED
    assert door.status["contact"] == Contact.CLOSED


def test_a_wire_that_never_rests_waits_once_in_the_queue(door) -> None:
    device, queue = door.inputs[DoorInput.CONTACT], []
    contacts = Contacts({DoorInput.CONTACT: device}, queue.append)
    for _ in range(1000):
        device.changed()
    assert queue == [DoorInput.CONTACT]
    device.level = True
    assert contacts.look(DoorInput.CONTACT, 1_000_000)
    device.changed()
    assert queue == [DoorInput.CONTACT] * 2
    assert not contacts.look(DoorInput.CONTACT, 1_000_001), "it has not settled yet"
    device.changed()
    assert queue == [DoorInput.CONTACT] * 3
