"""What every card protocol has in common: bytes in, the text of cards, keys or Garbage out.

Each framer is fed bytes however they were chopped up on their way, keeps no more than one card's worth of
them, and finds the next card after anything at all. Whether a text is a card number of this branch is for
``core.card`` to say. Never here: a protocol, or the bytes of what could not be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

LINE_ENDS = b"\r\n"
KEYS = "0123456789*#"


class Garbage(Enum):
    """Something was sent, and it was no card."""

    TOO_LONG = "longer than any card, without an end"
    NOT_FRAMED = "without the beginning and end that the reader is set to"
    NOT_TEXT = "with characters that nobody can print"
    BAD_CHECK = "with a checksum or parity that does not fit"
    SHAPE = "not written as the reader's format writes a card"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the reader's keypad was pressed: one of KEYS. It may be of a PIN, so ``repr`` hides it."""

    symbol: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.symbol) != 1 or self.symbol not in KEYS:
            raise ValueError("a keypad has the digits, * and #")


class Framer(Protocol):
    """One a connection: half a card from before belongs to nothing."""

    def feed(self, data: bytes) -> Sequence[str | Key | Garbage]:
        """What these bytes complete, in order."""


class Noise:
    """What comes outside any frame, for protocols whose frames have a first character of their own.

    It is told once, at its line's end or when it is longer than any card. What follows a frame on the same
    line, told as a card or as Garbage, belongs to that.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._heard = 0
        self._told = False

    def hear(self, byte: int) -> list[str | Garbage]:
        """What this byte completes."""
        if byte in LINE_ENDS:
            unread = self._heard > 0 and not self._told
            self.forget()
            return [Garbage.NOT_FRAMED] if unread else []
        if self._told:
            return []
        self._heard += 1
        if self._heard <= self._cap:
            return []
        self.skip_line()
        return [Garbage.TOO_LONG]

    def forget(self) -> None:
        """A frame or a line begins: what came before it was its introduction."""
        self._heard = 0
        self._told = False

    def skip_line(self) -> None:
        """What still comes on this line was told already."""
        self._told = True
