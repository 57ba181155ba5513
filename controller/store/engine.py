"""Opening SQLite databases: as the one owner who writes, or as a reader who leaves nothing behind.

Here: pragmas, file modes, migrations, damage. Never here: what is in a database.

Measured facts behind it (SQLite 3.40): with ``synchronous=NORMAL`` a power cut loses acknowledged commits,
with FULL none; ``secure_delete`` is off unless asked for, and old content stays in the write-ahead log
until that is truncated; a reader that may not write opens a database with ``mode=ro`` while its owner has
it open, and with ``immutable=1`` after the owner has closed it and the log is gone; a reader that may
write into the folder would create the log as itself and lock the owner out, hence the folder's 2750.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import ClauseElement, Connection, Engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from controller.disk import sync_folder

Synchronous = Literal["FULL", "NORMAL"]
T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
_DIALECT = sqlite.dialect(paramstyle="named")
FOLDER_MODE = 0o2750
FILE_MODE = 0o640
BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another writer of the same file (the command line beside a service)."""


class DatabaseUnusable(Exception):
    """It can be neither read nor written now. The message says which file and why, and no content."""


class DatabaseMissing(DatabaseUnusable):
    """The file is not there: its owner has not started yet, or keeps it elsewhere."""


class DatabaseDamaged(DatabaseUnusable):
    """The file is no intact database. Its owner moves it aside (``move_aside``) and begins a new one."""


class DatabaseTooNew(DatabaseUnusable):
    """A later release has migrated it. Install that release, or restore the backup made then."""


# --- owner ---------------------------------------------------------------------------------------


def open_owner(
    path: Path, migrations: str, synchronous: Synchronous = "FULL", *, check: bool = False
) -> Engine:
    """Open for writing; create and migrate as needed. One connection, for one thread at a time.

    migrations: the folder of ``store/migrations`` that holds this database's numbered SQL files.
    check: read the whole file for damage first. Raises DatabaseUnusable and what is derived from it.
    Transactions begin IMMEDIATE, so that the wait for another writer comes first and not half-way.
    """
    _create(path)
    engine = sqlalchemy.create_engine(
        sqlalchemy.URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        # pysqlite's own transaction handling begins late and deferred; ours is in _begin.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "secure_delete = ON",
            "foreign_keys = ON",
            "wal_autocheckpoint = 0",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver(connection).execute("BEGIN IMMEDIATE")

    try:
        with translated(path):
            if check:
                _check(engine, path)
            _migrate(engine, path, migrations)
    except DatabaseUnusable:
        engine.dispose()
        raise
    return engine


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
    """Turns what SQLAlchemy and SQLite raise into DatabaseDamaged or DatabaseUnusable."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, DatabaseError) else error
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        # Never the statement or its parameters: they hold content.
        message = f"{path}: {cause}"
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DatabaseDamaged(message) from None
        raise DatabaseUnusable(message) from None


def _create(path: Path) -> None:
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(FOLDER_MODE)
            sync_folder(path.parent.parent)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC)
        except FileExistsError:
            return
        try:
            os.fchmod(descriptor, FILE_MODE)
            if os.geteuid() == 0:
                # An administrator's command must not leave a file that the service cannot open. SQLite
                # itself gives -wal and -shm to the owner of the database.
                folder = path.parent.stat()
                os.fchown(descriptor, folder.st_uid, folder.st_gid)
        finally:
            os.close(descriptor)
        sync_folder(path.parent)
    except OSError as error:
        raise DatabaseUnusable(f"{path}: {error.strerror}") from error


def _check(engine: Engine, path: Path) -> None:
    with engine.connect() as connection:
        answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if answer != "ok":
        raise DatabaseDamaged(f"{path}: {answer}")


def _migrate(engine: Engine, path: Path, migrations: str) -> None:
    """Run the numbered SQL files that this database has not seen, all or none, after a backup."""
    files = sorted((MIGRATIONS / migrations).glob("[0-9]*.sql"))
    backup = path.with_name(path.name + ".before-migration")
    with engine.connect() as connection:
        version = _version(connection)
        if version > len(files):
            raise DatabaseTooNew(f"{path}: version {version}, and this release knows {len(files)}")
        if version == len(files):
            # It has been opened again since: the migration is good, and a backup keeps what is disposed of.
            backup.unlink(missing_ok=True)
            return
    if version:
        _back_up(engine, backup)
    with engine.begin() as connection:
        # Read again: another owner may have migrated while this one waited.
        for number, file in list(enumerate(files, start=1))[_version(connection) :]:
            for statement in _statements(file.read_text(encoding="utf-8")):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"PRAGMA user_version = {number}")


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _back_up(engine: Engine, backup: Path) -> None:
    backup.unlink(missing_ok=True)
    os.close(os.open(backup, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE))
    raw = engine.raw_connection()
    try:
        copy = sqlite3.connect(backup)
        try:
            assert isinstance(raw.driver_connection, sqlite3.Connection)
            raw.driver_connection.backup(copy)
        finally:
            copy.close()
    finally:
        raw.close()


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def checkpoint(engine: Engine) -> bool:
    """Move the write-ahead log into the database and empty it; False if a reader is in the way.

    Call when idle: only this makes deleted content disappear, and it costs disk time.
    """
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        connection.execute("PRAGMA busy_timeout = 0")
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    finally:
        raw.close()
    return not busy


def move_aside(path: Path) -> Path:
    """Rename a damaged database and its log, so that a new one can begin; returns the new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    sync_folder(path.parent)
    return aside


# --- reader --------------------------------------------------------------------------------------

READ_ATTEMPTS = 5


class Reader:
    """Read-only access to somebody else's database, whether or not its owner is running.

    It follows the owner through closing, opening again and moving a damaged file aside. For one thread at
    a time. Raises DatabaseMissing while there is no database, DatabaseUnusable when it cannot be read.
    """

    def __init__(self, path: Path, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        """busy_timeout_ms: how long each of a few attempts waits while somebody keeps the file to himself."""
        self.path = path
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
            with self._connection.begin():
                version = _version(self._connection)
            if not version:
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
