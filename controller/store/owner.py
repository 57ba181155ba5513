"""Opening an SQLite database as its one owner, who writes: pragmas, file modes, migrations, damage.

Measured facts behind it (SQLite 3.40): with ``synchronous=NORMAL`` a power cut loses acknowledged commits,
with FULL none; ``secure_delete`` is off unless asked for, and old content stays in the write-ahead log
until that is truncated; a reader that may write into the folder would create the log as itself and lock the
owner out, hence the folder's 2750.

Migrations only add, so that the release before can go on with what this one has migrated, when an upgrade is
taken back. A migration says so in a line that begins with ADDITIVE, and may then add tables, indexes, and
columns that may be missing, no more. A database keeps the number of the last one that does more
(``PRAGMA application_id``): whoever knows that one can use it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import StaticPool

from controller.disk import sync_folder
from controller.store import engine as database
from controller.store.engine import (
    DatabaseDamaged,
    DatabaseTooNew,
    DatabaseUnusable,
    driver,
    translated,
    version,
)

Synchronous = Literal["FULL", "NORMAL"]

MIGRATIONS = Path(__file__).parent / "migrations"
ADDITIVE = "-- Additive:"
FOLDER_MODE = 0o2750
FILE_MODE = 0o640


def open_owner(
    path: Path,
    migrations: str,
    synchronous: Synchronous = "FULL",
    *,
    check: bool = False,
    busy_timeout_ms: int | None = None,
) -> Engine:
    """Open for writing; create and migrate as needed. One connection, for one thread at a time.

    migrations: the folder of ``store/migrations`` that holds this database's numbered SQL files.
    check: read the whole file for damage first. busy_timeout_ms: how long a transaction waits for another
    writer before it fails, if not BUSY_TIMEOUT_MS. Raises DatabaseUnusable and what is derived from it.
    Transactions begin IMMEDIATE, so that the wait for another writer comes first and not half-way.
    """
    _create(path)
    timeout_ms = database.BUSY_TIMEOUT_MS if busy_timeout_ms is None else busy_timeout_ms
    engine = sqlalchemy.create_engine(
        sqlalchemy.URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": timeout_ms / 1000},
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
        connection.exec_driver_sql("PRAGMA shrink_memory")  # it has read all of it, and needs none again
    if answer != "ok":
        raise DatabaseDamaged(f"{path}: {answer}")


def _migrate(engine: Engine, path: Path, migrations: str) -> None:
    """Run the numbered SQL files that this database has not seen, all or none, after a backup."""
    files = sorted((MIGRATIONS / migrations).glob("[0-9]*.sql"))
    backup = path.with_name(path.name + ".before-migration")
    with engine.connect() as connection:
        seen = version(connection)
        if seen > len(files) and not 0 < _needs(connection) <= len(files):
            raise DatabaseTooNew(f"{path}: version {seen}, and this release knows {len(files)}")
        if seen >= len(files):
            # It has been opened again since: the migration is good, and a backup keeps what is disposed of.
            backup.unlink(missing_ok=True)
            return
    if seen:
        _back_up(engine, backup)
    with engine.begin() as connection:
        # Read again: another owner may have migrated while this one waited.
        for number, file in list(enumerate(files, start=1))[version(connection) :]:
            for statement in _statements(file.read_text(encoding="utf-8")):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"PRAGMA user_version = {number}")
        needed = max(n for n, file in enumerate(files, start=1) if n == 1 or not additive(file))
        connection.exec_driver_sql(f"PRAGMA application_id = {needed}")


def additive(migration: Path) -> bool:
    """Whether a release that does not know it can use the database all the same."""
    lines = migration.read_text(encoding="utf-8").splitlines()
    return any(line.startswith(ADDITIVE) for line in lines)


def _needs(connection: Connection) -> int:
    """Which migration a release must know to use this database; 0 where none has said so yet."""
    return int(connection.exec_driver_sql("PRAGMA application_id").scalar_one())


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
        (waits_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute("PRAGMA busy_timeout = 0")
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {waits_ms}")
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
