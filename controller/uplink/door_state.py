"""What a door is like now, told from its journal, for the retained message that dashboards read.

The event says what happened; this says what holds. Never here: how the door decides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from controller.core.event import Event, EventType, Stamp
from controller.uplink.cloudevent import rfc3339

CONTENT_TYPE = "application/json"
UNKNOWN = "unknown"

_CONTACT = {
    EventType.DOOR_OPENED: "open",
    EventType.DOOR_CLOSED: "closed",
    EventType.DOOR_FORCED: "forced",
    EventType.DOOR_HELD: "held",
}
_MODE = {
    EventType.DOOR_HOLD_OPEN_STARTED: "hold_open",
    EventType.DOOR_HOLD_OPEN_ENDED: "locked",
    EventType.LOCKDOWN_STARTED: "lockdown",
    EventType.LOCKDOWN_ENDED: "locked",
    EventType.FIRE_STARTED: "fire",
    EventType.FIRE_ENDED: "locked",
}
# The lock also moves within a hold-open, a lockdown or a fire; those say more than the lock does.
_MODE_OF_LOCK = {EventType.DOOR_UNLOCKED: "released", EventType.DOOR_LOCKED: "locked"}
_LOCK_SPEAKS = frozenset({"released", "locked", UNKNOWN})


@dataclass(frozen=True, slots=True)
class DoorState:
    """mode and contact: in the words of the door's table, or unknown. seq: the event that said so."""

    mode: str = UNKNOWN
    contact: str = UNKNOWN
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> DoorState:
        """The state once this event has happened; the same object when it says nothing about the door."""
        mode = _MODE.get(event.type, self.mode)
        if event.type in _MODE_OF_LOCK and self.mode in _LOCK_SPEAKS:
            mode = _MODE_OF_LOCK[event.type]
        contact = _CONTACT.get(event.type, self.contact)
        if event.type not in _MODE and event.type not in _CONTACT and event.type not in _MODE_OF_LOCK:
            return self
        return replace(self, mode=mode, contact=contact, seq=event.seq, stamp=event.stamp)

    def encode(self, journal_id: str) -> bytes:
        return json.dumps(
            {
                "mode": self.mode,
                "contact": self.contact,
                "journal": journal_id,
                "sequence": str(self.seq),
                "time": rfc3339(self.stamp.wall_us) if self.stamp else None,
                "clocktrusted": self.stamp.clock_trusted if self.stamp else False,
            },
            separators=(",", ":"),
        ).encode()
