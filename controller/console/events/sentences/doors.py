"""Doors, readers, wires and the building: the sentences."""

from __future__ import annotations

from controller.console.events.kinds import Kind
from controller.console.events.saying import (
    Sentences,
    at_reader,
    by,
    duration,
    many,
    number,
    phrase,
    plain,
    word,
)
from controller.core.event import Event, EventType

_UNLOCKED_FOR = {
    "grant": "for a card",
    "exit": "for somebody leaving",
    "hold_open": "to stand open",
    "command": "by staff",
}
_HELD_FOR = {"command": "as staff asked", "staffed_hours": "for the staffed hours"}
_LOCK_FAULTS = {
    "contact_or_lock": "the door contact says open while the bolt says locked",
    "jammed": "the bolt does not move",
    "not_locked": "the bolt does not hold the door",
    "not_released_by_fire": "fire is reported and the lock still holds the door",
}
_COMMANDS = {
    "unlock": "to unlock",
    "hold-open": "to hold open",
    "end-hold-open": "to end the hold-open",
    "open-up": "to open up",
    "lockdown": "for a lockdown",
    "end-lockdown": "to end the lockdown",
    "evacuate": "for an evacuation",
    "end-evacuation": "to end the evacuation",
    "building-empty": "to count the building as empty",
    "reader-test": "to try a card",
}
_BROKEN = {
    "bank-holidays": "the bank holidays cannot be looked up",
    "controller": "the controller had to stop",
    "journal": "the journal could not be written",
    "announcement": "an announcement could not be made",
    "display": "the display does not answer",
    "lock": "the lock cannot be driven",
}
_OUTPUT_WHY = {
    "start": "after the start",
    "hours": "by the hours",
    "empty": "since nobody is inside",
    "emergency": "in an emergency",
    "lockdown": "in a lockdown",
    "pulse_ended": "at the end of its pulse",
}
_PLACES = {"reader": "a reader's case", "building": "the building", "door": "the door"}


def _command(event: Event) -> str:
    doors = event.data.get("doors")
    where = f" at {', '.join(map(str, doors))}" if isinstance(doors, list) and doors else ""
    why = f" ({plain(word(event, 'why'))})" if word(event, "why") else ""
    return f"Asked {phrase(event, 'command', _COMMANDS)}{at_reader(event)}{where}{why}{by(event)}"


def _fault(event: Event) -> str:
    lost = number(event, "lost_events")
    told = f"; {many(lost, 'event')} lost" if lost else ""
    return f"Fault: {phrase(event, 'device', _BROKEN)}{at_reader(event)}{told}"


def _unlocked(event: Event) -> str:
    duration_ms = number(event, "duration_ms")
    most = "" if duration_ms is None else f", for {duration(round(duration_ms / 1000))} at most"
    return f"Unlocked {phrase(event, 'for', _UNLOCKED_FOR)}{most}"


def _place(event: Event) -> str:
    return phrase(event, "device", _PLACES) or "the door"


def _reopened(event: Event) -> str:
    after_s = (number(event, "after_ms") or 0) // 1000
    asked = "; somebody asked to leave" if event.data.get("asked_to_leave") is True else ""
    return f"Opened again {many(after_s, 'second')} after it closed behind somebody who was let in{asked}"


def _more(event: Event) -> str:
    counted, granted = number(event, "counted_in"), number(event, "granted")
    return f"Counted {many(counted, 'person', 'people')} coming in, and {many(granted, 'card')} accepted"


def _hours(event: Event) -> str:
    hours = number(event, "hours")
    return f"Nothing heard{at_reader(event)} for {many(hours, 'hour')} in which cards are usual"


def _occupancy(event: Event) -> str:
    people = number(event, "people")
    return "Few inside, or nobody knows" if people is None else f"About {people} inside, by estimate"


_D, _A, _F = Kind.DOOR, Kind.ALARM, Kind.FAULT

SENTENCES: Sentences = {
    EventType.DOOR_UNLOCKED: (_D, _unlocked),
    EventType.DOOR_LOCKED: (_D, "Locked"),
    EventType.DOOR_OPENED: (_D, "Opened"),
    EventType.DOOR_CLOSED: (_D, "Closed"),
    EventType.DOOR_FORCED: (_A, "Forced open: nobody was let in and nobody asked to leave"),
    EventType.DOOR_HELD_WARNING: (_D, "Open for long; whoever is there is asked to close it"),
    EventType.DOOR_HELD: (_A, "Held open for too long"),
    EventType.DOOR_UNUSED: (_D, "Locked again; nobody opened it"),
    EventType.DOOR_HOLD_OPEN_STARTED: (
        _D,
        lambda event: f"Unlocked to stand open {phrase(event, 'for', _HELD_FOR)}",
    ),
    EventType.DOOR_HOLD_OPEN_ENDED: (_D, "No longer unlocked to stand open"),
    EventType.DOOR_FAULT: (_F, _fault),
    EventType.EXIT_REQUESTED: (_D, "Somebody asked to leave"),
    EventType.FIRE_STARTED: (_A, "Fire alarm"),
    EventType.FIRE_ENDED: (_A, "Fire alarm over"),
    EventType.FIRE_RELEASE_SEEN: (_A, "The lock let go in the fire alarm, as it should"),
    EventType.LOCKDOWN_STARTED: (_A, "Lockdown: nobody is let in"),
    EventType.LOCKDOWN_ENDED: (_A, "Lockdown over"),
    EventType.EVACUATION_STARTED: (_A, "Evacuation: nobody is let in, doors let out"),
    EventType.EVACUATION_ENDED: (_A, "Evacuation over"),
    EventType.LOCK_FAULT_STARTED: (_F, lambda event: f"Lock fault: {phrase(event, 'fault', _LOCK_FAULTS)}"),
    EventType.LOCK_FAULT_ENDED: (
        _F,
        lambda event: f"Lock fault over: {phrase(event, 'fault', _LOCK_FAULTS)}",
    ),
    EventType.TAMPER_STARTED: (_A, lambda event: f"Tampering with {_place(event)}{at_reader(event)}"),
    EventType.TAMPER_ENDED: (_A, lambda event: f"No more tampering with {_place(event)}{at_reader(event)}"),
    EventType.POWER_MAINS_LOST: (_F, "No mains: the battery supplies"),
    EventType.POWER_MAINS_BACK: (_F, "Mains are back"),
    EventType.POWER_BATTERY_LOW: (_F, "The battery is low"),
    EventType.POWER_BATTERY_OK: (_F, "The battery is no longer low"),
    EventType.POWER_STOPPING: (_F, "The machine is being stopped, before its battery is empty"),
    EventType.HELP_REQUESTED: (_A, "The help button was pressed"),
    EventType.HELP_ENDED: (_A, "The help button was released"),
    EventType.COMMAND_RECEIVED: (Kind.STAFF, _command),
    EventType.READER_LOST: (_F, lambda event: f"No connection{at_reader(event)}"),
    EventType.READER_FOUND: (_F, lambda event: f"Connected again{at_reader(event)}"),
    EventType.READER_BABBLING: (_F, lambda event: f"Noise{at_reader(event)}: it is not listened to"),
    EventType.READER_CALM: (_F, lambda event: f"No more noise{at_reader(event)}"),
    EventType.READER_SILENT: (_F, _hours),
    EventType.READER_HEARD: (_F, lambda event: f"Cards are read again{at_reader(event)}"),
    EventType.READER_PAIRED: (Kind.STAFF, lambda event: f"A reader was paired{at_reader(event)}{by(event)}"),
    EventType.PASSAGE_REOPENED: (_D, _reopened),
    EventType.PASSAGE_LONG: (_D, "Open for longer than one person takes to come in"),
    EventType.PASSAGE_MORE_THAN_GRANTED: (_D, _more),
    EventType.OCCUPANCY_CHANGED: (Kind.RECORD, _occupancy),
    EventType.OUTPUT_ON: (
        Kind.RECORD,
        lambda event: f"Switched on: {word(event, 'output')}, {phrase(event, 'why', _OUTPUT_WHY)}",
    ),
    EventType.OUTPUT_OFF: (
        Kind.RECORD,
        lambda event: f"Switched off: {word(event, 'output')}, {phrase(event, 'why', _OUTPUT_WHY)}",
    ),
    EventType.OUTPUT_FAULT: (_F, lambda event: f"Cannot be switched: {word(event, 'output')}"),
    EventType.ANNOUNCEMENT_MADE: (
        Kind.RECORD,
        lambda event: f"Announced that the branch closes in {many(number(event, 'minutes_left'), 'minute')}",
    ),
    EventType.CLOCK_TRUSTED: (_F, "The clock is set; times can be believed"),
    EventType.CLOCK_UNTRUSTED: (_F, "The clock is not set; times cannot be believed"),
}
