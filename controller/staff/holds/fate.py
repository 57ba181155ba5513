"""What a hold came too late for: what was being destroyed when it was placed, and what had been before.

The hold is written first, then this looks: a disposal says what it begins, then reads the holds. What has
begun has no certificate yet, and is waited for. Certificates name what they destroyed by number and time, not
by door or camera, so what they tell is what *may* have been in the hold.
Never here: placing the hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from controller.core.event import Event, EventType, event_wall_us
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.protection import END_OF_TIME_US
from controller.settings.paths import Paths
from controller.store.footage import FootageReader
from controller.store.journal_reader import JournalMissing, JournalReader

WAIT_S = 10.0
"""How long to wait for the end of a disposal that was under way, to say what became of it."""
POLL_S = 0.1
OWNERS: Mapping[Category, tuple[str, ...]] = {
    Category.FOOTAGE: ("recorder",),
    Category.ACCESS_EVENTS: ("door",),
    Category.DEVICE_EVENTS: ("recorder", "membership", "uplink"),
    Category.STAFF_ACTIONS: ("console",),
    Category.MEMBERSHIPS: ("membership",),
    Category.REGISTERS: ("console",),
}
"""Whose journals certify that something of a category was destroyed."""
LONGEST_FILE_US = 600_000_000
"""Footage is certified by when its files ended; they began no earlier than this before."""
LONGEST_DISPOSAL_US = DAY_US
"""Between the beginning of a disposal and its certificate, unless a service was stopped for longer."""
NEAR_EVENT_US = 600_000_000
"""How far footage of an event may be from the event."""


@dataclass(frozen=True, slots=True)
class Gone:
    """certificate: the id of its event, in the journal of ``service``. The times are of what it destroyed."""

    certificate: str
    service: str
    count: int
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Fate:
    """gone: what was destroyed already, by certificates, the oldest first. unfinished: disposals that have
    begun and of which nobody knows yet what they spare; whoever goes on with them reads the hold first.
    """

    gone: Sequence[Gone]
    unfinished: int


def fate(paths: Paths, scope: Scope, wait_s: float = WAIT_S) -> Fate:
    """Wait for what has begun, then tell. Raises DatabaseUnusable."""
    events, unfinished = finished(paths, scope.category, wait_s)
    return Fate(_all_gone(paths, scope, events), unfinished)


def fate_of(paths: Paths, hold: Hold) -> Fate:
    """What a hold that stands came too late for, as far as is known now, without waiting. Raises
    DatabaseUnusable.

    Disposals that began after its placing have read it, and spared what it covers.
    """
    events = _disposals(
        paths, hold.scope.category, _earliest_us(hold.scope), hold.placed_us + LONGEST_DISPOSAL_US
    )
    before = [(service, event) for service, event in events if _begun_us(event) <= hold.placed_us]
    return Fate(_all_gone(paths, hold.scope, before), len(_unfinished(before)))


def _earliest_us(scope: Scope) -> int:
    """Before this nothing of the scope was there, so nothing of it was destroyed."""
    named = [event_wall_us(one) for one in scope.event_ids]
    times = [max(at - NEAR_EVENT_US, 0) for at in named if at is not None]
    return min([*times, scope.start_us] if scope.start_us < scope.end_us or not times else times)


def _begun_us(event: Event) -> int:
    begun = event.id if event.type is EventType.DISPOSAL_STARTED else str(event.data.get("started"))
    at_us = event_wall_us(begun)
    return event.stamp.wall_us if at_us is None else at_us


def _all_gone(paths: Paths, scope: Scope, events: Sequence[tuple[str, Event]]) -> list[Gone]:
    covered = _covering(scope, _missing(paths, scope))
    gone = [found for service, event in events for found in _gone(service, event, scope.category, covered)]
    return sorted(gone, key=lambda one: one.from_us)


def finished(
    paths: Paths, category: Category, wait_s: float | None = None
) -> tuple[list[tuple[str, Event]], int]:
    """What tells of disposals, each with its service, once those that have begun have ended; and how many
    have not, all the same. Raises DatabaseUnusable.
    """
    deadline_s = time.monotonic() + (WAIT_S if wait_s is None else wait_s)
    events = _disposals(paths, category)
    while (unfinished := len(_unfinished(events))) and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
        events = _disposals(paths, category)
    return events, unfinished


def _disposals(
    paths: Paths, category: Category, since_us: int = 0, until_us: int = END_OF_TIME_US
) -> list[tuple[str, Event]]:
    types = (EventType.DISPOSAL_STARTED, EventType.DISPOSAL_CERTIFICATE)
    found: list[tuple[str, Event]] = []
    for service in OWNERS[category]:
        with closing(JournalReader(paths.journal(service))) as journal:
            try:
                events = takewhile(
                    lambda event: event.stamp.wall_us < until_us, journal.since(since_us, types)
                )
                found += [(service, event) for event in events if event.data.get("category") == category]
            except JournalMissing:
                continue
    return found


def _unfinished(events: Sequence[tuple[str, Event]]) -> set[str]:
    begun = {event.id for _, event in events if event.type is EventType.DISPOSAL_STARTED}
    return begun - {str(event.data.get("started")) for _, event in events}


def _missing(paths: Paths, scope: Scope) -> set[str]:
    """Of the events that are held, those that are not there any more, or of which there is no footage."""
    missing = set(scope.event_ids)
    if scope.category is Category.FOOTAGE and missing:
        with closing(FootageReader(paths.footage)) as footage:
            return missing - {clip.event_id for clip in footage.clips()}
    for service in OWNERS[scope.category] if missing else ():
        with closing(JournalReader(paths.journal(service))) as journal:
            try:
                missing -= {event_id for event_id in missing if journal.find(event_id)}
            except JournalMissing:
                continue
    return missing


def _gone(service: str, event: Event, category: Category, covered: Callable[[_Span], bool]) -> Iterator[Gone]:
    """What this certificate destroyed that the hold would have covered."""
    if event.type is not EventType.DISPOSAL_CERTIFICATE:
        return
    found = [span for span in SPANS.get(category, _rows)(event) if covered(span)]
    if found:
        yield Gone(
            event.id,
            service,
            sum(span.pieces for span in found),
            min(span.from_us for span in found),
            max(span.to_us for span in found),
        )


class _Span(NamedTuple):
    pieces: int
    from_us: int
    to_us: int


def _footage(event: Event) -> Iterator[_Span]:
    kept_us = _number(event, "retention_days") * DAY_US
    count = _number(event, "count")
    if count:
        ended = _number(event, "due_from_us") - kept_us, _number(event, "due_to_us") - kept_us
        yield _Span(count, ended[0] - LONGEST_FILE_US, ended[1])


def _rows(event: Event) -> Iterator[_Span]:
    seqs, times = event.data.get("event_seqs"), event.data.get("times_us")
    if not isinstance(seqs, list) or not isinstance(times, list):
        return
    for numbers, moments in zip(seqs, times, strict=False):
        match numbers, moments:
            case [int(first), int(last)], [int(from_us), int(to_us)]:
                yield _Span(last - first + 1, from_us, to_us)


def _memberships(event: Event) -> Iterator[_Span]:
    """They were kept until then; since when, nothing tells."""
    if count := _number(event, "count"):
        yield _Span(count, event.stamp.wall_us, event.stamp.wall_us)


def _registers(event: Event) -> Iterator[_Span]:
    if count := _number(event, "count"):
        yield _Span(count, _number(event, "placed_from_us"), _number(event, "ended_to_us"))


SPANS: Mapping[Category, Callable[[Event], Iterator[_Span]]] = {
    Category.FOOTAGE: _footage,
    Category.MEMBERSHIPS: _memberships,
    Category.REGISTERS: _registers,
}


def _covering(scope: Scope, missing: Iterable[str]) -> Callable[[_Span], bool]:
    near_us = NEAR_EVENT_US if scope.category is Category.FOOTAGE else 1000
    moments = [at for at in map(event_wall_us, missing) if at is not None]

    def covered(span: _Span) -> bool:
        until_us = END_OF_TIME_US if scope.category is Category.MEMBERSHIPS else scope.end_us
        if scope.start_us < scope.end_us and span.from_us < until_us and span.to_us >= scope.start_us:
            return True
        return any(span.from_us - near_us <= at < span.to_us + near_us for at in moments)

    return covered


def _number(event: Event, name: str) -> int:
    value = event.data.get(name)
    return value if isinstance(value, int) else 0
