"""Reading somebody else's SQLite database, without leaving anything behind.

Measured facts behind it (SQLite 3.40): a reader that may not write opens a database with ``mode=ro`` while
its owner has it open, and with ``immutable=1`` after the owner has closed it and the log is gone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import StaticPool

from controller.store.engine import (
    BUSY_TIMEOUT_MS,
    DatabaseMissing,
    DatabaseUnusable,
    driver,
    translated,
    version,
)

T = TypeVar("T")

READ_ATTEMPTS = 5


class Reader:
    """Read-only access to somebody else's database, whether or not its owner is running.

    It follows the owner through closing, opening again and moving a damaged file aside. For one thread at
    a time. Raises DatabaseMissing while there is no database, DatabaseUnusable when it cannot be read.
    """

    def __init__(
        self, path: Path, busy_timeout_ms: int = BUSY_TIMEOUT_MS, cache_kb: int | None = None
    ) -> None:
        """busy_timeout_ms: how long each of a few attempts waits while somebody keeps the file to himself.

        cache_kb: how much of the file is kept in memory at most, beside what the system keeps; None: 2 MB.
        """
        self.path = path
        self._cache_kb = cache_kb
        self._busy_timeout_ms = busy_timeout_ms
        self._wal = path.with_name(path.name + "-wal")
        self._connection: Connection | None = None
        self._opened_as: tuple[int, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._log_unusable = False

    def read(self, query: Callable[[Connection], T]) -> T:
        """The answer of ``query`` from one consistent state. It may be asked again: no side effects."""

        def in_transaction(connection: Connection) -> T:
            with connection.begin():
                return query(connection)

        return self._ask(in_transaction)

    def row(self, statement: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """The first row of a statement as ``sql`` makes it, or None: quick, for what is often asked."""

        def first(connection: Connection) -> tuple[Any, ...] | None:
            found: tuple[Any, ...] | None = driver(connection).execute(statement, values).fetchone()
            return found

        return self._ask(first)

    def _ask(self, query: Callable[[Connection], T]) -> T:
        failure = DatabaseUnusable(f"{self.path}: its owner keeps opening and closing it")
        self._log_unusable = False
        for _ in range(READ_ATTEMPTS):
            try:
                with translated(self.path):
                    answer = query(self._current())
            except DatabaseMissing:
                raise
            except DatabaseUnusable as error:
                failure = error  # the owner may have closed or opened it in between: look again
                self._log_unusable = self._is_live
            else:
                if self._is_live or self._opened_as == self._signature():
                    return answer
            self.close()
        raise failure

    def changed(self) -> bool:
        """Whether anything was committed since the last call; True at the first."""
        seen = (*self._signature(), self.row("PRAGMA data_version", {}))
        before, self._seen = self._seen, seen
        return seen != before

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection.engine.dispose()
            self._connection = None

    @property
    def _is_live(self) -> bool:
        """Opened beside a write-ahead log, so that SQLite itself keeps us up to date."""
        return len(self._opened_as) == 1

    def _signature(self) -> tuple[int, ...]:
        """What a connection is good for: with a log this very file, without one only this very content."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            raise DatabaseMissing(f"{self.path} is not there") from None
        except OSError as error:
            raise DatabaseUnusable(f"{self.path}: {error.strerror}") from error
        if self._has_log():
            return (status.st_ino,)
        return (status.st_ino, status.st_size, status.st_mtime_ns)

    def _has_log(self) -> bool:
        try:
            size = self._wal.stat().st_size
        except FileNotFoundError:
            return False
        # On a full disk an owner leaves an empty log without its index. Nothing is in it: read without.
        return bool(size) or not self._log_unusable

    def _current(self) -> Connection:
        signature = self._signature()
        if self._connection is None or self._opened_as != signature:
            self.close()
            self._opened_as = signature
            engine = _read_only(self.path, self._busy_timeout_ms, immutable=not self._is_live)
            self._connection = engine.connect()
            if self._cache_kb is not None:
                driver(self._connection).execute(f"PRAGMA cache_size = -{self._cache_kb}")
            with self._connection.begin():
                empty = not version(self._connection)
            if empty:
                self.close()
                raise DatabaseMissing(f"{self.path} is still empty")
        return self._connection


def _read_only(path: Path, busy_timeout_ms: int, *, immutable: bool) -> Engine:
    uri = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if immutable else ''}"
    engine = sqlalchemy.create_engine(
        "sqlite://",
        poolclass=StaticPool,
        creator=lambda: sqlite3.connect(
            uri, uri=True, check_same_thread=False, timeout=busy_timeout_ms / 1000, isolation_level=None
        ),
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver(connection).execute("BEGIN")

    return engine
