"""What can happen to the doors: everything that is put on the acting thread's queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from controller.core.access import PinResult
from controller.devices import Reading
from controller.ipc.look_up import LookedUp
from controller.ipc.server import Call


class DoorInput(StrEnum):
    """A door's inputs on pins, as settings name them."""

    CONTACT = "contact"
    EXIT_BUTTON = "exit_button"
    LOCK_SENSOR = "lock_sensor"
    TAMPER = "tamper"
    HELP = "help"
    COUNTER_IN = "counter_in"
    COUNTER_OUT = "counter_out"


class BuildingInput(StrEnum):
    """The building's inputs on pins, as settings name them."""

    FIRE = "fire"
    EVACUATION = "evacuation"
    TAMPER = "tamper"
    MAINS_LOST = "mains_lost"
    BATTERY_LOW = "battery_low"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class ReaderFound:
    """The line of a door's reader is open; what follows is new."""

    door: str
    reader: str


@dataclass(frozen=True, slots=True)
class ReaderLost:
    """The line of a door's reader is gone."""

    door: str
    reader: str


@dataclass(frozen=True, slots=True)
class ReaderFloods:
    """More comes from a door's reader than cards can account for, and is dropped; or no longer."""

    door: str
    reader: str
    begins: bool


@dataclass(frozen=True, slots=True)
class ReaderSaid:
    """Something from a reader. mono_us: no later than it came. It may be a card, so ``repr`` hides it."""

    door: str
    reader: str
    reading: Reading = field(repr=False)
    mono_us: int


@dataclass(frozen=True, slots=True)
class PinAnswered:
    """What is known of a PIN that was entered at a reader. token: which question this answers.

    said: of the card, by the library management system, when it was asked about the PIN; None: it was not.
    """

    door: str
    reader: str
    token: int
    result: PinResult
    said: LookedUp | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LookedUpLive:
    """What the library management system says of a card at a reader; None: nobody knows. token: likewise."""

    door: str
    reader: str
    token: int
    said: LookedUp | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DoorEdge:
    """An input of a door changed, or changed and changed back: its level is to be read."""

    door: str
    input: DoorInput


@dataclass(frozen=True, slots=True)
class BuildingEdge:
    """The same of an input of the building."""

    input: BuildingInput


@dataclass(frozen=True, slots=True)
class Broken:
    """A thread of ours ended by an error that nobody expected."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Stop:
    """The process was told to end."""


Happening = (
    ReaderFound
    | ReaderLost
    | ReaderFloods
    | ReaderSaid
    | PinAnswered
    | LookedUpLive
    | DoorEdge
    | BuildingEdge
    | Call
    | Broken
    | Stop
)
