"""Whose look-up is waited for, and that an answer counts once, in time and for its own card only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.card import CardNumber
from controller.door.asking.applied import Applied, Checked
from controller.door.asking.look_ups import LookUps
from controller.ipc.look_up import LookedUp

ONE, OTHER = CardNumber("1111"), CardNumber("2222")
DEADLINE_US = 1_500_000
NO_SUCH_CARD = LookedUp(None)


class Rig:
    """One reader's look-ups, and what they have asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, CardNumber]] = []
        self.look_ups = LookUps(DEADLINE_US, lambda token, card: self.asked.append((token, card)))

    def want(self, card: CardNumber, now_us: int = 0) -> Applied:
        applied = Applied(card, now_us)
        self.look_ups.wanted(applied, now_us)
        return applied


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize(("said", "word"), [(NO_SUCH_CARD, "live"), (None, "offline")])
def test_a_card_is_asked_about_once_and_its_answer_settles_it(
    rig: Rig, said: LookedUp | None, word: str
) -> None:
    applied = rig.want(ONE)
    ((token, card),) = rig.asked
    assert card == ONE
    settled = rig.look_ups.answered(token, said, DEADLINE_US - 1)
    assert settled == replace(applied, checked=Checked(said))
    assert settled.checked is not None
    assert (settled.checked.word, settled.said, settled.asked_in_vain) == (word, said, said is None)
    assert rig.look_ups.answered(token, said, DEADLINE_US - 1) is None
    assert rig.look_ups.due(DEADLINE_US) is None
    assert rig.look_ups.next_us() is None


def test_an_answer_that_is_late_opens_nothing(rig: Rig) -> None:
    applied = rig.want(ONE, 100)
    ((token, _),) = rig.asked
    assert rig.look_ups.next_us() == 100 + DEADLINE_US
    assert rig.look_ups.due(99 + DEADLINE_US) is None
    assert rig.look_ups.answered(token, NO_SUCH_CARD, 100 + DEADLINE_US) is None
    assert rig.look_ups.due(100 + DEADLINE_US) == replace(applied, checked=Checked(None))
    assert rig.look_ups.answered(token, NO_SUCH_CARD, 101 + DEADLINE_US) is None
    assert rig.look_ups.due(2 * DEADLINE_US) is None


def test_an_answer_to_nobody_s_question_opens_nothing(rig: Rig) -> None:
    assert rig.look_ups.answered(1, NO_SUCH_CARD, 0) is None
    rig.want(ONE)
    assert rig.look_ups.answered(2, NO_SUCH_CARD, 0) is None


def test_the_same_card_is_not_asked_about_twice(rig: Rig) -> None:
    first = rig.want(ONE)
    rig.want(ONE, 5)
    ((token, _),) = rig.asked
    assert rig.look_ups.answered(token, None, 6) == replace(first, checked=Checked(None))
    rig.want(ONE, 7)
    assert len(rig.asked) == 2


def test_each_card_has_its_own_answer_and_deadline(rig: Rig) -> None:
    first, second = rig.want(ONE, 0), rig.want(OTHER, 10)
    (_, (token, _)) = rig.asked
    assert rig.look_ups.next_us() == DEADLINE_US
    assert rig.look_ups.answered(token, NO_SUCH_CARD, 20) == replace(second, checked=Checked(NO_SUCH_CARD))
    assert rig.look_ups.due(DEADLINE_US) == replace(first, checked=Checked(None))


def test_a_card_that_was_decided_meanwhile_needs_no_answer(rig: Rig) -> None:
    rig.want(ONE)
    other = rig.want(OTHER)
    rig.look_ups.settled(ONE)
    assert rig.look_ups.answered(rig.asked[0][0], NO_SUCH_CARD, 1) is None
    assert rig.look_ups.due(DEADLINE_US) == replace(other, checked=Checked(None))
    assert rig.look_ups.due(DEADLINE_US) is None
