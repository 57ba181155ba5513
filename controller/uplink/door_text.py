"""What displays at a door are to show, told from its journal for those that hear it over MQTT.

Two sorts. What *stands* is retained, so that a display that has just connected shows the right thing: the
idle text, or why nobody can come in. What *passes* is not, since a retained "Welcome" would greet whoever
comes next; and it is dropped when it could not be sent at once. Displays learn the outcome and its text,
never the reason: that is for staff.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core.event import Event, EventType
from controller.core.outcome import IDLE, Lines, Outcome, outcome_of, text
from controller.uplink.cloudevent import rfc3339

CONTENT_TYPE = "application/json"
SHOWN_S = 4
FRESH_US = 5_000_000
"""What is older than this is not told: whoever it was for has gone in, or home."""

_LEAVE_BEGINS = {EventType.FIRE_STARTED: "fire", EventType.EVACUATION_STARTED: "evacuation"}
_LEAVE_ENDS = {EventType.FIRE_ENDED: "fire", EventType.EVACUATION_ENDED: "evacuation"}
_PASSES = {
    EventType.ACCESS_NOT_NEEDED: Outcome.NOT_NEEDED,
    EventType.DOOR_HELD_WARNING: Outcome.CLOSE_THE_DOOR,
    EventType.DOOR_HELD: Outcome.DOOR_ALARM,
    EventType.DOOR_FORCED: Outcome.DOOR_ALARM,
    EventType.HELP_REQUESTED: Outcome.HELP_ASKED,
}


@dataclass(frozen=True, slots=True)
class DoorText:
    """door: its id. ways_in, ways_out: the ids of its readers.

    leave: why everybody is to leave. lost: readers that cannot be used.
    """

    door: str
    ways_in: frozenset[str]
    ways_out: frozenset[str] = frozenset()
    leave: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    @property
    def standing(self) -> str:
        """The name of the text that stands."""
        if self.leave:
            return Outcome.EVACUATION
        if self.ways_in and self.ways_in <= self.lost:
            return Outcome.NO_READER
        return IDLE

    def after(self, event: Event) -> DoorText:
        """What stands once this event has happened."""
        kind, reader = event.type, event.data.get("reader")
        if kind is EventType.SERVICE_STARTED:
            # A fire and lost readers are journalled again.
            doors = event.data.get("doors")
            begun = doors.get(self.door) if isinstance(doors, dict) else None
            evacuated = isinstance(begun, dict) and begun.get("evacuation") is True
            return replace(self, leave=frozenset({"evacuation"} if evacuated else ()), lost=frozenset())
        if event.subject != self.door:
            return self
        if kind in _LEAVE_BEGINS:
            return replace(self, leave=self.leave | {_LEAVE_BEGINS[kind]})
        if kind in _LEAVE_ENDS:
            return replace(self, leave=self.leave - {_LEAVE_ENDS[kind]})
        if kind in (EventType.READER_LOST, EventType.READER_BABBLING) and isinstance(reader, str):
            return replace(self, lost=self.lost | {reader})
        if kind in (EventType.READER_FOUND, EventType.READER_CALM) and isinstance(reader, str):
            return replace(self, lost=self.lost - {reader})
        return self

    def passing(self, event: Event) -> tuple[Outcome, str] | None:
        """The outcome, and the reason that chooses its text, of what this event tells in passing."""
        of_all_doors = event.type is EventType.HELP_REQUESTED and event.data.get("device") == "building"
        if event.subject != self.door and not of_all_doors:
            return None
        reason = event.data.get("reason")
        match event.type:
            case EventType.ACCESS_GRANTED:
                return Outcome.GOODBYE if event.data.get("reader") in self.ways_out else Outcome.GRANTED, ""
            case EventType.ACCESS_REFUSED:
                return outcome_of(str(reason)), str(reason)
            case EventType.ACCESS_OUTCOME if event.data.get("done") == "refused":
                return outcome_of(str(reason)), str(reason)
            case kind if kind in _PASSES:
                return _PASSES[kind], ""
        return None


def standing_payload(what: str, own: Mapping[str, Lines]) -> bytes:
    """what: the name of the text that stands. own: texts from settings."""
    return _encode({"outcome": what, "lines": list(text(what, own=own))})


def passing_payload(outcome: Outcome, reason: str, event: Event, own: Mapping[str, Lines]) -> bytes:
    """The reason only chooses the text."""
    said: dict[str, object] = {
        "outcome": outcome.value,
        "lines": list(text(outcome, reason, own=own)),
        "seconds": SHOWN_S,
        "time": rfc3339(event.stamp.wall_us),
    }
    if isinstance(reader := event.data.get("reader"), str):
        said["reader"] = reader
    return _encode(said)


def _encode(said: Mapping[str, object]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
