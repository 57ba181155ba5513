"""What the membership service's journal said last of what comes in pairs: lost and found, stale and fresh."""

from __future__ import annotations

from pathlib import Path

from controller.core.event import Event, EventType
from controller.store.journal_reader import JournalMissing, JournalReader

Pair = tuple[EventType, EventType]

AGE: Pair = (EventType.MEMBERSHIP_STALE, EventType.MEMBERSHIP_FRESH)
REACH: Pair = (EventType.LMS_LOST, EventType.LMS_FOUND)
ANSWERS: Pair = (EventType.LMS_UNUSABLE, EventType.LMS_PLAUSIBLE)


def last_said(journal: Path, *pairs: Pair) -> list[Event]:
    """The last event of each pair, where there is one. Raises DatabaseUnusable."""
    reader = JournalReader(journal)
    try:
        found = [reader.last(*pair) for pair in pairs]
    except JournalMissing:
        return []
    finally:
        reader.close()
    return [event for event in found if event is not None]
