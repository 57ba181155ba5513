"""What was in force when the door's process last ended, as its journal tells.

An emergency outlives the process, a power cut and, as far as it can still be read, a damaged journal: to
forget one lets people in. A hold-open is not looked for; none is ever taken up again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from controller.core.event import Event, EventType
from controller.door.evacuation import Source
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalMissing, JournalReader

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Before:
    """lockdown: the doors in which there is one. evacuation: what began the one there is, if there is one.

    last_trusted_wall_us: the last time that could be believed, microseconds since 1970 UTC.
    announced_wall_us: when it was last announced that the branch closes; 0 if it never was.
    """

    lockdown: frozenset[str] = frozenset()
    evacuation: Source | None = None
    last_trusted_wall_us: int | None = None
    announced_wall_us: int = 0


def read_before(journal: Path, doors: frozenset[str]) -> Before:
    """Read, not taken from the writer: a full disk lets nobody write. Raises DatabaseUnusable."""
    reader = JournalReader(journal)
    try:
        lockdown = _begun(reader, journal, doors, EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED)
        evacuation = _begun(reader, journal, doors, EventType.EVACUATION_STARTED, EventType.EVACUATION_ENDED)
        announced = reader.last(EventType.ANNOUNCEMENT_MADE)
        return Before(
            frozenset(lockdown),
            _source(evacuation),
            reader.last_trusted_wall_us(),
            announced.stamp.wall_us if announced else 0,
        )
    except JournalMissing:
        return Before()
    finally:
        reader.close()


def _source(evacuation: dict[str, Event]) -> Source | None:
    by_input = [event.data.get("for") == Source.INPUT for event in evacuation.values()]
    if not by_input:
        return None
    return Source.INPUT if all(by_input) else Source.COMMAND


def _begun(
    reader: JournalReader, journal: Path, doors: frozenset[str], started: EventType, ended: EventType
) -> dict[str, Event]:
    """How it began, for each door at which it did and has not ended."""
    found: dict[str, Event] = {}
    unknown: set[str] = set()
    for door in doors:
        last = reader.last(started, ended, subject=door)
        if last is None:
            unknown.add(door)
        elif last.type is started:
            found[door] = last
    recovered = reader.last(EventType.JOURNAL_RECOVERED) if unknown else None
    if recovered is None:
        return found
    damaged = journal.with_name(str(recovered.data["moved_to"]))
    before = JournalReader(damaged)
    try:
        return found | _begun(before, damaged, frozenset(unknown), started, ended)
    except (DatabaseUnusable, ValueError):
        log.exception(
            "what was in force before cannot be read any more: %s is taken to be over", started.value
        )
        return found
    finally:
        before.close()
