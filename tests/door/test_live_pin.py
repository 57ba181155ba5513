"""A card that is checked and a PIN besides: each is asked about once, and neither answer is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from controller.core.access import PinResult
from controller.core.membership import Status

HOUR_US = 3_600_000_000
PINS = {"pin": {"require": "always", "offline": True}}
KEYPAD = [{"port": "/dev/null", "format": "wiegand-34", "wiegand_text": "hex", "keypad": "8-bit"}]


@pytest.fixture
def with_pin(make_live):
    branch = {**PINS, "cards": {"min_length": 10, "max_length": 10}}
    door = make_live(branch=branch, readers=KEYPAD)
    door.stranger, door.other, door.valid = "2589100033", "2589100034", "2589100035"
    door.members.memberships[door.valid] = door.members.memberships[door.cards.valid]
    return door


def swipe(door, card: str) -> None:
    door.send(f"{int(card):08X}\r".encode())


def test_what_was_looked_up_is_carried_along_with_the_question_for_the_pin(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.say(with_pin.live_answer())
    assert with_pin.shown == ["checking", "pin_wanted"]
    assert with_pin.decided == []
    # The branch's own copy still knows nothing of the card.
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT)
    assert with_pin.decided == [("access.granted", None, "live")]
    assert len(with_pin.looked_up) == 1
    assert with_pin.last_sealed == {"card": with_pin.stranger.encode()}


@pytest.mark.parametrize(
    ("keys", "result", "reason"),
    [("0739#", PinResult.WRONG, "pin_wrong"), ("#", None, "pin_missing"), ("1#", None, "pin_wrong")],
)
def test_and_so_is_a_member_known_by_it_refused(with_pin, keys, result, reason) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.say(with_pin.live_answer())
    with_pin.type(keys)
    if result is not None:
        with_pin.answer(result)
    assert with_pin.decided == [("access.refused", reason, "live")]
    assert with_pin.last_sealed == {"card": with_pin.stranger.encode()}


def test_nobody_to_ask_is_carried_along_too(with_pin) -> None:
    copy = with_pin.members.memberships[with_pin.valid]
    with_pin.members.memberships[with_pin.valid] = replace(copy, as_of_us=copy.as_of_us - 20 * HOUR_US)
    swipe(with_pin, with_pin.valid)
    with_pin.say(None)
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT)
    assert with_pin.decided == [("access.granted", None, "offline")]
    assert len(with_pin.looked_up) == 1


def test_who_types_too_slowly_after_the_answer_is_told_so(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.say(with_pin.live_answer())
    with_pin.advance(with_pin.settings.pin.timeout_s + 1)
    assert with_pin.decided == [("access.refused", "pin_missing", "live")]


def test_whoever_came_to_the_keypad_meanwhile_keeps_it(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    swipe(with_pin, with_pin.valid)
    with_pin.type("07")
    with_pin.say(with_pin.live_answer())
    assert with_pin.decided == [("access.refused", "pin_missing", "live")]
    with_pin.type("39#")
    assert [question[3:] for question in with_pin.asked] == [(with_pin.valid, "0739")]
    with_pin.answer(PinResult.CORRECT)
    assert with_pin.decided[1:] == [("access.granted", None, None)]


def test_keys_while_a_card_is_checked_are_nobody_s_pin(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.type("0739#")
    assert with_pin.asked == []


def test_a_copy_that_got_too_old_while_the_pin_was_typed_is_asked_about_with_the_pin_kept(with_pin) -> None:
    copy = with_pin.members.memberships[with_pin.valid]
    too_old_in_2_s = with_pin.clock.wall_us - 36 * HOUR_US + 2_000_000
    with_pin.members.memberships[with_pin.valid] = replace(copy, as_of_us=too_old_in_2_s)
    swipe(with_pin, with_pin.valid)
    with_pin.advance(3)
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT)
    assert len(with_pin.looked_up) == 1
    with_pin.say(with_pin.live_answer())
    assert with_pin.decided == [("access.granted", None, "live")]


def test_but_not_with_the_wrong_one(with_pin) -> None:
    copy = with_pin.members.memberships[with_pin.valid]
    too_old_in_2_s = with_pin.clock.wall_us - 36 * HOUR_US + 2_000_000
    with_pin.members.memberships[with_pin.valid] = replace(copy, as_of_us=too_old_in_2_s)
    swipe(with_pin, with_pin.valid)
    with_pin.advance(3)
    with_pin.type("0739#")
    with_pin.answer(PinResult.WRONG)
    assert with_pin.looked_up == []
    assert with_pin.decided[0][0] == "access.refused"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": Status.SUSPENDED}, "suspended"),
        ({"expires": date(2020, 1, 1)}, "expired"),
        ({"granted_from": None}, "not_enrolled"),
        ({"granted_until": date(2020, 1, 1)}, "entitlement_ended"),
    ],
)
@pytest.mark.parametrize("looked_up_before", [False, True])
def test_the_right_pin_of_a_membership_that_is_none_any_more_opens_nothing(
    with_pin, changes, reason, looked_up_before
) -> None:
    """The branch's own copy is young and good, and the system says otherwise when it is asked for the PIN."""
    swipe(with_pin, with_pin.stranger if looked_up_before else with_pin.valid)
    if looked_up_before:
        with_pin.say(with_pin.live_answer())
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT, said=with_pin.live_answer(**changes))
    assert with_pin.decided == [("access.refused", reason, "live")]
