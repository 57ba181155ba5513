"""Positions: how far each journal has left the branch.

Here: keeping them over a restart. Never here: what moves them. They may lag behind, since whatever is sent
twice carries the same id; so they are written now and then, and a power cut may take the last ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from controller.store import engine as database
from controller.store.engine import DatabaseDamaged


@dataclass(frozen=True, slots=True)
class Position:
    """sent, received: every event up to this seq. rewinds: how often they were set back."""

    sent: int = 0
    received: int = 0
    rewinds: int = 0


_GET = text("SELECT sent, received, rewinds FROM position WHERE journal_id = :journal_id")
_BEGIN = text("INSERT OR IGNORE INTO position VALUES (:journal_id, 0, 0, 0)")
_ADVANCE = text(
    "UPDATE position SET sent = max(sent, :sent), received = max(received, :received)"
    " WHERE journal_id = :journal_id AND rewinds = :rewinds"
)
_REWIND = text(
    "UPDATE position SET sent = min(sent, :seq), received = min(received, :seq), rewinds = rewinds + 1"
    " WHERE journal_id = :journal_id"
)


class Positions:
    """Opened with ``open``. Several processes may have them open. All methods raise DatabaseUnusable."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Positions:
        """Open or begin. A damaged file is moved aside: everything is sent again then, and nothing lost."""
        try:
            engine = database.open_owner(path, "positions", "NORMAL", check=True)
        except DatabaseDamaged:
            database.move_aside(path)
            engine = database.open_owner(path, "positions", "NORMAL")
        return cls(path, engine)

    def get(self, journal_id: str) -> Position:
        """Zeros for a journal that nothing was ever sent of."""
        with database.translated(self._path), self._engine.begin() as connection:
            row = connection.execute(_GET, {"journal_id": journal_id}).one_or_none()
        return Position(row.sent, row.received, row.rewinds) if row else Position()

    def advance(self, journal_id: str, to: Position) -> bool:
        """Move on, never back. False, and nothing moved, if somebody has rewound it since ``to.rewinds``."""
        values = {
            "journal_id": journal_id,
            "sent": to.sent,
            "received": to.received,
            "rewinds": to.rewinds,
        }
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(_BEGIN, values)
            return connection.execute(_ADVANCE, values).rowcount == 1

    def rewind(self, journal_id: str, to_seq: int) -> None:
        """Count everything after ``to_seq`` as neither sent nor received."""
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(_BEGIN, {"journal_id": journal_id})
            connection.execute(_REWIND, {"journal_id": journal_id, "seq": to_seq})

    def checkpoint(self) -> bool:
        """Empty the write-ahead log; call now and then."""
        with database.translated(self._path):
            return database.checkpoint(self._engine)

    def close(self) -> None:
        self._engine.dispose()
