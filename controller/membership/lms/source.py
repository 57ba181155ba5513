"""A library management system that is asked about one card at a time: what it says, and how that can fail.

Here: the protocol of a live source, its answers and its errors. Never here: how any system is spoken to
(``sip2``, ``koha``), what of its answers counts (``sip2.reading``), or keeping an answer.

An answer holds no name, no birth date and no card number: what a system sends besides is dropped where it is
read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.core.pin import Pin


@dataclass(frozen=True, slots=True)
class Said:
    """The system knows this card, and its answer is complete. With a PIN asked about: it is the card's.

    expires: the last day of the membership, local date. category: None if the system did not say. adult_on:
    from when the minimum age is reached, ``date.min`` if it is already; None if the system did not say.
    entitled: to unstaffed hours, induction done; None if this system does not say that.
    """

    status: Status
    expires: date
    category: str | None
    adult_on: date | None
    entitled: bool | None


JUST_REFUSED = Said(Status.SUSPENDED, date.min, None, None, None)
"""The system refuses the card, and nothing else of its answer can be read. To refuse takes no more: were such
an answer none, an older copy of the membership would open the door."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The system says that it has no such card."""


@dataclass(frozen=True, slots=True)
class WrongPin:
    """The system says that this is not the card's PIN; of what else it says nothing is believed."""


Answer = Said | Unknown | WrongPin


class Trouble(StrEnum):
    """Why there is no answer, as journals and messages say it."""

    UNREACHABLE = "unreachable"
    """No connection, or it was closed."""
    UNTRUSTED = "untrusted"
    """TLS: the other end is not who it should be."""
    LOGIN_REFUSED = "login_refused"
    TIMED_OUT = "timed_out"
    GARBLED = "garbled"
    """What came cannot be read: a wrong checksum, a cut or endless answer, another question's answer."""
    OFFLINE = "offline"
    """The system itself says that it cannot answer now."""


class LmsUnavailable(Exception):
    """There is no answer. The message says what happened, with host and port, and nothing of any card."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


class LmsUnusable(Exception):
    """The system answered, and what it said is not enough to count: no expiry date, say, or another card's.

    The message names the field and what was wrong with it, and nothing of any card.
    """


class LiveSource(Protocol):
    """One system, over one connection. For one thread at a time; it connects when it is first needed."""

    def ask(self, card: CardNumber, pin: Pin | None, today: date) -> Answer:
        """What the system says of this card now. today: local date.

        Takes as long as the source's own time-out at most. Without a PIN the answer is never ``WrongPin``,
        and nothing is sent that could be taken for an empty one. Raises LmsUnavailable, LmsUnusable.
        """
        ...

    def check(self) -> None:
        """Connect if need be, and ask the system itself whether it is there, about no card.

        Raises LmsUnavailable.
        """
        ...

    def keep_alive(self) -> None:
        """To be called every second or so while nobody asks: keeps a connection that there is from being
        closed. It makes none. Raises LmsUnavailable.
        """
        ...

    def close(self) -> None: ...
