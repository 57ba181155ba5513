import pytest

from controller.core import door
from controller.core.access import Reason
from controller.core.outcome import (
    COLUMNS,
    IDLE,
    OUTCOMES,
    ROWS,
    TEXT_NAMES,
    TEXTS,
    Outcome,
    outcome_of,
    text,
)

PERSONAL = ("suspended", "expired", "not_enrolled", "blocked", "unknown_card", "under_age", "passback")


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_told(reason: Reason) -> None:
    assert reason.value in OUTCOMES


def test_the_modes_in_which_a_grant_is_refused_are_told() -> None:
    refusing = {
        before.mode
        for before, happened, _, effects in door.rows()
        if happened is door.Input.GRANT and door.Effect.REFUSE in effects
    }
    assert {mode.value for mode in refusing} <= OUTCOMES.keys()


def test_a_reason_of_a_later_version_is_a_refusal() -> None:
    assert outcome_of("something_new") is Outcome.REFUSED


def test_no_refusal_is_told_as_a_yes() -> None:
    yes = {Outcome.GRANTED, Outcome.GOODBYE, Outcome.NOT_NEEDED}
    assert yes.isdisjoint(OUTCOMES.values())


def test_denied_not_read_and_out_of_order_are_three_things() -> None:
    words = [text(outcome) for outcome in (Outcome.REFUSED, Outcome.NOT_READ, Outcome.OUT_OF_ORDER)]
    assert len(set(words)) == 3
    assert outcome_of("not_read") is not outcome_of("unknown_card")


@pytest.mark.parametrize("reason", PERSONAL)
def test_what_lies_in_a_membership_has_the_same_words(reason: str) -> None:
    assert text(outcome_of(reason), reason) == text(Outcome.REFUSED)


@pytest.mark.parametrize("name", list(TEXTS))
def test_a_text_fits_the_smallest_display(name: str) -> None:
    lines = TEXTS[name]
    assert len(lines) == ROWS
    assert all(line.isascii() and line.isprintable() and 0 < len(line) <= COLUMNS for line in lines)


def test_every_outcome_has_a_text_of_its_own() -> None:
    texts = [text(outcome) for outcome in Outcome]
    assert len(set(texts)) == len(texts)


def test_what_has_a_text_can_be_told() -> None:
    assert TEXTS.keys() <= TEXT_NAMES


@pytest.mark.parametrize(
    ("outcome", "reason", "own", "said"),
    [
        ("refused", "", {}, ("Not valid here", "Please ask staff")),
        ("refused", "expired", {"refused": ("Na",)}, ("Na",)),
        ("refused", "expired", {"refused": ("Na",), "expired": ("Ask us",)}, ("Ask us",)),
        ("closed", "full", {"closed": ("Ar gau",)}, ("Library is full", "Try again later")),
        (IDLE, "", {"idle": ("Croeso",)}, ("Croeso",)),
    ],
)
def test_texts_of_settings_come_first(
    outcome: str, reason: str, own: dict[str, tuple[str, ...]], said: tuple[str, ...]
) -> None:
    assert text(outcome, reason, own=own) == said


def test_an_outcome_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        text("perhaps")
