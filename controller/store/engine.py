"""SQLite underneath: the errors of a database, and the driver's own connection where SQLAlchemy is too slow.

Opening as the one owner who writes is ``owner``; as one of many who read, ``reader``. Never here: what is in
a database.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""The second is the index of a write-ahead log that cannot grow: SQLite calls that an I/O error."""
_DIALECT = sqlite.dialect(paramstyle="named")
BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another writer of the same file (the command line beside a service)."""


class DatabaseUnusable(Exception):
    """It can be neither read nor written now. The message says which file and why, and no content."""


class DatabaseMissing(DatabaseUnusable):
    """The file is not there: its owner has not started yet, or keeps it elsewhere."""


class DatabaseFull(DatabaseUnusable):
    """The disk has no room for it. Nothing was written; a reserve may be given up (``reserve``)."""


class DatabaseDamaged(DatabaseUnusable):
    """The file is no intact database. Its owner moves it aside (``owner.move_aside``) and begins anew."""


class DatabaseTooNew(DatabaseUnusable):
    """A later release has migrated it, and more than added to it. Install that release again."""


# --- beneath SQLAlchemy, where a swipe waits: there a statement costs a third, a transaction a quarter ---


def driver(connection: Connection) -> sqlite3.Connection:
    """The connection itself, open for as long as ``connection`` is."""
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def sql(statement: ClauseElement) -> str:
    """A statement's text for the driver, with ``:name`` for each value. Make it once."""
    return str(statement.compile(dialect=_DIALECT))


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, durable at its end. Waits for another writer first."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns what SQLAlchemy and SQLite raise into DatabaseUnusable and what is derived from it."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, DatabaseError) else error
        code = getattr(cause, "sqlite_errorcode", 0)
        # Never the statement or its parameters: they hold content.
        message = f"{path}: {cause}"
        if code in _FULL:
            raise DatabaseFull(message) from None
        if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DatabaseDamaged(message) from None
        if code & 0xFF == sqlite3.SQLITE_READONLY and not os.access(path, os.W_OK):
            message += "; run the command as root"
        raise DatabaseUnusable(message) from None


def version(connection: Connection) -> int:
    """How many of its migrations the database has seen; 0 while it is empty."""
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
