"""What staff are told of a reader while they test it: that a card was read, and never whose."""

import pytest

from controller.core.framing.framer import Key
from controller.devices import KeyPress
from controller.door.reader_test import ReaderTest
from controller.ipc.messages import Reply
from controller.ipc.reader_tests import TEST_S, Heard, ReaderTested, heard_in

START = 1_000_000


def heard(door) -> ReaderTested:
    told = heard_in(door.command("reader-heard"))
    assert told is not None
    return told


def test_a_card_is_told_by_its_length_alone_and_decided_on_as_ever(door) -> None:
    assert door.command("reader-test").done
    assert heard(door) == ReaderTested(under_way=True, left_s=TEST_S)
    door.swipe(door.cards.valid)
    assert heard(door) == ReaderTested(
        under_way=False, heard=Heard.CARD, characters=14, digits=True, bytes=15
    )
    assert door.cards.valid not in repr(door.command("reader-heard"))
    assert ("display", "granted") in door.happened
    (command,) = (event for event in door.writer.events if event.type.value == "command.received")
    assert (command.data["command"], command.data["reader"]) == ("reader-test", "in")


def test_what_is_no_card_is_told_and_the_test_goes_on(door) -> None:
    door.command("reader-test")
    door.send(b"123")
    assert heard(door).heard is Heard.PIECES
    door.send(b"\r")
    assert heard(door).heard is Heard.NOT_A_CARD
    door.advance(2)
    door.send(b"0000000000\r")
    assert heard(door).heard is Heard.HALF_A_CARD
    door.advance(2)
    assert heard(door).under_way
    door.swipe(door.cards.valid)
    door.swipe(door.cards.expired)
    assert (heard(door).heard, heard(door).bytes) == (Heard.CARD, 4 + 11 + 15)


def test_a_test_ends_by_itself_and_hears_nothing_outside_of_it(door) -> None:
    door.swipe(door.cards.valid)
    assert heard(door) == ReaderTested(under_way=False, begun=False)
    door.command("reader-test")
    door.advance(TEST_S + 1)
    assert not heard(door).under_way
    door.swipe(door.cards.valid)
    assert heard(door).heard is Heard.NOTHING


def test_a_test_that_is_begun_again_forgets_what_it_heard(door) -> None:
    door.command("reader-test")
    door.swipe(door.cards.valid)
    door.command("reader-test")
    assert heard(door) == ReaderTested(under_way=True, left_s=TEST_S)


def test_keys_are_told_as_keys() -> None:
    test = ReaderTest()
    test.begin(START)
    test.came(KeyPress("1"), [Key("1")], START + 1)
    assert test.told(START + 1).heard is Heard.KEY


@pytest.mark.parametrize("named", [{"reader": "out"}, {"reader": 1}, {"door": "back"}, {"minutes": 1}])
def test_a_reader_that_is_not_there_cannot_be_tested(door, named: dict[str, str]) -> None:
    assert door.command("reader-test", **named).reason == "bad_request"


@pytest.mark.parametrize("spoiled", [{"heard": "music"}, {"left_s": "1"}, {"digits": 1}, {"under_way": None}])
def test_what_is_not_plain_says_nothing(door, spoiled: dict[str, str]) -> None:
    plain = door.command("reader-heard")
    assert heard_in(Reply(done=True, data={**plain.data, **spoiled})) is None
    assert heard_in(Reply(done=True)) is None
