"""What a door is like now, told from its journal.

The event says what happened; this says what holds. Never here: how the door decides. A test walks the
door's own state machine and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core.alarms import EVENTS
from controller.core.event import CONTROLLER, Event, EventType, JsonValue, Stamp

UNKNOWN = "unknown"

_CONTACT = {
    EventType.DOOR_OPENED: "open",
    EventType.DOOR_CLOSED: "closed",
    EventType.DOOR_FORCED: "forced",
    EventType.DOOR_HELD_WARNING: "warned",
    EventType.DOOR_HELD: "held",
}
_BEGINS = {
    EventType.DOOR_UNLOCKED: "released",
    EventType.DOOR_HOLD_OPEN_STARTED: "hold_open",
    EventType.LOCKDOWN_STARTED: "lockdown",
    EventType.EVACUATION_STARTED: "evacuation",
    EventType.FIRE_STARTED: "fire",
}
_ENDS = {
    EventType.DOOR_LOCKED: "released",
    EventType.DOOR_HOLD_OPEN_ENDED: "hold_open",
    EventType.LOCKDOWN_ENDED: "lockdown",
    EventType.EVACUATION_ENDED: "evacuation",
    EventType.FIRE_ENDED: "fire",
}
_STRONGEST_FIRST = ("fire", "evacuation", "lockdown", "hold_open", "released")
_MAY_STAND_OPEN = frozenset(
    {EventType.DOOR_HOLD_OPEN_STARTED, EventType.EVACUATION_STARTED, EventType.FIRE_STARTED}
)
_ALARM_BEGINS = {events.begun: alarm.value for alarm, events in EVENTS.items()} | {
    EventType.LOCK_FAULT_STARTED: "lock"
}
_ALARM_ENDS = {events.ended: alarm.value for alarm, events in EVENTS.items()} | {
    EventType.LOCK_FAULT_ENDED: "lock"
}


@dataclass(frozen=True, slots=True)
class DoorState:
    """door: its id. in_force: which modes hold; a fire in a lockdown ends, and the lockdown goes on.

    None: unknown. contact: in the words of the door's table, or unknown. alarms: at the door and in the
    building. seq, stamp: of the event that said so last.
    """

    door: str
    in_force: frozenset[str] | None = None
    contact: str = UNKNOWN
    alarms: frozenset[str] = frozenset()
    seq: int = 0
    stamp: Stamp | None = None

    @property
    def mode(self) -> str:
        if self.in_force is None:
            return UNKNOWN
        return next((mode for mode in _STRONGEST_FIRST if mode in self.in_force), "locked")

    def after(self, event: Event) -> DoorState:
        """The state once this event has happened; the same object when it says nothing about the door."""
        kind = event.type
        if kind is EventType.SERVICE_STARTED:
            return self._restarted(event)
        if kind in _ALARM_BEGINS or kind in _ALARM_ENDS:
            return self._alarmed(event)
        if event.subject != self.door:
            return self
        before = self.in_force or frozenset()
        in_force, contact = self.in_force, self.contact
        if kind in _CONTACT:
            contact = _CONTACT[kind]
        elif kind in _BEGINS:
            in_force = before | {_BEGINS[kind]}
            if kind in _MAY_STAND_OPEN and contact in ("warned", "held"):
                contact = "open"
        elif kind in _ENDS:
            in_force = before - {_ENDS[kind]}
        else:
            return self
        return replace(self, in_force=in_force, contact=contact, seq=event.seq, stamp=event.stamp)

    def _alarmed(self, event: Event) -> DoorState:
        if event.subject not in (self.door, CONTROLLER):
            return self
        data = event.data
        where = [str(data[name]) for name in ("device", "reader", "fault") if name in data]
        begins = event.type in _ALARM_BEGINS
        alarm = ":".join([(_ALARM_BEGINS if begins else _ALARM_ENDS)[event.type], *where])
        alarms = self.alarms | {alarm} if begins else self.alarms - {alarm}
        return replace(self, alarms=alarms, seq=event.seq, stamp=event.stamp)

    def _restarted(self, event: Event) -> DoorState:
        """It secures the lock and goes on with an emergency, and tells anew of every alarm that lasts."""
        doors = event.data.get("doors")
        begun = doors.get(self.door) if isinstance(doors, dict) else None
        if not isinstance(begun, dict):
            return self
        in_force = frozenset(what for what in ("lockdown", "evacuation") if begun.get(what) is True)
        match begun.get("open"):
            case True:
                contact = "open"
            case False:
                contact = "closed"
            case _:  # no contact is fitted
                contact = UNKNOWN
        return DoorState(self.door, in_force, contact, seq=event.seq, stamp=event.stamp)

    @property
    def said(self) -> Mapping[str, JsonValue]:
        """In the words of messages."""
        return {
            "mode": self.mode,
            "contact": self.contact,
            "alarms": [*sorted(self.alarms)],
        }
