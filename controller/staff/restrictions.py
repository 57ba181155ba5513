"""Restricting events, noting that the subject was told, and lifting that.

Never here: who may (``roles``), and what a restriction hides (``hidden``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass

from controller.core.event import UUID7, EventType
from controller.core.hold import OF_JOURNAL, Category
from controller.core.restriction import Ground, Means, Restriction
from controller.settings.paths import JOURNALS, Paths
from controller.settings.staff import Role
from controller.staff.desk import Desk
from controller.staff.holds import fate
from controller.staff.refusal import Refused
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.registers import NotInForce

MAY = frozenset({Role.DPO, Role.SUPERVISOR})
"""Who restricts events and lifts that."""


class NoSuchEvent(Refused):
    """No event has this id, or nothing that could be one's."""


@dataclass(frozen=True, slots=True)
class Restricted:
    """gone: of its events, those that were due and were destroyed while it was written."""

    restriction: Restriction
    gone: list[str]


def check_ids(wanted: Collection[str]) -> None:
    """Raises NoSuchEvent."""
    if wrong := sorted(text for text in wanted if not UUID7.fullmatch(text)):
        raise NoSuchEvent(f"{wrong[0]} is no event's id")


def restrict(
    at: Desk, wanted: Collection[str], reference: str, ground: Ground, wait_s: float | None = None
) -> Restricted:
    """wait_s: for the end of disposals that were under way; ten seconds if None.

    Raises NoSuchEvent, DatabaseUnusable, JournalUnavailable.
    """
    check_ids(wanted)
    categories = set(_there(at.paths, wanted).values())
    restriction = Restriction(at.new_id(), reference, ground, frozenset(wanted), at.now.wall_us, at.who.user)
    at.registers.add_restriction(restriction)
    at.note(
        EventType.RESTRICTION_ADDED,
        {"restriction": restriction.id, "ground": ground.value, "events": len(restriction.event_ids)},
    )
    # As with a hold: written first, then it is looked for what was being destroyed meanwhile.
    for category in categories:
        fate.finished(at.paths, category, wait_s)
    return Restricted(restriction, sorted(set(wanted) - set(found(at.paths, wanted))))


def inform(at: Desk, restriction_id: str, how: Means) -> None:
    """Note that the subject was told that it will be lifted. Raises NotInForce."""
    at.registers.subject_informed(restriction_id, at.now.wall_us, how, by=at.who.user)
    at.note(EventType.RESTRICTION_SUBJECT_INFORMED, {"restriction": restriction_id, "how": how.value})


def lift(at: Desk, restriction_id: str, reason: str) -> None:
    """Raises NotInForce, also while nobody has told the subject. Also for one that the register has lost."""
    try:
        at.registers.lift_restriction(restriction_id, at.now.wall_us, reason, by=at.who.user)
    except NotInForce:
        if not at.lost(restriction_id):
            raise
    at.note(EventType.RESTRICTION_LIFTED, {"restriction": restriction_id})


def found(paths: Paths, wanted: Iterable[str]) -> dict[str, Category]:
    """Those of these events that the journals have, with what they are. Raises DatabaseUnusable."""
    there: dict[str, Category] = {}
    for service in JOURNALS:
        with closing(JournalReader(paths.journal(service))) as journal:
            try:
                there |= {event_id: OF_JOURNAL[service] for event_id in wanted if journal.find(event_id)}
            except JournalMissing:
                continue
    return there


def _there(paths: Paths, wanted: Collection[str]) -> dict[str, Category]:
    there = found(paths, wanted)
    for event_id in wanted:
        if event_id not in there:
            raise NoSuchEvent(
                f"no journal has the event {event_id}; it is mistyped, or was disposed of when it was due"
            )
    return there
