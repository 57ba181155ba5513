"""A reader that babbles, is silent, or has lost its display, as the door sees it."""

import pytest

from controller.core.event import EventType
from controller.door.inputs import DoorInput, ReaderFloods, ReaderSaid

HOUR_S = 3600


def types(door, *wanted: EventType) -> list[str]:
    return [event.type.value for event in door.writer.events if event.type in wanted]


def floods(door, begins: bool) -> None:
    door.service.handle(ReaderFloods("front", "in", begins))


def test_a_flood_is_journalled_once_and_told_at_the_reader(door) -> None:
    floods(door, True)
    door.advance(2.1)
    assert door.happened == [("journal", "reader.babbling"), *[("display", "no_reader")] * 2]
    door.forget()
    floods(door, False)
    door.advance(2.1)
    assert door.happened == [("journal", "reader.calm")]


def test_a_card_among_a_flood_opens_nothing(door) -> None:
    floods(door, True)
    door.swipe(door.cards.valid)
    assert not door.lock.released
    assert not types(door, EventType.ACCESS_GRANTED, EventType.ACCESS_REFUSED)
    floods(door, False)
    door.swipe(door.cards.valid)
    assert door.lock.released


def test_half_a_line_from_before_a_flood_belongs_to_nothing(door) -> None:
    door.send(door.cards.valid[:7].encode())
    floods(door, True)
    floods(door, False)
    door.send(door.cards.valid[7:].encode() + b"\r")
    assert not door.lock.released


def test_the_exit_button_works_beside_a_flood(door) -> None:
    floods(door, True)
    door.push_exit()
    assert types(door, EventType.EXIT_REQUESTED)


def test_things_that_are_no_card_become_babble_and_end(door) -> None:
    for _ in range(60):
        door.send(b"\xff\xff\xff\r")
        door.advance(1.1)
    assert types(door, EventType.READER_BABBLING) == ["reader.babbling"]
    refused = len(types(door, EventType.ACCESS_REFUSED))
    assert 20 <= refused < 40
    door.swipe(door.cards.valid)
    assert not door.lock.released
    door.advance(120)
    assert types(door, EventType.READER_BABBLING, EventType.READER_CALM) == ["reader.babbling", "reader.calm"]
    door.swipe(door.cards.valid)
    assert door.lock.released


def test_cards_between_them_show_that_the_reader_works(door) -> None:
    for count in range(100):
        door.send(b"\xff\xff\xff\r")
        door.advance(1.1)
        if count % 10 == 0:
            door.swipe(door.cards.stranger)
    assert not types(door, EventType.READER_BABBLING)


def silent_door(make_door, hours: int):
    return make_door(readers=[{"port": "/dev/null", "silent_h": hours}]).begin()


def test_silence_is_journalled_once_and_ended_by_the_next_card(make_door) -> None:
    door = silent_door(make_door, 1)  # at nine; staffed from ten
    for _ in range(60 * 58):
        door.service.handle(ReaderSaid("front", "in", b"", door.clock.mono_us))
        door.advance(1)
    assert not types(door, EventType.READER_SILENT)
    door.clock.advance(7 * HOUR_S * 1_000_000 + 150_000_000)  # past five: unstaffed again
    for _ in range(5 * 60):
        door.advance(1)
    (silent,) = [event for event in door.writer.events if event.type is EventType.READER_SILENT]
    assert silent.data == {"reader": "in", "hours": 1}
    door.swipe(door.cards.stranger)
    assert types(door, EventType.READER_HEARD) == ["reader.heard"]


@pytest.mark.parametrize("hours", [0, 1])
def test_silence_in_staffed_hours_is_none(make_door, hours: int) -> None:
    door = make_door(hour=11, readers=[{"port": "/dev/null", "silent_h": hours}]).begin()
    for _ in range(3):
        door.clock.advance(HOUR_S * 1_000_000)
        door.advance(1.1)
    assert not types(door, EventType.READER_SILENT)


def test_a_contact_still_counts_while_a_reader_is_silent(door) -> None:
    door.set(DoorInput.CONTACT, True)
    assert types(door, EventType.DOOR_FORCED)
