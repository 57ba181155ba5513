"""What an event tells, in a sentence and by its kind: the catalogue of all types.

Never here: whether somebody may see the event, and its story (``account``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from controller.console.events.kinds import Kind
from controller.console.events.saying import Sentence, tell
from controller.console.events.sentences import access, cameras, console, doors, keeping, memberships
from controller.core.event import Event, EventType

CATALOGUE: Mapping[str, tuple[Kind, Sentence]] = {
    type: told
    for module in (access, doors, cameras, memberships, keeping, console)
    for type, told in module.SENTENCES.items()
}


def kind(event: Event) -> Kind:
    return CATALOGUE[event.type][0]


def sentence(event: Event) -> str:
    """Without the time and the place, which stand beside it."""
    return tell(event, CATALOGUE[event.type][1])


def types_of(kinds: Collection[Kind]) -> frozenset[EventType]:
    """Every type of these kinds."""
    return frozenset(EventType(type) for type, (kind, _) in CATALOGUE.items() if kind in kinds)
