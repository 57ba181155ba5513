"""Card numbers: what is one, its check digit, and that it does not print itself."""

import copy
import dataclasses
import itertools
import json
import logging
import pickle
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.card import CardNumber, CardRules, HalfACard, NotACard, check_digit_ok, parse_card

DIGITS = CardRules(14, 14, "digits", "off")
LETTERS = CardRules(4, 12, "alphanumeric", "off")
ENFORCED = CardRules(4, 16, "digits", "enforce")
GOOD = "25891000331441"


def test_a_card_number_within_the_rules_is_parsed() -> None:
    assert parse_card(GOOD, DIGITS).reveal() == GOOD


def test_small_letters_are_read_as_capitals() -> None:
    assert parse_card("ab12", LETTERS) == parse_card("AB12", LETTERS)
    assert parse_card("ab12", LETTERS).reveal() == "AB12"


@pytest.mark.parametrize(
    "rules", [CardRules(4, 64, "digits", "off"), CardRules(4, 64, "alphanumeric", "off")]
)
def test_only_the_alphabet_passes(rules: CardRules) -> None:
    allowed = "0123456789"
    if rules.alphabet == "alphanumeric":
        allowed += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    places = ("{}1234", "12{}34", "1234{}")
    for character, place in itertools.product(map(chr, range(0x2000)), places):
        text = place.format(character)
        if character in allowed:
            assert parse_card(text, rules).reveal() == text.upper()
        else:
            with pytest.raises(NotACard):
                parse_card(text, rules)


@pytest.mark.parametrize("text", ["", "123", "1234567890123", "abc", "A" * 13])
def test_length_counts(text: str) -> None:
    with pytest.raises(NotACard, match="characters"):
        parse_card(text, LETTERS)


def test_the_lengths_that_there_can_be_are_said() -> None:
    with pytest.raises(NotACard, match=r"has 3 characters, not 14$"):
        parse_card("123", CardRules(14, 14, "digits", "off"))
    with pytest.raises(NotACard, match=r"has 3 characters, not 8 to 14$"):
        parse_card("123", CardRules(8, 14, "digits", "off"))


@given(st.text(st.characters(exclude_characters="0123456789"), min_size=14, max_size=14))
def test_a_refusal_never_repeats_what_was_read(text: str) -> None:
    with pytest.raises(NotACard) as refusal:
        parse_card(text, DIGITS)
    assert text not in str(refusal.value)


# Computed by hand: 2*2=4 5 2*8=16->7 9 2 0 0 0 2*3=6 3 2 4 8 1: 4+5+7+9+2+0+0+0+6+3+2+4+8 = 50, so 0 fits.
@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("25891000331440", True),
        ("25891000331441", False),
        ("00000000000000", True),
        ("10000000000008", True),
        ("90000000000001", True),  # 18 counts as 1 + 8
        ("01000000000009", True),  # the second from the left counts once
        ("1234", False),
        ("2589100033144X", False),
    ],
)
def test_check_digit(number: str, fits: bool) -> None:
    assert check_digit_ok(CardNumber(number)) is fits


@given(st.text("0123456789", min_size=13, max_size=13))
def test_exactly_one_digit_fits(first: str) -> None:
    assert sum(check_digit_ok(CardNumber(f"{first}{last}")) for last in range(10)) == 1


@pytest.mark.parametrize(
    ("mode", "refused"),
    [("off", False), ("warn", False), ("enforce", True)],
)
def test_only_enforce_refuses_a_wrong_check_digit(
    mode: Literal["off", "warn", "enforce"], refused: bool
) -> None:
    rules = CardRules(14, 14, "digits", mode)
    assert parse_card("25891000331440", rules)
    if refused:
        with pytest.raises(NotACard, match="check digit"):
            parse_card("25891000331441", rules)
    else:
        assert parse_card("25891000331441", rules)


def test_enforce_refuses_what_has_no_check_digit() -> None:
    with pytest.raises(NotACard, match="check digit"):
        parse_card("123456", ENFORCED)


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("2589100033144", True),
        ("2589100", True),
        ("258910", False),
        ("25891000331441", True),  # whole, and a digit was read wrongly
        ("258910003314400", False),
        ("25891000|3144", False),
        ("HTTPS://EXAMPLE", False),
    ],
)
def test_half_a_card_is_worth_another_try(text: str, half: bool) -> None:
    with pytest.raises(NotACard) as raised:
        parse_card(text, CardRules(14, 14, "digits", "enforce"))
    assert isinstance(raised.value, HalfACard) is half


def test_equality_and_hash_are_those_of_the_number() -> None:
    assert CardNumber(GOOD) == CardNumber(GOOD)
    assert CardNumber(GOOD) != CardNumber("25891000331440")
    assert CardNumber(GOOD) != GOOD
    assert len({CardNumber(GOOD), CardNumber(GOOD)}) == 1


@dataclasses.dataclass
class Carrier:
    card: CardNumber


def test_it_does_not_print_itself(caplog: pytest.LogCaptureFixture) -> None:
    card = CardNumber(GOOD)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("swiped %s %r", card, Carrier(card))
    for shown in (repr(card), str(card), f"{card}", f"{card!r}", repr(Carrier(card)), caplog.text):
        assert "…" in shown
        assert "2589" not in shown


def test_it_does_not_leave_by_accident() -> None:
    card = CardNumber(GOOD)
    with pytest.raises(TypeError):
        json.dumps({"card": card})
    with pytest.raises(TypeError, match="copied"):
        dataclasses.asdict(Carrier(card))
    with pytest.raises(TypeError):
        vars(card)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(card, protocol)
    with pytest.raises(TypeError, match="copied"):
        copy.deepcopy(card)


def test_it_does_not_change() -> None:
    card = CardNumber(GOOD)
    with pytest.raises(AttributeError):
        card.number = "1"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        object.__setattr__(card, "other", "1")
    with pytest.raises(AttributeError):
        del card._CardNumber__number  # type: ignore[attr-defined]
    assert card.reveal() == GOOD
