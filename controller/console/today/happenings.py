"""What happened at the doors just now, in a word and a sentence. Never here: who it was."""

from __future__ import annotations

from collections.abc import Mapping

from controller.console.today.known import Known
from controller.console.today.shown import Happening, Tone
from controller.core.access import Reason, Side
from controller.core.event import CONTROLLER, Event, EventType
from controller.core.meanings import MEANINGS
from controller.settings.model import Settings

SHOWN = 8

_WORDS: Mapping[EventType, tuple[str, Tone]] = {
    EventType.ACCESS_GRANTED: ("Let in", Tone.GOOD),
    EventType.ACCESS_REFUSED: ("Refused", Tone.LOOK),
    EventType.ACCESS_NOT_NEEDED: ("No card needed", Tone.PLAIN),
    EventType.ACCESS_OUTCOME: ("Carried out otherwise", Tone.LOOK),
    EventType.DOOR_FORCED: ("Forced open", Tone.BAD),
    EventType.DOOR_HELD: ("Open for too long", Tone.BAD),
    EventType.LOCKDOWN_STARTED: ("Lockdown", Tone.BAD),
    EventType.LOCKDOWN_ENDED: ("End of lockdown", Tone.PLAIN),
    EventType.EVACUATION_STARTED: ("Evacuation", Tone.BAD),
    EventType.EVACUATION_ENDED: ("End of evacuation", Tone.PLAIN),
    EventType.FIRE_STARTED: ("Fire", Tone.BAD),
    EventType.FIRE_ENDED: ("End of fire", Tone.PLAIN),
    EventType.HELP_REQUESTED: ("Help asked for", Tone.BAD),
    EventType.TAMPER_STARTED: ("Housing opened", Tone.BAD),
    EventType.LOCKOUT_STARTED: ("Too many attempts", Tone.LOOK),
    EventType.DOOR_HOLD_OPEN_STARTED: ("Held unlocked by staff", Tone.TOLD),
    EventType.EXIT_REQUESTED: ("Asked to leave", Tone.PLAIN),
}
TYPES = frozenset(_WORDS)


def happenings(known: Known) -> tuple[Happening, ...]:
    return tuple(_shown(event, known.settings) for event in known.latest)


def _shown(event: Event, settings: Settings) -> Happening:
    word, tone = _WORDS[event.type]
    detail = ""
    match event.type:
        case EventType.ACCESS_GRANTED:
            if _is_for_leaving(event, settings):
                word = "Let out"
        case EventType.ACCESS_REFUSED:
            detail = _reason(event)
        case EventType.ACCESS_OUTCOME:
            refused = event.data.get("done") == "refused"
            word = "Not let in after all" if refused else "Let in after all"
            detail = _reason(event)
    door = "the building" if event.subject == CONTROLLER else f"door {event.subject}"
    stamp = event.stamp
    return Happening(event.id, stamp.wall_us, stamp.clock_trusted, door, word, tone, detail)


def _reason(event: Event) -> str:
    said = str(event.data.get("reason", ""))
    try:
        return MEANINGS[Reason(said)].member
    except ValueError:
        return f"The door was in mode {said}." if said else ""


def _is_for_leaving(event: Event, settings: Settings) -> bool:
    try:
        return settings.door(event.subject).reader(str(event.data.get("reader"))).side is Side.OUT
    except (LookupError, StopIteration):
        return False
