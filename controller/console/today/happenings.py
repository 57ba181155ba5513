"""What happened at the doors just now: which types of events are shown, each in the sentence of its page.

Never here: who it was, or the past (``timeline``).
"""

from __future__ import annotations

from controller.console.events.telling import mark, sentence
from controller.console.today.known import Known
from controller.console.today.shown import Happening
from controller.core.event import CONTROLLER, Event, EventType

SHOWN = 8
TYPES = frozenset(
    {
        EventType.ACCESS_GRANTED,
        EventType.ACCESS_REFUSED,
        EventType.ACCESS_NOT_NEEDED,
        EventType.ACCESS_OUTCOME,
        EventType.DOOR_FORCED,
        EventType.DOOR_HELD,
        EventType.DOOR_HOLD_OPEN_STARTED,
        EventType.EXIT_REQUESTED,
        EventType.LOCKDOWN_STARTED,
        EventType.LOCKDOWN_ENDED,
        EventType.EVACUATION_STARTED,
        EventType.EVACUATION_ENDED,
        EventType.FIRE_STARTED,
        EventType.FIRE_ENDED,
        EventType.HELP_REQUESTED,
        EventType.TAMPER_STARTED,
        EventType.LOCKOUT_STARTED,
    }
)


def happenings(known: Known) -> tuple[Happening, ...]:
    return tuple(_shown(event) for event in known.latest)


def _shown(event: Event) -> Happening:
    door, shown = "" if event.subject == CONTROLLER else f"Door {event.subject}", mark(event)
    wall_us, trusted = event.stamp.wall_us, event.stamp.clock_trusted
    return Happening(event.id, wall_us, trusted, door, shown.word, shown.colour, sentence(event))
