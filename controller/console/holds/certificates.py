"""Certificates of what was destroyed: a page of them, the newest first, and what one of them says.

They name numbers and times, never a camera, a door or a person.
Never here: what a hold came too late for (``controller.staff.holds.fate``).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.console.holds.blocked import Journals
from controller.core.event import Event, EventType
from controller.core.hold import Category
from controller.settings.paths import JOURNALS
from controller.staff.holds.fate import OWNERS
from controller.store.journal_pages import Wanted
from controller.store.journal_reader import JournalMissing

PAGE = 50
NEWEST = 2**62
CATEGORIES = {category.value: category for category in Category}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What it says, as values. spans: of what went, each with its first number, last number, first time and
    last time; none for what has no numbers. held_by: how much each hold or restriction spared, by its id.
    """

    id: str
    service: str
    seq: int
    wall_us: int
    category: Category | None
    count: int
    spared: int
    failed: int
    held_by: Mapping[str, int]
    holds_consulted: int
    due_from_us: int | None
    due_to_us: int | None
    lateness_us: int
    basis: str
    policy: str
    clock: str
    method: str
    spans: Sequence[tuple[int, int, int, int]]
    entries: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """beyond: for the next page, the number from which on each journal goes on; None: that was all."""

    found: list[Certificate]
    beyond: Mapping[str, int] | None


def page(journals: Journals, category: Category | None, beyond: Mapping[str, int]) -> Page:
    """Of one category or (None) of all. beyond: of the page before; empty for the first. Raises
    DatabaseUnusable.
    """
    wanted = Wanted(
        (EventType.DISPOSAL_CERTIFICATE,), said=None if category is None else {"category": category.value}
    )
    services = JOURNALS if category is None else OWNERS[category]
    left: dict[str, int] = {}
    rows: list[list[tuple[int, str, Event]]] = []
    for service in services:
        start = beyond.get(service, 0 if beyond else NEWEST)
        if start <= 0:
            continue
        try:
            found = journals(service).page(wanted, start, back=True, limit=PAGE)
        except JournalMissing:
            continue
        rows.append([(one.at_us, service, one.event) for one in found.found])
        if found.looked_to is not None:
            left[service] = found.looked_to.event.seq - 1
    merged = list(heapq.merge(*rows, key=lambda row: (-row[0], row[1])))
    shown, rest = merged[:PAGE], merged[PAGE:]
    for _, service, event in reversed(rest):
        left[service] = event.seq
    return Page([read(service, event) for _, service, event in shown], left or None)


def find(journals: Journals, service: str, certificate: str) -> Certificate | None:
    """Raises DatabaseUnusable."""
    try:
        event = journals(service).find(certificate)
    except JournalMissing:
        return None
    if event is None or event.type is not EventType.DISPOSAL_CERTIFICATE:
        return None
    return read(service, event)


def read(service: str, event: Event) -> Certificate:
    """What the event says; what it leaves out is nothing."""
    held_by = event.data.get("held_by")
    entries = event.data.get("registers")
    name = _text(event, "category")
    return Certificate(
        event.id,
        service,
        event.seq,
        event.stamp.wall_us,
        CATEGORIES.get(name),
        _number(event, "count"),
        _number(event, "spared"),
        _number(event, "failed"),
        {one: n for one, n in held_by.items() if isinstance(n, int)} if isinstance(held_by, dict) else {},
        _number(event, "holds_consulted"),
        _number(event, "due_from_us") or None,
        _number(event, "due_to_us") or None,
        _number(event, "lateness_us"),
        _text(event, "basis"),
        _text(event, "policy"),
        _text(event, "clock"),
        _text(event, "method"),
        _spans(event),
        [str(one) for one in entries] if isinstance(entries, list) else [],
    )


def _spans(event: Event) -> list[tuple[int, int, int, int]]:
    seqs, times = event.data.get("event_seqs"), event.data.get("times_us")
    if not isinstance(seqs, list) or not isinstance(times, list):
        return []
    return [
        (int(str(seq[0])), int(str(seq[1])), int(str(at[0])), int(str(at[1])))
        for seq, at in zip(seqs, times, strict=False)
        if isinstance(seq, list) and isinstance(at, list)
    ]


def _number(event: Event, name: str) -> int:
    value = event.data.get(name)
    return value if isinstance(value, int) else 0


def _text(event: Event, name: str) -> str:
    value = event.data.get(name)
    return value if isinstance(value, str) else ""
