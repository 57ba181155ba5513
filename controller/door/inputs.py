"""What can happen to the door: everything that is put on the acting thread's queue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controller.ipc.server import Call


class Contact(StrEnum):
    """The inputs on pins, as settings name them."""

    DOOR = "contact"
    EXIT_BUTTON = "exit_button"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class ReaderFound:
    """The card reader's line is open; what follows are new bytes."""


@dataclass(frozen=True, slots=True)
class ReaderLost:
    """The card reader's line is gone."""


@dataclass(frozen=True, slots=True)
class ReaderBytes:
    """Bytes from the reader. mono_us: no later than they came. They may be a card, so ``repr`` hides them."""

    data: bytes
    mono_us: int

    def __repr__(self) -> str:
        return f"ReaderBytes({len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class Edge:
    """An input changed, or changed and changed back: its level is to be read."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class Broken:
    """A thread of ours ended by an error that nobody expected."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Stop:
    """The process was told to end."""


Happening = ReaderFound | ReaderLost | ReaderBytes | Edge | Call | Broken | Stop
