"""Reading sealed boxes from a journal, with what they were sealed for.

Never here: opening them, and who may have them opened.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from controller.core.event import Event
from controller.store.journal import box_info
from controller.store.journal_reader import event_of
from controller.store.reader import Reader
from controller.store.schema import event as event_table
from controller.store.schema import journal as journal_table
from controller.store.schema import sealed as sealed_table

PAGE = 500


@dataclass(frozen=True, slots=True)
class Box:
    """field: what is in it. info: what binds it to its place, and is needed to open it."""

    event: Event
    field: str
    key_id: str
    info: bytes
    content: bytes = dataclasses.field(repr=False)


class BoxReader:
    """The boxes of one journal, beside its owner. Destroyed ones are not there.

    For one thread at a time. Raises DatabaseMissing while there is no journal, DatabaseUnusable.
    """

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path)

    def of_event(self, event_id: str) -> list[Box]:
        """All boxes of an event; none if it has none, or is not in this journal."""
        return self._boxes(_boxes().where(event_table.c.id == event_id))

    def count(self, start_us: int, end_us: int) -> int:
        """How many boxes belong to events from ``start_us`` to before ``end_us``, wall time."""
        query = _within(select(func.count()).select_from(_JOINED), start_us, end_us)
        return self._reader.read(lambda connection: int(connection.scalar(query) or 0))

    def between(self, start_us: int, end_us: int) -> Iterator[Box]:
        """Those boxes, in the journal's order, page by page."""
        query, after = _within(_boxes(), start_us, end_us), (0, "")
        while page := self._boxes(_behind(query, after).limit(PAGE)):
            yield from page
            after = (page[-1].event.seq, page[-1].field)

    def key_ids(self) -> dict[str, int]:
        """How many boxes each key can open."""
        query = (
            select(sealed_table.c.key_id, func.count())
            .where(sealed_table.c.box.is_not(None))
            .group_by(sealed_table.c.key_id)
        )
        return self._reader.read(
            lambda connection: {row[0]: int(row[1]) for row in connection.execute(query)}
        )

    def close(self) -> None:
        self._reader.close()

    def _boxes(self, query: Select[Any]) -> list[Box]:
        def read(connection: Connection) -> list[Box]:
            journal_id = connection.scalar(select(journal_table.c.id)) or ""
            return [_box(journal_id, row) for row in connection.execute(query)]

        return self._reader.read(read)


_JOINED = sealed_table.join(event_table, event_table.c.seq == sealed_table.c.seq)


def _boxes() -> Select[Any]:
    columns = (*event_table.c, sealed_table.c.field, sealed_table.c.key_id, sealed_table.c.box)
    return (
        select(*columns)
        .select_from(_JOINED)
        .where(sealed_table.c.box.is_not(None))
        .order_by(event_table.c.seq, sealed_table.c.field)
    )


def _within(query: Select[Any], start_us: int, end_us: int) -> Select[Any]:
    wall_us = event_table.c.wall_us
    return query.where(sealed_table.c.box.is_not(None), wall_us >= start_us, wall_us < end_us)


def _behind(query: Select[Any], after: tuple[int, str]) -> Select[Any]:
    seq, field = event_table.c.seq, sealed_table.c.field
    return query.where((seq > after[0]) | ((seq == after[0]) & (field > after[1])))


def _box(journal_id: str, row: Row[Any]) -> Box:
    event = event_of(row)
    return Box(event, row.field, row.key_id, box_info(journal_id, event.seq, row.field), row.box)
