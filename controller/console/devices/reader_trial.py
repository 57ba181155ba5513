"""Trying a card at a reader: the door says that one was read and how long its number is, never the number.

Never here: laying it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.console.today.shown import Tone
from controller.ipc.door_commands import Command
from controller.ipc.messages import Request
from controller.ipc.reader_tests import TEST_S, Heard, ReaderTested, heard_in
from controller.settings.model import Settings
from controller.staff.account import Account
from controller.staff.doors import ask_the_door
from controller.staff.refusal import Refused


@dataclass(frozen=True, slots=True)
class Said:
    """word, tone: of the outcome so far. sentence: with what to do."""

    word: str
    tone: Tone
    sentence: str


def begin(settings: Settings, door: str, reader: str, who: Account) -> None:
    """The door journals it. Raises Refused."""
    asked = Request(Command.READER_TEST.value, {"door": door, "reader": reader}, who.user)
    ask_the_door(settings, asked)


def look(settings: Settings, door: str, reader: str) -> ReaderTested:
    """Raises Refused."""
    reply = ask_the_door(
        settings, Request(Command.READER_HEARD.value, {"door": door, "reader": reader}), deadline_s=2.0
    )
    tested = heard_in(reply)
    if tested is None:
        raise Refused("the door's answer was not understood: its service is of another release")
    return tested


def said(tested: ReaderTested) -> Said | None:
    """What came of the last test, so far; None where there was none since the door was started."""
    if not tested.begun:
        return None
    match tested.heard:
        case Heard.CARD:
            characters = "digits" if tested.digits else "characters"
            return Said("Read", Tone.GOOD, f"A card was read: {tested.characters} {characters}.")
        case Heard.NOTHING if tested.under_way:
            return Said("Waiting", Tone.TOLD, f"Hold a card to the reader. {_left(tested)}")
        case Heard.NOTHING:
            return Said(
                "Nothing",
                Tone.BAD,
                f"Nothing came within {TEST_S} seconds. See to the reader's power and cable, and to its port"
                " in the settings.",
            )
        case Heard.PIECES:
            return Said(
                "Not whole",
                Tone.LOOK,
                f"{tested.bytes} bytes came, and nothing whole among them. The format in the settings may be"
                " wrong: `unlocked reader watch` shows which fits.",
            )
        case Heard.NOT_A_CARD:
            return Said(
                "No card",
                Tone.LOOK,
                "Something came that is no card as the settings have them. If every card does this, the"
                " format or the length in [cards] is wrong: `unlocked reader watch` shows which fits.",
            )
        case Heard.HALF_A_CARD:
            return Said(
                "Half a card",
                Tone.LOOK,
                "It began as a card and did not fit together. Hold the card there for longer; if every card"
                " does this, see to the cable.",
            )
        case Heard.KEY:
            return Said("A key", Tone.LOOK, "A key of the keypad was pressed, and no card came.")


def _left(tested: ReaderTested) -> str:
    return f"{tested.left_s} {'second' if tested.left_s == 1 else 'seconds'} left."
