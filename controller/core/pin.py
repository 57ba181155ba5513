"""The PIN: the type that does not print itself, and how it is typed on a reader's keypad.

Here: which key presses make a PIN, and when they no longer count. Never here: whether a PIN is right, or
when one is asked for. Times come in as arguments: microseconds of one clock that never steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from controller.core.framing.framer import Key

CLEAR, ENTER = Key("*"), Key("#")


class NotAPin(Exception):
    """This text cannot be a PIN. The message gives the reason and never the text."""


class Pin:
    """A PIN. ``reveal`` is the only way to its digits.

    As ``CardNumber``, it is no dataclass on purpose: ``repr``, ``vars``, ``dataclasses.asdict``, ``copy``,
    ``pickle`` and ``json`` all fail or show nothing.
    """

    __slots__ = ("__digits",)
    __digits: str

    def __init__(self, digits: str) -> None:
        """Raises NotAPin: an empty PIN, for one, is none."""
        if not digits.isascii() or not digits.isdecimal():
            raise NotAPin("a PIN is one digit or more, and nothing else")
        object.__setattr__(self, "_Pin__digits", digits)

    def reveal(self) -> str:
        """The PIN itself, for whoever verifies it."""
        return self.__digits

    def __repr__(self) -> str:
        return "Pin(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pin) and self.__digits == other.__digits

    def __hash__(self) -> int:
        return hash(self.__digits)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a PIN does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a PIN does not change")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PIN is neither copied nor pickled")


@dataclass(frozen=True, slots=True)
class PinRules:
    """What this branch's PINs look like, in digits, and how long one may take to type."""

    min_length: int
    max_length: int
    timeout_s: float

    def parse(self, text: str) -> Pin:
        """The PIN in ``text``. Raises NotAPin."""
        if not self.min_length <= len(text) <= self.max_length:
            raise NotAPin(f"it has {len(text)} digits, not {self.min_length} to {self.max_length}")
        return Pin(text)


@dataclass(frozen=True, slots=True)
class PinEntered:
    """pin: what was typed before ``#``; None when it has fewer or more digits than any PIN here."""

    pin: Pin | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """``#`` or ``*`` with nothing typed: there is no PIN."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """No ``#`` came in time."""


class PinEntry:
    """The keypad of one reader. ``#`` ends a PIN; ``*`` clears what was typed, or gives up.

    A card that needs a PIN begins an entry; another card begins it anew. A key without a card is ignored,
    so that nobody's PIN waits here for the next member's card. The time counts from the card and no key
    prolongs it: an entry that was walked away from ends.
    """

    def __init__(self, rules: PinRules) -> None:
        self._rules = rules
        self._digits = ""
        self._too_long = False
        self._deadline_us: int | None = None

    @property
    def deadline_us(self) -> int | None:
        """When the entry times out; None while no PIN is waited for."""
        return self._deadline_us

    def begin(self, now_us: int) -> None:
        """A card was read that needs a PIN. What another card's holder had typed is forgotten."""
        self._forget()
        self._deadline_us = now_us + round(self._rules.timeout_s * 1_000_000)

    def end(self) -> None:
        """No PIN is waited for any more."""
        self._forget()
        self._deadline_us = None

    def press(self, key: Key, now_us: int) -> PinEntered | Cancelled | TimedOut | None:
        """What this key completes. now_us: when it was pressed."""
        if (late := self.due(now_us)) is not None or self._deadline_us is None:
            return late
        if key == ENTER:
            result = self._entered()
            self.end()
            return result
        if key == CLEAR:
            if self._digits:
                self._forget()
                return None
            self.end()
            return Cancelled()
        if len(self._digits) < self._rules.max_length:
            self._digits += key.symbol
        else:
            self._too_long = True
        return None

    def due(self, now_us: int) -> TimedOut | None:
        """To be asked at ``deadline_us``: TimedOut once, when it has passed."""
        if self._deadline_us is None or now_us < self._deadline_us:
            return None
        self.end()
        return TimedOut()

    def _entered(self) -> PinEntered | Cancelled:
        if not self._digits:
            return Cancelled()
        if self._too_long or len(self._digits) < self._rules.min_length:
            return PinEntered(None)
        return PinEntered(Pin(self._digits))

    def _forget(self) -> None:
        self._digits = ""
        self._too_long = False
