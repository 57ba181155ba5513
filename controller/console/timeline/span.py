"""A stretch of what happened, out of all journals: what a page shows, and where its neighbours begin.

Each journal keeps its own order, even where its clock was set back; between them the time decides. What may
not be shown is counted. As many events are read whatever lies before or behind.
Never here: words, days, or how it is laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from controller.console.timeline.position import Position
from controller.core.event import Event
from controller.settings.paths import JOURNALS
from controller.store.engine import DatabaseUnusable
from controller.store.journal_pages import Dated, Wanted
from controller.store.journal_reader import JournalMissing, JournalReader

Hides = Callable[[Event], bool]
Readers = Mapping[str, JournalReader]


@dataclass(frozen=True, slots=True)
class Line:
    """An event of a service's journal. at_us: see ``Dated``."""

    service: str
    event: Event
    at_us: int


@dataclass(frozen=True, slots=True)
class Span:
    """lines: newest first. older, newer: where the next stretch begins, None: there is none that way.

    hidden: how many are restricted. looked_to_us: how far it was looked, where more may lie beyond.
    unreadable: journals that cannot be read, with why.
    """

    lines: list[Line]
    older: Position | None
    newer: Position | None
    hidden: int
    looked_to_us: int | None
    unreadable: Mapping[str, str]


@dataclass(slots=True)
class _Source:
    """One journal's part. more: there may be more beyond what was found."""

    found: list[Dated]
    looked_to: Dated | None
    taken: int = 0
    done: bool = False

    @property
    def next(self) -> Dated | None:
        if self.done:
            return None
        return self.found[self.taken] if self.taken < len(self.found) else self.looked_to

    @property
    def at_its_end(self) -> bool:
        return self.taken >= len(self.found)


@dataclass(slots=True)
class _Reading:
    lines: list[Line] = field(default_factory=list)
    hidden: int = 0
    looked_to_us: int | None = None
    over: bool = False
    """All that was asked for has been read."""


def read(
    readers: Readers,
    wanted: Wanted,
    position: Position,
    *,
    back: bool,
    limit: int,
    hides: Hides,
    since_us: int = 0,
) -> Span:
    """The events before the position, newest first (``back``), or those behind it, shown in the same order.

    since_us: nothing older is read.
    """
    sources, unreadable = _open(readers, wanted, position, back=back, limit=limit)
    reached = {service: _start(sources.get(service), position[service], back=back) for service in JOURNALS}
    begun = dict(reached)
    reading = _Reading()
    for service, dated, looked in _merged(sources, back=back):
        number = dated.event.seq
        if dated.at_us < since_us:
            sources[service].done = True
            continue
        if looked:
            reached[service] = number - 1 if back else number
            reading.looked_to_us = dated.at_us
            break
        if len(reading.lines) + reading.hidden >= limit:
            break
        reached[service] = number - 1 if back else number
        if hides(dated.event):
            reading.hidden += 1
        else:
            reading.lines.append(Line(service, dated.event, dated.at_us))
    else:
        reading.over = True
    there = begun if any(n > 0 for n in begun.values()) else None
    on = None if reading.over else reached
    lines = reading.lines if back else reading.lines[::-1]
    older, newer = (on, position) if back else (there, on)
    return Span(lines, older, newer, reading.hidden, reading.looked_to_us, unreadable)


def around(
    readers: Readers, wanted: Wanted, position: Position, *, limit: int, hides: Hides
) -> tuple[Span, int]:
    """Half of it from before the position, half from behind it; and how many lines are behind it."""
    newer = read(readers, wanted, position, back=False, limit=limit // 2, hides=hides)
    older = read(readers, wanted, position, back=True, limit=limit // 2, hides=hides)
    both = Span(
        newer.lines + older.lines,
        older.older,
        newer.newer,
        older.hidden + newer.hidden,
        older.looked_to_us,
        {**newer.unreadable, **older.unreadable},
    )
    return both, len(newer.lines)


def at_time(readers: Readers, wall_us: int) -> Position:
    """What happened until then is before this position."""
    found = {}
    for service in JOURNALS:
        try:
            found[service] = readers[service].number_at(wall_us)
        except DatabaseUnusable:
            found[service] = 0  # what is shown says that it cannot be read
    return found


def _open(
    readers: Readers, wanted: Wanted, position: Position, *, back: bool, limit: int
) -> tuple[dict[str, _Source], dict[str, str]]:
    sources, unreadable = {}, {}
    for service in JOURNALS:
        try:
            page = readers[service].page(wanted, position[service], back=back, limit=limit + 1)
        except JournalMissing:
            continue
        except DatabaseUnusable as error:
            unreadable[service] = str(error)
            continue
        sources[service] = _Source(page.found, page.looked_to)
    return sources, unreadable


def _start(source: _Source | None, number: int, *, back: bool) -> int:
    """Where a journal stands of which nothing is shown: what is added later is no older than the page."""
    if not back:
        return number
    if source is None:
        return 0
    first = source.next
    return 0 if first is None else min(number, first.event.seq)


def _merged(sources: Mapping[str, _Source], *, back: bool) -> Iterator[tuple[str, Dated, bool]]:
    """What comes next of all; and whether that is only how far it was looked."""
    order = 1 if back else -1
    while True:
        heads = [(source.next, service) for service, source in sources.items()]
        there = [(head, service) for head, service in heads if head is not None]
        if not there:
            return
        dated, service = max(there, key=lambda one: (order * one[0].at_us, order * JOURNALS.index(one[1])))
        source = sources[service]
        yield service, dated, source.at_its_end
        source.taken += 1
