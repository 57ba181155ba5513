"""Two doors with three readers: each is its own, and what concerns the building concerns both."""

import pytest

from controller.devices import DeviceError
from controller.door.inputs import BuildingInput, ReaderLost

READERS = [{"port": "/dev/in"}, {"id": "out", "side": "out", "port": "/dev/out"}]
BACK = {"id": "back", "readers": [{"port": "/dev/back"}], "lock": {"pin": 18}}


@pytest.fixture
def doors(make_door):
    return make_door(readers=READERS, others=[BACK]).begin().forget()


def test_a_swipe_opens_the_door_it_was_made_at(doors) -> None:
    doors.swipe(doors.cards.valid, door="back")
    assert doors.happened_of("back lock") == [("back lock", "release", 5.0)]
    assert doors.happened_of("back display") == [("back display", "granted")]
    assert not doors.happened_of("lock")
    assert {event.subject for event in doors.writer.events[1:]} == {"back"}


def test_both_readers_of_a_door_open_it_and_only_the_one_used_answers(doors) -> None:
    doors.swipe(doors.cards.valid, reader="out")
    assert doors.lock.released
    assert doors.happened_of("out display") == [("out display", "goodbye")]
    assert not doors.happened_of("display")
    granted = next(event for event in doors.writer.events if event.type == "access.granted")
    assert granted.data["reader"] == "out"


def test_half_a_card_at_one_reader_is_not_completed_at_another(doors) -> None:
    doors.send(doors.cards.valid[:7].encode(), reader="in")
    doors.send(doors.cards.valid[7:].encode() + b"\r", reader="out")
    assert ("journal", "access.refused", "half_read") in doors.happened


def test_the_same_card_at_two_readers_is_two_swipes(doors) -> None:
    doors.swipe(doors.cards.stranger, reader="in")
    doors.swipe(doors.cards.stranger, reader="out")
    assert len(doors.happened_of("journal")) == 2


def test_each_door_s_pulse_ends_by_itself(doors) -> None:
    doors.swipe(doors.cards.valid)
    doors.advance(3)
    doors.swipe(doors.cards.valid, door="back")
    doors.advance(3)
    assert not doors.lock.released
    assert doors.locks["back"].released
    doors.advance(3)
    assert not doors.locks["back"].released


def test_a_fire_is_one_at_every_door(doors) -> None:
    doors.set(BuildingInput.FIRE, True)
    fire = [event.subject for event in doors.writer.events if event.type == "fire.started"]
    assert fire == ["front", "back"]
    doors.swipe(doors.cards.valid, door="back")
    assert not doors.locks["back"].released


def test_a_lockdown_without_a_name_is_at_every_door(doors) -> None:
    reply = doors.command("lockdown")
    assert reply.done
    assert reply.data["modes"] == {"front": "lockdown", "back": "lockdown"}
    doors.command("end-lockdown", door="back")
    modes = {name: door["mode"] for name, door in doors.service.status()["doors"].items()}
    assert modes == {"front": "lockdown", "back": "locked"}


def test_an_end_for_every_door_is_done_where_there_was_something_to_end(doors) -> None:
    doors.command("lockdown", door="back")
    assert doors.command("end-lockdown").done
    assert not doors.command("end-lockdown").done


def test_what_releases_a_lock_needs_the_name_of_its_door(doors) -> None:
    reply = doors.command("unlock")
    assert (reply.done, reply.reason) == (False, "bad_request")
    assert reply.data["fault"] == "which door? One of front, back"
    assert not doors.happened_of("journal")
    assert doors.command("unlock", door="back").done
    assert doors.locks["back"].released
    assert not doors.lock.released


def test_a_lost_reader_leaves_the_others(doors) -> None:
    doors.service.handle(ReaderLost("front", "in"))
    assert doors.writer.events[-1].data == {"reader": "in"}
    readers = {name: door["readers"] for name, door in doors.service.status()["doors"].items()}
    assert readers == {"front": {"in": False, "out": True}, "back": {"in": True}}
    doors.swipe(doors.cards.valid, reader="out")
    assert doors.lock.released


def test_at_the_end_every_lock_is_secured_also_when_one_cannot_be(doors, mocker) -> None:
    doors.swipe(doors.cards.valid, door="back")
    mocker.patch.object(doors.lock, "secure", side_effect=DeviceError("lock: broken"))
    queue = mocker.Mock()
    queue.get.side_effect = RuntimeError("unexpected")
    with pytest.raises(DeviceError, match="broken"):
        doors.service.run(queue)
    assert not doors.locks["back"].released
