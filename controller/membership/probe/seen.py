"""What a system answered to a test card, in the form in which it may be shown.

Values of fields that could tell of a person are not among it: that they came is all that is said of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from typing import Protocol

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import Answer, LmsUnavailable, LmsUnusable

PRESENT, EMPTY = "present, not shown", "empty"
LONGEST_SHOWN = 40


class Asked(StrEnum):
    """The questions, in the order in which they are asked."""

    VALID = auto()
    RIGHT_PIN = auto()
    WRONG_PIN = auto()
    EMPTY_PIN = auto()
    EXPIRED = auto()
    BLOCKED = auto()
    UNKNOWN = auto()


WITH_PIN = (Asked.RIGHT_PIN, Asked.WRONG_PIN, Asked.EMPTY_PIN)


class Lack(StrEnum):
    """What an answer is short of."""

    CARD = auto()
    """It is about another card, or about none."""
    VALID = auto()
    """It does not say whether the card is valid."""
    PIN = auto()
    """It does not say whether the PIN is right."""
    EXPIRY = auto()
    EXPIRY_READABLE = auto()
    """There is something where the expiry should be, which is no day in a known form."""
    BIRTH = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """fields: each name with what may be shown of it. flags: those that are set, in words; refusing: which of
    them refuse. pin_right: what the system says of the PIN; None if nothing, or none was sent. said: what is
    made of all that, or why nothing can be. days_to_come: fields with a day in the future, among which the
    expiry may be.
    """

    asked: Asked
    said: Answer | LmsUnusable | LmsUnavailable
    fields: Mapping[str, str]
    flags: tuple[str, ...] = ()
    refusing: tuple[str, ...] = ()
    pin_right: bool | None = None
    lacks: frozenset[Lack] = frozenset()
    days_to_come: tuple[str, ...] = ()

    @property
    def about_patron(self) -> bool:
        """The system knows the card, as far as can be told."""
        return not isinstance(self.said, LmsUnavailable) and bool(self.fields)


class Prober(Protocol):
    """Asks one system. For one thread."""

    def begin(self) -> str:
        """Connect. What the system says of itself, in a line. Raises LmsUnavailable."""
        ...

    def ask(self, asked: Asked, card: CardNumber, pin: Pin | None, today: date) -> Seen:
        """pin: None with EMPTY_PIN as well, where nothing at all is sent as the PIN."""
        ...

    def close(self) -> None: ...


def shown(value: str) -> str:
    """A value that may be shown, without whatever a terminal could take for a command."""
    text = "".join(character if character.isprintable() else "?" for character in value)
    if len(text) > LONGEST_SHOWN:
        text = text[:LONGEST_SHOWN] + "…"
    return text if text.strip() else EMPTY
