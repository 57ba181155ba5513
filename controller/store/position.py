"""Positions: how far each journal has left the branch.

Here: keeping them over a restart. Never here: what moves them. They may lag behind, since whatever is sent
twice carries the same id; so they are written now and then, and a power cut may take the last ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects.sqlite import insert

from controller.store import engine as database
from controller.store.engine import DatabaseDamaged
from controller.store.owner import checkpoint, move_aside, open_owner
from controller.store.schema import position as table


@dataclass(frozen=True, slots=True)
class Position:
    """sent, received: every event up to this seq. rewinds: how often they were set back."""

    sent: int = 0
    received: int = 0
    rewinds: int = 0


class Positions:
    """Opened with ``open``. Several processes may have them open. All methods raise DatabaseUnusable."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Positions:
        """Open or begin. A damaged file is moved aside: everything is sent again then, and nothing lost."""
        try:
            engine = open_owner(path, "positions", "NORMAL", check=True)
        except DatabaseDamaged:
            move_aside(path)
            engine = open_owner(path, "positions", "NORMAL")
        return cls(path, engine)

    def get(self, journal_id: str) -> Position:
        """Zeros for a journal that nothing was ever sent of."""
        query = select(table).where(table.c.journal_id == journal_id)
        with database.translated(self._path), self._engine.begin() as connection:
            row = connection.execute(query).one_or_none()
        return Position(row.sent, row.received, row.rewinds) if row else Position()

    def advance(self, journal_id: str, to: Position) -> bool:
        """Move on, never back. False, and nothing moved, if somebody has rewound it since ``to.rewinds``."""
        move = (
            update(table)
            .where(table.c.journal_id == journal_id, table.c.rewinds == to.rewinds)
            .values(sent=func.max(table.c.sent, to.sent), received=func.max(table.c.received, to.received))
        )
        with database.translated(self._path), self._engine.begin() as connection:
            _begin(connection, journal_id)
            return connection.execute(move).rowcount == 1

    def rewind(self, journal_id: str, to_seq: int) -> None:
        """Count everything after ``to_seq`` as neither sent nor received."""
        move_back = (
            update(table)
            .where(table.c.journal_id == journal_id)
            .values(
                sent=func.min(table.c.sent, to_seq),
                received=func.min(table.c.received, to_seq),
                rewinds=table.c.rewinds + 1,
            )
        )
        with database.translated(self._path), self._engine.begin() as connection:
            _begin(connection, journal_id)
            connection.execute(move_back)

    def checkpoint(self) -> bool:
        """Empty the write-ahead log; call now and then."""
        with database.translated(self._path):
            return checkpoint(self._engine)

    def close(self) -> None:
        self._engine.dispose()


def _begin(connection: Connection, journal_id: str) -> None:
    zeros = insert(table).values(journal_id=journal_id, sent=0, received=0, rewinds=0)
    connection.execute(zeros.on_conflict_do_nothing())
