"""What the help page and the printed sheet say of this branch: ways out, and what is told at the reader.

From the settings alone, so that it is there whatever else is out of order. Never here: how things are now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.access import Side
from controller.core.outcome import Outcome, text
from controller.core.signs import SIGNS, Sign
from controller.settings.door import Door
from controller.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody gets out by a door, what always works first."""

    door: str
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told at a reader of this branch. text: the lines of its display; empty where there is none."""

    sign: Sign
    text: tuple[str, ...]


def ways_out(settings: Settings) -> tuple[Ways, ...]:
    return tuple(Ways(door.id, tuple(_ways(door))) for door in settings.doors)


def _ways(door: Door) -> Iterator[str]:
    if door.exit_button is not None:
        yield (
            f"Press the exit button beside the door, and open the door within {door.exit_s:g} seconds. It "
            "cuts the lock by its own wiring: it works in a lockdown too, and when the controller does not."
        )
    if door.lock.kind == "fail-safe":
        yield "The lock needs power to hold. The fire alarm, and a power cut, let go of it."
    else:
        yield "The lock holds from outside only: the handle inside opens the door, without power as well."
    if any(reader.side is Side.OUT for reader in door.readers):
        yield "Or hold a library card to the reader for leaving. This does not work in a lockdown."


def told(settings: Settings) -> tuple[Told, ...]:
    """What can be told here, in the order in which it matters to staff."""
    shown = any(reader.display is not None for _, reader in settings.readers())
    return tuple(
        Told(SIGNS[outcome], text(outcome, own=settings.texts) if shown else ())
        for outcome in Outcome
        if _can_be(outcome, settings)
    )


def _can_be(outcome: Outcome, settings: Settings) -> bool:
    match outcome:
        case Outcome.GOODBYE:
            return any(reader.side is Side.OUT for _, reader in settings.readers())
        case Outcome.PIN_WANTED:
            return settings.pin.require != "never"
        case Outcome.CHECKING:
            return settings.lms is not None
        case Outcome.CLOSE_THE_DOOR:
            return any(door.contact and door.held_warning_s for door in settings.doors)
        case Outcome.DOOR_ALARM:
            return any(door.contact for door in settings.doors)
        case Outcome.HELP_ASKED:
            return settings.inputs.help is not None or any(door.help for door in settings.doors)
        case _:
            return True


def dialled(phone: str) -> str:
    """A number as a link dials it: without the nought that stands in brackets behind a country's code."""
    number = phone.replace("(0)", "") if phone.startswith("+") else phone
    return "".join(one for one in number if one.isdigit() or one == "+")
