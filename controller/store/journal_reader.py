"""Reading journals: after a position, or several merged into one account of what happened.

Never here: writing, or opening sealed boxes.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, select, true

from controller.core.event import Event, EventType, JsonValue
from controller.store import journal_pages, journal_proof, journal_span
from controller.store.engine import BUSY_TIMEOUT_MS, DatabaseMissing, DatabaseUnusable, driver
from controller.store.journal_pages import Page, Wanted
from controller.store.journal_proof import Proof
from controller.store.journal_rows import Rows, event_of_columns
from controller.store.reader import Reader
from controller.store.schema import chain as chain_table
from controller.store.schema import event as event_table
from controller.store.schema import journal as journal_table

T = TypeVar("T")

JournalMissing = DatabaseMissing
"""The service has not begun its journal yet."""

PAGE = 500


class JournalReader:
    """Reads one journal beside its owner. Opening is lazy: each call raises JournalMissing until it is there.

    The file may be replaced after damage, so whoever keeps a position asks for ``journal_id`` before each
    use of it. For one thread at a time. Raises DatabaseUnusable when the file cannot be read.
    """

    def __init__(
        self, path: Path, busy_timeout_ms: int = BUSY_TIMEOUT_MS, cache_kb: int | None = None
    ) -> None:
        """See ``Reader``."""
        self._reader = Reader(path, busy_timeout_ms, cache_kb)

    @property
    def journal_id(self) -> str:
        found: str | None = self._reader.read(
            lambda connection: connection.scalar(select(journal_table.c.id))
        )
        if found is None:
            raise JournalMissing(f"{self._reader.path} is still empty")
        return found

    def read(self, after: int, limit: int = PAGE, types: Collection[EventType] = ()) -> list[Event]:
        """Up to ``limit`` events (of these types) after this number, in order. Disposed ones are gone."""
        return self._events(after, limit, since_us=0, types=types)

    def _events(
        self, after: int, limit: int, since_us: int, types: Collection[EventType] = ()
    ) -> list[Event]:
        query = select(event_table).where(event_table.c.seq > after)
        if since_us:
            query = query.where(event_table.c.wall_us >= since_us)
        if types:
            query = query.where(event_table.c.type.in_([type.value for type in types]))
        query = query.order_by(event_table.c.seq).limit(limit)
        return self._reader.read(lambda connection: [event_of(row) for row in connection.execute(query)])

    def since(self, wall_us: int, types: Collection[EventType] = ()) -> Iterator[Event]:
        """Every event (of these types) from this wall time on, in the journal's order, page by page."""
        after = 0
        while page := self._events(after, PAGE, wall_us, types):
            yield from page
            after = page[-1].seq

    def page(self, wanted: Wanted, beyond: int, *, back: bool, limit: int) -> Page:
        """Of what is wanted, up to ``limit`` events, see ``journal_pages.page``."""
        return self._reader.read(
            lambda connection: journal_pages.page(driver(connection), wanted, beyond, back=back, limit=limit)
        )

    def between(self, from_us: int, to_us: int, types: Collection[EventType]) -> Iterator[Event]:
        """Every event of these types from a wall time to before another, in the journal's order.

        Without those whose clock could not be believed: nobody knows when they happened.
        """
        found = self._reader.read(lambda connection: journal_span.bounds(driver(connection), from_us, to_us))
        if found is None:
            return
        for first in range(found[0], found[1] + 1, journal_span.CHUNK):

            def read(connection: Connection, first: int = first) -> list[Event]:
                return journal_span.chunk(driver(connection), first, found[1], from_us, to_us, types)

            yield from self._reader.read(read)

    def number_at(self, wall_us: int) -> int:
        """The last event that did not happen later than this, by the clocks that could be believed."""
        return self._reader.read(lambda connection: journal_pages.number_at(driver(connection), wall_us))

    def proof(self, event: Event) -> Proof | None:
        """What proves this event of this journal."""
        return self._reader.read(lambda connection: journal_proof.proof(driver(connection), event))

    def find(self, event_id: str) -> Event | None:
        """The event of this id, unless it was disposed of."""
        query = select(event_table).where(event_table.c.id == event_id)

        def found(connection: Connection) -> Event | None:
            row = connection.execute(query).one_or_none()
            return event_of(row) if row else None

        return self._reader.read(found)

    def rows(self, query: Callable[[Rows], T]) -> T:
        """The answer of ``query`` about the events and what tells their age, from one consistent state."""
        return self._reader.read(lambda connection: query(Rows(driver(connection))))

    def last(self, *types: EventType, subject: str | None = None, **said: str) -> Event | None:
        """The last event of these types, of one subject or of any; None if there is none.

        said: what its data says, by name.
        """
        query = select(event_table).where(event_table.c.type.in_([type.value for type in types]))
        if subject is not None:
            query = query.where(event_table.c.subject == subject)
        for name, value in said.items():
            query = query.where(func.json_extract(event_table.c.data, f"$.{name}") == value)
        query = query.order_by(event_table.c.seq.desc()).limit(1)

        def first(connection: Connection) -> Event | None:
            row = connection.execute(query).one_or_none()
            return event_of(row) if row else None

        return self._reader.read(first)

    def first_trusted_wall_us(self) -> int | None:
        """The earliest time of an event that is still there and whose clock was trusted."""
        query = select(func.min(event_table.c.wall_us)).where(event_table.c.clock_trusted == 1)
        found: int | None = self._reader.read(lambda connection: connection.scalar(query))
        return found

    def last_trusted_wall_us(self) -> int | None:
        """The latest time of an event whose clock was trusted."""
        query = select(func.max(event_table.c.wall_us)).where(event_table.c.clock_trusted == 1)
        found: int | None = self._reader.read(lambda connection: connection.scalar(query))
        return found

    def last_seq(self) -> int:
        """The number of the last event ever added; 0 before the first."""
        query = select(func.coalesce(func.max(chain_table.c.seq), 0))
        return self._reader.read(lambda connection: int(connection.scalar(query) or 0))

    def changed(self) -> bool:
        """Whether anything was added since the last call; True at the first. Cheap."""
        return self._reader.changed()

    def close(self) -> None:
        self._reader.close()


def event_of(row: Row[Any]) -> Event:
    """The event of a row of the table ``event``. Raises DatabaseUnusable for what no event is."""
    return event_of_columns(
        row.seq,
        row.id,
        row.type,
        row.wall_us,
        row.mono_us,
        row.boot_id,
        row.clock_trusted,
        row.subject,
        row.data,
    )


def merge(readers: Mapping[str, JournalReader], since_us: int = 0) -> Iterator[tuple[str, Event]]:
    """The events of several journals by wall time, then service and seq; each with its service.

    Each journal keeps its own order, even where its clock was set back. A journal that is not there yet
    is left out.
    """

    def events(service: str, reader: JournalReader) -> Iterator[tuple[str, Event]]:
        try:
            yield from ((service, event) for event in reader.since(since_us))
        except JournalMissing:
            return

    return heapq.merge(
        *(events(service, reader) for service, reader in readers.items()),
        key=lambda found: (found[1].stamp.wall_us, found[0], found[1].seq),
    )


def last_known(path: Path) -> dict[str, JsonValue]:
    """What can still be read of a damaged journal's end; empty if nothing can."""
    query = (
        select(journal_table.c.id, chain_table.c.seq, chain_table.c.head)
        .select_from(journal_table.join(chain_table, true()))
        .order_by(chain_table.c.seq.desc())
        .limit(1)
    )
    reader = Reader(path)
    try:
        last = reader.read(lambda connection: connection.execute(query).one_or_none())
    except DatabaseUnusable:
        return {}
    finally:
        reader.close()
    return {"journal": last.id, "seq": last.seq, "head": last.head.hex()} if last else {}
