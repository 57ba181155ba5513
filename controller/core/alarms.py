"""What a branch's other wires tell besides its doors: tampering, power, a call for help.

Here: which sorts there are, and the events each begins and ends with. Never here: pins, or who is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.core.event import EventType


class Alarm(StrEnum):
    """As settings name them."""

    TAMPER = "tamper"
    """The housing of the controller, a reader or a cabinet is open."""
    MAINS_LOST = "mains_lost"
    BATTERY_LOW = "battery_low"
    HELP = "help"
    """Somebody inside pressed the button that calls for help."""


@dataclass(frozen=True, slots=True)
class Events:
    begun: EventType
    ended: EventType


EVENTS: Mapping[Alarm, Events] = {
    Alarm.TAMPER: Events(EventType.TAMPER_STARTED, EventType.TAMPER_ENDED),
    Alarm.MAINS_LOST: Events(EventType.POWER_MAINS_LOST, EventType.POWER_MAINS_BACK),
    Alarm.BATTERY_LOW: Events(EventType.POWER_BATTERY_LOW, EventType.POWER_BATTERY_OK),
    Alarm.HELP: Events(EventType.HELP_REQUESTED, EventType.HELP_ENDED),
}
DELAY_S: Mapping[Alarm, float] = {
    Alarm.TAMPER: 0.5,
    Alarm.MAINS_LOST: 5.0,
    Alarm.BATTERY_LOW: 5.0,
    Alarm.HELP: 0.0,
}
"""How long each must last before it counts, where settings do not say: mains flicker, a switch rattles when
the door slams, and a call for help is told at once. It must be over for as long before it counts as ended."""
