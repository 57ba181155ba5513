"""The kinds of events that staff tell apart at a glance: a word and a colour each, never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """As addresses of pages have it."""

    GRANTED = "granted"
    REFUSED = "refused"
    DOOR = "door"
    ALARM = "alarm"
    MOVEMENT = "movement"
    FAULT = "fault"
    STAFF = "staff"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Mark:
    """word: on the mark. many: of the filter. colour: of GOV.UK's tags. means: in a sentence."""

    word: str
    many: str
    colour: str
    means: str


MARKS: Mapping[Kind, Mark] = {
    Kind.GRANTED: Mark("Let in", "Let in", "green", "Somebody was let in, or let out."),
    Kind.REFUSED: Mark("Refused", "Refused", "orange", "Somebody was not let in."),
    Kind.DOOR: Mark("Door", "Doors", "blue", "What a door did, and who asked to leave."),
    Kind.ALARM: Mark("Alarm", "Alarms", "red", "Forced and held doors, tampering, help, fire, evacuation."),
    Kind.MOVEMENT: Mark("Movement", "Movement", "purple", "Something moved before a camera; clips."),
    Kind.FAULT: Mark("Fault", "Faults", "yellow", "Something does not work, or works again."),
    Kind.STAFF: Mark("Staff", "Staff", "turquoise", "What staff did, here or on the command line."),
    Kind.RECORD: Mark("System", "System", "grey", "What the controller did by itself."),
}

OVER: Mapping[Kind, Mark] = {
    Kind.ALARM: Mark("Over", "Alarms", "grey", "An alarm has ended."),
    Kind.FAULT: Mark("Works", "Faults", "grey", "Something works, or works again."),
}
"""Of events that end what others of their kind began: nobody has to do anything about them."""
