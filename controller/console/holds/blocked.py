"""What is due and may not go, and which holds and restrictions keep it: as its owner told last.

Never here: what a hold covers altogether (``covered``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.core.event import Event, EventType
from controller.core.hold import Category
from controller.staff.holds.fate import OWNERS
from controller.store.journal_reader import JournalMissing, JournalReader

Journals = Callable[[str], JournalReader]


@dataclass(frozen=True, slots=True)
class Blocked:
    """told_us: when its owner said so. by: how much each hold or restriction keeps, by its id."""

    category: Category
    service: str
    told_us: int
    count: int
    by: Mapping[str, int]


def blocked(journals: Journals) -> list[Blocked]:
    """By category, then service; only where something is. Raises DatabaseUnusable."""
    found = []
    for category, services in OWNERS.items():
        for service in services:
            try:
                told = journals(service).last(EventType.RETENTION_HELD, category=category.value)
            except JournalMissing:
                continue
            if told is not None and (one := _blocked(category, service, told)).count:
                found.append(one)
    return found


def _blocked(category: Category, service: str, told: Event) -> Blocked:
    count, by = told.data.get("count"), told.data.get("held_by")
    kept = by if isinstance(by, dict) else {}
    return Blocked(
        category,
        service,
        told.stamp.wall_us,
        count if isinstance(count, int) else 0,
        {name: number for name, number in kept.items() if isinstance(number, int)},
    )
