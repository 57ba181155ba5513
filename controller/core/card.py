"""The card number: parsed once, where it enters, into a type that does not print itself.

Here: what a card number may look like, and its check digit. Never here: whose card it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

CHECKED_LENGTH = 14
ALPHABETS = {"digits": re.compile(r"[0-9]*"), "alphanumeric": re.compile(r"[0-9A-Z]*")}


class NotACard(Exception):
    """What was read is no card number. The message gives the reason and never what was read."""


class HalfACard(NotACard):
    """It began as a card number of ours and did not come whole: worth another try."""


class CardNumber:
    """A card number. ``reveal`` is the only way to its digits.

    It is no dataclass on purpose: ``repr``, ``vars``, ``dataclasses.asdict``, ``copy``, ``pickle`` and
    ``json`` all fail or show nothing, so that no log line, dump or message carries it by accident.
    """

    __slots__ = ("__number",)
    __number: str

    def __init__(self, number: str) -> None:
        object.__setattr__(self, "_CardNumber__number", number)

    def reveal(self) -> str:
        """The card number itself, for the key of a look-up and for sealing."""
        return self.__number

    def __repr__(self) -> str:
        return "CardNumber(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CardNumber) and self.__number == other.__number

    def __hash__(self) -> int:
        return hash(self.__number)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a card number does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a card number does not change")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a card number is neither copied nor pickled")


@dataclass(frozen=True, slots=True)
class CardRules:
    """What this branch's cards look like. Lengths in characters."""

    min_length: int
    max_length: int
    alphabet: Literal["digits", "alphanumeric"]
    check_digit: Literal["off", "warn", "enforce"]


def parse_card(text: str, rules: CardRules) -> CardNumber:
    """The card number in ``text``, small letters read as capitals. Raises NotACard.

    The alphabet keeps out ``|``, CR, LF and NUL, which would inject fields into SIP2. Under ``warn`` a
    wrong check digit passes: the caller asks ``check_digit_ok`` and says so.
    """
    if len(text) > rules.max_length:
        raise NotACard(_length(text, rules))
    number = text.upper()
    # Letters beyond ASCII can have capitals within it: that of a German sharp s is "SS".
    if not text.isascii() or not ALPHABETS[rules.alphabet].fullmatch(number):
        raise NotACard("it holds a character that no card number has")
    if len(text) < rules.min_length:
        # A few characters are noise.
        raise (HalfACard if 2 * len(text) >= rules.min_length else NotACard)(_length(text, rules))
    card = CardNumber(number)
    if rules.check_digit == "enforce" and not check_digit_ok(card):
        raise HalfACard("its check digit is wrong")
    return card


def _length(text: str, rules: CardRules) -> str:
    wanted = f"{rules.min_length}"
    if rules.max_length != rules.min_length:
        wanted += f" to {rules.max_length}"
    return f"it has {len(text)} characters, not {wanted}"


def check_digit_ok(card: CardNumber) -> bool:
    """Whether this is a 14-digit library card whose last digit fits the others.

    Weights 2, 1, 2, 1 … from the left, digit sums, modulo 10. About three in eight genuine cards fail.
    """
    number = card.reveal()
    if len(number) != CHECKED_LENGTH or not number.isdecimal():
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in number[0::2])
    return (doubled + sum(int(digit) for digit in number[1::2])) % 10 == 0
