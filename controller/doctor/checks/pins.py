"""What is wired to the pins: locks, contacts, sensors and outputs, as the door sees them."""

from __future__ import annotations

from collections.abc import Iterator

from controller.console.today.doors_shown import LOCK_FAULTS
from controller.core.event import Event, EventType
from controller.core.states.door import DoorState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.settings.door import Door

PART = "pins"
UNUSED = 3
"""So many releases in a row that nobody used are no chance."""
WIRES = "look at the contact, its wires and its pin (docs/doors.md)"
OF_DEVICES = {
    "bank-holidays": ("the bank holidays of this year are not known", "set hours.dates by hand, or upgrade"),
    "announcement": (
        "an announcement could not be played",
        "see announcements in the settings, and the loudspeaker",
    ),
    "display": ("the display does not take what it is sent", "look at its cable"),
    "journal": ("events were lost, since the journal could not be written", "see disk"),
    "controller": ("the door had a fault of its own", "`journalctl -u unlocked-door` has it; report it"),
}


def look(context: Context) -> Iterator[Finding]:
    answer = context.door
    if answer is None:
        yield unknown(PART, f"not known, since {context.silence}", "see services")
        if _is_raspberry(context) and not context.machine.found("dev/gpiochip*"):
            yield fault(
                PART, "there is no /dev/gpiochip", "is this the kernel of Raspberry Pi OS? Start it again"
            )
        return
    for state in context.journals["door"].all_of(DoorState):
        door = context.settings.door(state.door)
        found = list(_of_door(door, state)) + list(_unused(context, door))
        yield from found
        if not found:
            contact = f", the contact says {state.contact}" if door.contact else ""
            yield ok(PART, f"door {door.id}: lock and wires are as they should be{contact}")
    yield from _outputs(context)


def _is_raspberry(context: Context) -> bool:
    return "Raspberry Pi" in (context.machine.text("proc/device-tree/model") or "")


def _of_door(door: Door, state: DoorState) -> Iterator[Finding]:
    for alarm in sorted(state.alarms):
        kind, _, where = alarm.partition(":")
        match kind:
            case "lock":
                what = LOCK_FAULTS.get(where, where)
                yield fault(
                    PART,
                    f"door {door.id}: the lock cannot be believed: {what} ({where})",
                    "look at lock, strike and relay (docs/doors.md)",
                )
            case "tamper":
                yield fault(PART, f"door {door.id}: a housing is open", "look at who is at it, and close it")
            case "help":
                yield fault(
                    PART, f"door {door.id}: somebody asks for help", "go there, or call whoever is to go"
                )
    match state.contact:
        case "forced":
            yield fault(PART, f"door {door.id}: forced open, or its contact is cut", WIRES)
        case "held" | "warned":
            yield fault(PART, f"door {door.id}: open for too long, or its contact does not close", WIRES)
    for mode in sorted((state.in_force or frozenset()) & {"fire", "evacuation", "lockdown"}):
        yield fault(
            PART,
            f"door {door.id}: nobody is let in ({mode})",
            "see the fire panel"
            if mode == "fire"
            else f"`unlocked door end-{mode}` ends it".replace("fire", ""),
        )


def _unused(context: Context, door: Door) -> Iterator[Finding]:
    """Released, and nobody opened: again and again, it is the relay, the lock or the contact."""
    if door.contact is None:
        return
    reader = context.journal("door")
    opened = reader.last(EventType.DOOR_OPENED, subject=door.id)
    unused = reader.read(
        opened.seq if opened else 0, limit=1000, types=(EventType.DOOR_UNUSED, EventType.SERVICE_STARTED)
    )
    count = sum(event.type is EventType.DOOR_UNUSED and event.subject == door.id for event in unused)
    if count >= UNUSED:
        yield hint(
            PART,
            f"door {door.id}: released {count} times in a row, and never seen to open",
            "swipe and listen: does the relay click? If so look at the lock, then at the contact",
        )


def _outputs(context: Context) -> Iterator[Finding]:
    """Faults of what hangs on the door since it started, each once."""
    reader = context.journal("door")
    started = reader.last(EventType.SERVICE_STARTED)
    after = started.seq if started else 0
    types = (EventType.DOOR_FAULT, EventType.OUTPUT_FAULT, EventType.OUTPUT_ON, EventType.OUTPUT_OFF)
    faults: dict[str, Event] = {}
    for event in reader.read(after, limit=1000, types=types):
        name = f"output {event.data.get('output')}"
        match event.type:
            case EventType.OUTPUT_FAULT:
                faults[name] = event
            case EventType.DOOR_FAULT:
                faults[str(event.data.get("device"))] = event
            case _:
                faults.pop(name, None)
    for name in faults:
        what, remedy = OF_DEVICES.get(name, (f"{name} cannot be driven", "look at its pin in the settings"))
        yield hint(PART, f"since the door started: {what}", remedy)
