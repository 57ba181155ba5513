"""Registers of what people decided about data; now the holds against disposal.

Written by staff's commands (and by their web pages, later), read by whoever destroys.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, update

from controller.core.hold import Category, Hold, Scope
from controller.store import engine as database
from controller.store.engine import DatabaseMissing
from controller.store.owner import open_owner
from controller.store.reader import Reader
from controller.store.reserve import Reserve, written
from controller.store.schema import hold as hold_table
from controller.store.schema import hold_event as hold_event_table


class NoSuchHold(Exception):
    """There is no hold with this id, or it was ended already."""


class Registers:
    """For one thread at a time. Raises DatabaseUnusable.

    A damaged file is for a person to restore: a new, empty one would end every hold.
    """

    def __init__(self, path: Path, engine: Engine, reserve: Reserve | None) -> None:
        self._path = path
        self._engine = engine
        self._reserve = reserve

    @classmethod
    def open(cls, path: Path, reserve: Reserve | None = None) -> Registers:
        """reserve: room for a hold when the disk is full."""
        engine = written(reserve, lambda: open_owner(path, "registers", check=True))
        return cls(path, engine, reserve)

    def add_hold(self, hold: Hold) -> None:
        """Durable on return: a disposal that reads the holds after this obeys it.

        Read the ``deleting`` marks of the footage next, and say what it came too late for.
        """
        written(self._reserve, lambda: self._add_hold(hold))

    def _add_hold(self, hold: Hold) -> None:
        scope = hold.scope
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(
                insert(hold_table).values(
                    id=hold.id,
                    authority=hold.authority,
                    reference=hold.reference,
                    category=scope.category.value,
                    site=scope.site,
                    device=scope.device,
                    start_us=scope.start_us,
                    end_us=scope.end_us,
                    placed_us=hold.placed_us,
                    review_us=hold.review_us,
                    ended_us=hold.ended_us,
                    end_reason=hold.end_reason,
                )
            )
            if scope.event_ids:
                events = [{"hold_id": hold.id, "event_id": event_id} for event_id in scope.event_ids]
                connection.execute(insert(hold_event_table), events)

    def end_hold(self, hold_id: str, ended_us: int, reason: str) -> None:
        """Raises NoSuchHold. What it covered stays protected for seven days more.

        A clock that was set back does not make it end before it began.
        """
        if not written(self._reserve, lambda: self._end_hold(hold_id, ended_us, reason)):
            raise NoSuchHold(f"there is no hold {hold_id} in force")

    def _end_hold(self, hold_id: str, ended_us: int, reason: str) -> int:
        with database.translated(self._path), self._engine.begin() as connection:
            ended = connection.execute(
                update(hold_table)
                .where(hold_table.c.id == hold_id, hold_table.c.ended_us.is_(None))
                .values(ended_us=func.max(hold_table.c.placed_us, ended_us), end_reason=reason)
            )
        return ended.rowcount

    def holds(self) -> list[Hold]:
        """All there ever were, oldest first, read afresh."""
        with database.translated(self._path), self._engine.begin() as connection:
            return _holds(connection)

    def close(self) -> None:
        self._engine.dispose()


class RegistersReader:
    """The registers as others read them."""

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path)

    def holds(self) -> list[Hold]:
        """All there ever were, oldest first, read afresh; none before the first was placed.

        Raises DatabaseUnusable when they cannot be known; then nothing may be destroyed.
        """
        try:
            return self._reader.read(_holds)
        except DatabaseMissing:
            return []

    def close(self) -> None:
        self._reader.close()


def _holds(connection: Connection) -> list[Hold]:
    events: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(hold_event_table)):
        events[row.hold_id].add(row.event_id)
    return [
        Hold(
            row.id,
            row.authority,
            row.reference,
            Scope(
                Category(row.category),
                row.site,
                row.device,
                row.start_us,
                row.end_us,
                frozenset(events[row.id]),
            ),
            row.placed_us,
            row.review_us,
            row.ended_us,
            row.end_reason,
        )
        for row in connection.execute(select(hold_table).order_by(hold_table.c.placed_us, hold_table.c.id))
    ]
