"""What an event tells, in a sentence and by its kind: the catalogue of all types.

Never here: whether somebody may see the event, and its story (``account``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from controller.console.events.kinds import MARKS, OVER, Kind, Mark
from controller.console.events.saying import Sentence, tell
from controller.console.events.sentences import access, cameras, console, doors, keeping, memberships
from controller.core.event import Event, EventType

CATALOGUE: Mapping[str, tuple[Kind, Sentence]] = {
    type: told
    for module in (access, doors, cameras, memberships, keeping, console)
    for type, told in module.SENTENCES.items()
}

ENDS = frozenset(
    {
        EventType.CAMERA_FAULT_ENDED,
        EventType.CAMERA_FOUND,
        EventType.EVACUATION_ENDED,
        EventType.FIRE_ENDED,
        EventType.HELP_ENDED,
        EventType.LMS_FOUND,
        EventType.CERTIFICATE_RENEWED,
        EventType.LMS_PLAUSIBLE,
        EventType.LOCKDOWN_ENDED,
        EventType.LOCK_FAULT_ENDED,
        EventType.MEMBERSHIP_FRESH,
        EventType.POWER_BATTERY_OK,
        EventType.POWER_MAINS_BACK,
        EventType.READER_CALM,
        EventType.READER_FOUND,
        EventType.READER_HEARD,
        EventType.STORAGE_FREED,
        EventType.STORAGE_RESERVE_KEPT,
        EventType.TAMPER_ENDED,
    }
)
"""Alarms and faults that are over with these."""


def kind(event: Event) -> Kind:
    return CATALOGUE[event.type][0]


def mark(event: Event) -> Mark:
    """Its kind's; or that something is over."""
    return (OVER if event.type in ENDS else MARKS)[kind(event)]


def sentence(event: Event) -> str:
    """Without the time and the place, which stand beside it."""
    return tell(event, CATALOGUE[event.type][1])


def types_of(kinds: Collection[Kind]) -> frozenset[EventType]:
    """Every type of these kinds."""
    return frozenset(EventType(type) for type, (kind, _) in CATALOGUE.items() if kind in kinds)
