"""The PIN beside the card, at a door whose neighbours are fakes: what is asked, told, written and opened."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.access import PinResult
from controller.devices import KeyPress
from controller.door.inputs import PinAnswered, ReaderLost

PIN = {"require": "always", "offline": True, "timeout_s": 10}
KEYPAD = {"port": "/dev/null", "format": "wiegand-34", "keypad": "8-bit"}
CARDS = {"min_length": 10, "max_length": 14}


@pytest.fixture
def with_pin(make_door) -> Any:
    return make_asking(make_door)


def make_asking(make_door, *, pin: dict[str, Any] | None = None, branch: dict[str, Any] | None = None) -> Any:
    door = make_door(
        branch={"pin": pin or PIN, "cards": CARDS, **(branch or {})},
        readers=[KEYPAD, {**KEYPAD, "id": "out", "side": "out", "port": "/dev/zero", "keypad": "none"}],
    )
    for card in ("valid", "expired"):
        setattr(door, card, f"{int(getattr(door.cards, card)) % 2**32:010d}")
        door.members.memberships[getattr(door, card)] = door.members.memberships[getattr(door.cards, card)]
    return door.begin().forget()


def swipe(door, card: str, reader: str = "in") -> None:
    door.send(f"{int(card):08X}\r".encode(), reader=reader)


def journal(door) -> list[Any]:
    return [happening[1:] for happening in door.happened_of("journal")]


def test_a_card_that_is_good_is_asked_for_its_pin_and_nothing_opens_yet(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    assert with_pin.happened == [("display", "pin_wanted")]
    with_pin.type("0739#")
    assert with_pin.happened[1:] == [("display", "checking")]
    ((door, reader, _, card, pin),) = with_pin.asked
    assert (door, reader, card, pin) == ("front", "in", with_pin.valid, "0739")


def test_the_right_pin_opens_the_door_and_is_written_as_such(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("0739#")
    with_pin.forget().answer(PinResult.CORRECT)
    assert with_pin.happened[0] == ("journal", "access.granted", "unstaffed", True)
    assert ("lock", "release", 5.0) in with_pin.happened
    assert with_pin.happened[-1] == ("display", "granted")
    assert with_pin.writer.sealed[-2] == {"card": with_pin.valid.encode()}
    assert with_pin.writer.events[-2].data == {
        "mode": "unstaffed",
        "reader": "in",
        "age_s": 86_400,
        "pin": True,
    }


@pytest.mark.parametrize(
    ("result", "reason", "told"),
    [
        (PinResult.WRONG, "pin_wrong", "try_again"),
        (PinResult.UNAVAILABLE, "pin_unavailable", "out_of_order"),
    ],
)
def test_any_other_answer_opens_nothing(with_pin, result: PinResult, reason: str, told: str) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("0739#")
    with_pin.forget().answer(result)
    assert with_pin.happened == [("journal", "access.refused", reason), ("display", told)]
    assert with_pin.writer.sealed[-1] == {"card": with_pin.valid.encode()}
    with_pin.answer(PinResult.CORRECT)
    assert len(with_pin.happened) == 2


@pytest.mark.parametrize("keys", ["#", "*", "12**", "12*#"])
def test_an_empty_pin_is_none_and_nobody_is_asked(with_pin, keys: str) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.forget().type(keys)
    assert with_pin.happened == [("journal", "access.refused", "pin_missing"), ("display", "try_again")]
    assert with_pin.asked == []


def test_who_does_not_type_is_refused_in_time(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("0739")
    with_pin.advance(9.9)
    assert journal(with_pin) == []
    with_pin.advance(0.2)
    assert journal(with_pin) == [("access.refused", "pin_missing")]
    with_pin.type("#")
    assert with_pin.asked == []


def test_an_answer_that_does_not_come_is_not_waited_for(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("0739#")
    with_pin.advance(1.4)
    assert journal(with_pin) == []
    with_pin.advance(0.2)
    assert journal(with_pin) == [("access.refused", "pin_unavailable")]
    with_pin.answer(PinResult.CORRECT)
    assert journal(with_pin) == [("access.refused", "pin_unavailable")]
    assert ("lock", "release", 5.0) not in with_pin.happened


def test_the_loop_wakes_up_for_both(with_pin) -> None:
    door = with_pin.service.doors["front"]
    assert door.next_s(with_pin.clock.mono_us) is None
    swipe(with_pin, with_pin.valid)
    assert door.next_s(with_pin.clock.mono_us) == 10
    with_pin.type("0739#")
    assert door.next_s(with_pin.clock.mono_us) == 1.5


def test_a_card_that_would_be_refused_anyway_is_not_asked(with_pin) -> None:
    swipe(with_pin, with_pin.expired)
    swipe(with_pin, "0000000001")
    with_pin.type("0739#")
    assert journal(with_pin) == [("access.refused", "expired"), ("access.refused", "unknown_card")]
    assert with_pin.asked == []


def test_whoever_leaves_needs_none(with_pin) -> None:
    swipe(with_pin, with_pin.valid, reader="out")
    assert with_pin.happened[0] == ("journal", "access.granted", "unstaffed")
    assert with_pin.asked == []


def test_meanwhile_the_door_goes_on(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("0739#")
    with_pin.forget()
    with_pin.push_exit()
    assert ("journal", "exit.requested") in with_pin.happened
    assert with_pin.command("status").done
    swipe(with_pin, with_pin.valid, reader="out")
    assert ("lock", "release", 5.0) in with_pin.happened
    with_pin.answer(PinResult.CORRECT)
    assert [event[0] for event in journal(with_pin)].count("access.granted") == 2


def test_a_lockdown_in_between_counts_more_than_the_right_pin(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("0739#")
    with_pin.command("lockdown")
    with_pin.forget().answer(PinResult.CORRECT)
    assert journal(with_pin) == [("access.refused", "lockdown")]


def test_another_card_takes_over_and_the_first_is_written(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("07")
    swipe(with_pin, with_pin.expired)
    with_pin.type("39#")
    assert journal(with_pin) == [("access.refused", "pin_missing"), ("access.refused", "expired")]
    assert with_pin.asked == []


def test_the_same_card_begins_anew(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("07")
    with_pin.advance(3)
    swipe(with_pin, with_pin.valid)
    with_pin.type("1234#")
    assert journal(with_pin) == []
    assert [question[4] for question in with_pin.asked] == ["1234"]


def test_a_reader_that_is_lost_ends_the_entry(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.service.handle(ReaderLost("front", "in"))
    assert journal(with_pin)[-1] == ("access.refused", "pin_missing")
    with_pin.type("0739#")
    assert with_pin.asked == []


def test_keys_that_waited_too_long_open_nothing(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.type("0739")
    with_pin.type("#", ago_s=5.1)
    assert journal(with_pin) == [("access.refused", "pin_missing")]
    assert with_pin.asked == []


def test_keys_come_as_text_as_well(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    for burst in ("F0", "87", "C3", "69", "4B"):
        with_pin.send(f"{burst}\r\n".encode())
    assert [question[4] for question in with_pin.asked] == ["0739"]


@pytest.mark.parametrize("key", ["", "A", "12", "\r"])
def test_what_no_keypad_has_is_ignored(with_pin, key: str) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.send(KeyPress(key))
    with_pin.type("0739#")
    assert [question[4] for question in with_pin.asked] == ["0739"]


def test_wrong_pins_lock_the_card_out_and_the_right_one_in_between_forgives(make_door) -> None:
    door = make_asking(make_door, branch={"lockout": {"card_failures": 3, "card_s": 60}})

    def attempt(result: PinResult) -> None:
        door.advance(3)
        swipe(door, door.valid)
        door.type("0739#")
        door.answer(result)

    for result in (PinResult.WRONG, PinResult.WRONG, PinResult.CORRECT, PinResult.WRONG, PinResult.WRONG):
        attempt(result)
    assert "lockout.started" not in [event[0] for event in journal(door)]
    attempt(PinResult.WRONG)
    assert journal(door)[-2:] == [("access.refused", "pin_wrong"), ("lockout.started", "card")]
    asked = len(door.asked)
    door.advance(3)
    swipe(door, door.valid)
    door.type("0739#")
    assert journal(door)[-1] == ("access.refused", "locked_out")
    assert len(door.asked) == asked


def test_a_pin_of_a_wrong_length_counts_as_wrong(make_door) -> None:
    door = make_asking(make_door, branch={"lockout": {"card_failures": 2}})
    for keys in ("1#", "123456789#"):
        door.advance(3)
        swipe(door, door.valid)
        door.type(keys)
    assert [event[1] for event in journal(door)] == ["pin_wrong", "pin_wrong", "card"]
    assert door.asked == []


HOURS = {"require": "hours", "offline": True, "hours": {"mon": ["09:30-20:00"]}}


def test_it_is_asked_for_at_the_times_that_are_set(make_door) -> None:
    door = make_asking(make_door, pin=HOURS)
    swipe(door, door.valid)
    assert ("lock", "release", 5.0) in door.happened
    door.forget().advance(1800)
    swipe(door, door.valid)
    assert door.happened_of("display") == [("display", "pin_wanted")]


def test_waiting_until_it_is_no_longer_asked_for_opens_nothing(make_door) -> None:
    door = make_asking(make_door, pin={**HOURS, "hours": {"mon": ["08:00-09:30"]}})
    door.advance(1795)
    swipe(door, door.valid)
    door.type("0739")
    door.forget().advance(30)
    assert journal(door) == [("access.refused", "pin_missing")]


def test_an_answer_for_a_reader_without_a_question_opens_nothing(with_pin) -> None:
    for reader in ("in", "out"):
        for token in range(3):
            with_pin.service.handle(PinAnswered("front", reader, token, PinResult.CORRECT))
    assert with_pin.happened == []


def test_without_the_policy_keys_are_nothing(door) -> None:
    door.type("0739#*")
    assert door.happened == []
    door.swipe(door.cards.valid)
    assert ("lock", "release", 5.0) in door.happened
    assert door.asked == []


def test_keys_after_a_card_that_came_too_late_are_not_those_of_the_card_before(with_pin) -> None:
    swipe(with_pin, with_pin.valid)
    with_pin.forget()
    with_pin.send(f"{int(with_pin.expired):08X}\r".encode(), ago_s=6)
    assert journal(with_pin) == [
        ("access.refused", "pin_missing"),
        ("access.refused", "too_late"),
    ]
    with_pin.type("0739#")
    assert not with_pin.asked
