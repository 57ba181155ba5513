"""Whose PIN is waited for, and that an answer counts once, in time and for its own card only."""

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.framing.framer import Key
from controller.core.pin import Pin, PinRules
from controller.door.second_factor import Pressed, SecondFactor, Settled

ONE, OTHER = CardNumber("1111"), CardNumber("2222")
TIMEOUT_US, DEADLINE_US = 10_000_000, 1_500_000


class Rig:
    """One reader's second factor, and what it has asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, CardNumber, Pin]] = []
        self.factor = SecondFactor(PinRules(4, 6, 10.0), DEADLINE_US, self._ask)

    def _ask(self, token: int, card: CardNumber, pin: Pin) -> None:
        self.asked.append((token, card, pin))

    def type(self, keys: str, now_us: int = 0) -> list[Settled | Pressed]:
        return [self.factor.pressed(Key(key), now_us) for key in keys]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_pin_is_asked_about_once_and_its_answer_settles_it(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    assert rig.type("1234#", 5) == [Pressed.TAKEN] * 4 + [Pressed.ASKED]
    ((token, card, pin),) = rig.asked
    assert (card, pin) == (ONE, Pin("1234"))
    assert rig.factor.answered(token, PinResult.CORRECT, 6) == Settled(ONE, PinResult.CORRECT)
    assert rig.factor.answered(token, PinResult.CORRECT, 7) is None
    assert rig.factor.next_us() is None


def test_without_a_card_keys_are_ignored(rig: Rig) -> None:
    assert set(rig.type("1234#*")) == {Pressed.IGNORED}
    assert rig.asked == []


@pytest.mark.parametrize("keys", ["#", "*", "12*#", "12**"])
def test_no_pin_is_missing_and_nobody_is_asked(rig: Rig, keys: str) -> None:
    rig.factor.wanted(ONE, 0)
    assert rig.type(keys)[-1] == Settled(ONE, PinResult.MISSING)
    assert rig.asked == []
    assert rig.factor.next_us() is None


@pytest.mark.parametrize("keys", ["123#", "1234567#"])
def test_a_pin_of_a_wrong_length_is_wrong_and_nobody_is_asked(rig: Rig, keys: str) -> None:
    rig.factor.wanted(ONE, 0)
    assert rig.type(keys)[-1] == Settled(ONE, PinResult.WRONG)
    assert rig.asked == []


def test_who_types_too_slowly_has_entered_none(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    rig.type("1234")
    assert rig.factor.next_us() == TIMEOUT_US
    assert rig.factor.due(TIMEOUT_US - 1) is None
    assert rig.factor.due(TIMEOUT_US) == Settled(ONE, PinResult.MISSING)
    assert rig.factor.due(TIMEOUT_US) is None
    assert rig.type("#", TIMEOUT_US) == [Pressed.IGNORED]


def test_a_key_after_the_time_settles_it_as_well(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    assert rig.type("1", TIMEOUT_US) == [Settled(ONE, PinResult.MISSING)]


def test_an_answer_that_is_late_opens_nothing(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    rig.type("1234#", 100)
    ((token, _, _),) = rig.asked
    assert rig.factor.next_us() == 100 + DEADLINE_US
    assert rig.factor.answered(token, PinResult.CORRECT, 100 + DEADLINE_US) is None
    assert rig.factor.due(100 + DEADLINE_US) == Settled(ONE, PinResult.UNAVAILABLE)
    assert rig.factor.answered(token, PinResult.CORRECT, 101 + DEADLINE_US) is None
    assert rig.factor.due(2 * DEADLINE_US) is None


def test_an_answer_to_nobody_s_question_opens_nothing(rig: Rig) -> None:
    assert rig.factor.answered(1, PinResult.CORRECT, 0) is None
    rig.factor.wanted(ONE, 0)
    assert rig.factor.answered(1, PinResult.CORRECT, 0) is None
    rig.type("1234")
    assert rig.factor.answered(1, PinResult.CORRECT, 0) is None


def test_another_card_ends_the_entry_and_takes_no_key_of_it(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    rig.type("12345")
    assert rig.factor.interrupted(by=OTHER) == Settled(ONE, PinResult.MISSING)
    rig.factor.wanted(OTHER, 0)
    assert rig.type("#") == [Settled(OTHER, PinResult.MISSING)]


def test_the_same_card_begins_anew(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    rig.type("99")
    assert rig.factor.interrupted(by=ONE) is None
    rig.factor.wanted(ONE, 5)
    assert rig.factor.next_us() == 5 + TIMEOUT_US
    rig.type("1234#")
    assert rig.asked[0][2] == Pin("1234")


def test_a_reader_that_is_gone_ends_the_entry(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    assert rig.factor.interrupted() == Settled(ONE, PinResult.MISSING)
    assert rig.factor.interrupted() is None


def test_the_next_member_may_begin_while_one_is_looked_up(rig: Rig) -> None:
    rig.factor.wanted(ONE, 0)
    rig.type("1234#")
    assert rig.factor.interrupted(by=OTHER) is None
    rig.factor.wanted(OTHER, 1)
    rig.type("4321#", 1)
    (first, _, _), (second, _, _) = rig.asked
    assert rig.factor.answered(second, PinResult.WRONG, 2) == Settled(OTHER, PinResult.WRONG)
    assert rig.factor.answered(first, PinResult.CORRECT, 3) == Settled(ONE, PinResult.CORRECT)
