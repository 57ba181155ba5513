from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from controller.store import owner, schema
from controller.store.engine import DatabaseTooNew, DatabaseUnusable, translated
from controller.store.owner import open_owner
from controller.store.reader import Reader

BEFORE_RELEASES_COULD_GO_BACK = {"footage": 3, "journal": 2, "members": 4, "positions": 1, "registers": 2}
ALL = sorted(folder.name for folder in owner.MIGRATIONS.iterdir())


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "migrations" / "thing"
    folder.mkdir(parents=True)
    monkeypatch.setattr(owner, "MIGRATIONS", folder.parent)
    (folder / "0001_begin.sql").write_text(
        "CREATE TABLE thing (\n    -- A number; no more.\n    n INTEGER NOT NULL\n) STRICT;\n"
        "INSERT INTO thing VALUES (1); -- the first\n"
    )
    return folder


def numbers(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    try:
        return [n for (n,) in connection.execute("SELECT n FROM thing")]
    finally:
        connection.close()


def test_migrations_run_once_in_order_and_after_a_backup(tmp_path: Path, migrations: Path) -> None:
    path, backup = tmp_path / "thing.db", tmp_path / "thing.db.before-migration"
    for _ in range(2):
        open_owner(path, "thing").dispose()
    assert numbers(path) == [1]
    assert not backup.exists()
    (migrations / "0002_more.sql").write_text("INSERT INTO thing VALUES (2);\nINSERT INTO thing VALUES (3);")
    open_owner(path, "thing").dispose()
    assert numbers(path) == [1, 2, 3]
    assert numbers(backup) == [1]
    open_owner(path, "thing").dispose()
    assert not backup.exists(), "a backup keeps what is disposed of"


def test_a_failing_migration_changes_nothing(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "thing.db"
    open_owner(path, "thing").dispose()
    (migrations / "0002_wrong.sql").write_text(
        "INSERT INTO thing VALUES (2);\nINSERT INTO absent VALUES (3);"
    )
    with pytest.raises(DatabaseUnusable, match="no such table"):
        open_owner(path, "thing")
    assert numbers(path) == [1]


def test_the_release_before_goes_on_with_a_database_to_which_was_only_added(
    tmp_path: Path, migrations: Path
) -> None:
    path, later = tmp_path / "thing.db", migrations / "0002_more.sql"
    later.write_text("-- Additive: a column that may be missing.\nALTER TABLE thing ADD COLUMN name TEXT;")
    open_owner(path, "thing").dispose()
    later.unlink()
    engine = open_owner(path, "thing")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO thing (n) VALUES (2)")
    engine.dispose()
    assert numbers(path) == [1, 2]


def test_the_release_before_does_not_touch_a_database_that_has_changed_more(
    tmp_path: Path, migrations: Path
) -> None:
    path = tmp_path / "thing.db"
    (migrations / "0002_other.sql").write_text("ALTER TABLE thing RENAME TO things;")
    (migrations / "0003_more.sql").write_text("-- Additive: an index.\nCREATE INDEX i ON things (n);")
    open_owner(path, "thing").dispose()
    (migrations / "0003_more.sql").unlink()
    open_owner(path, "thing").dispose()
    (migrations / "0002_other.sql").unlink()
    with pytest.raises(DatabaseTooNew, match="version 3, and this release knows 1"):
        open_owner(path, "thing")


@pytest.mark.parametrize("database", ALL)
def test_every_migration_since_then_only_adds(database: str) -> None:
    # What changes more takes two releases: the first adds and writes both, the second leaves the old.
    known = BEFORE_RELEASES_COULD_GO_BACK.get(database, 1)
    for file in sorted((owner.MIGRATIONS / database).glob("[0-9]*.sql"))[known:]:
        assert owner.additive(file), f"{file.name}: {owner.ADDITIVE} ... (docs/upgrade.md)"


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path, migrations: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnusable):
        open_owner(tmp_path / "file" / "thing.db", "thing")
    with pytest.raises(DatabaseUnusable):
        Reader(tmp_path / "file" / "thing.db").read(lambda _connection: None)


@pytest.mark.parametrize("database", ALL)
def test_every_column_is_explained(database: str) -> None:
    for file in (owner.MIGRATIONS / database).glob("*.sql"):
        lines = [line.strip() for line in file.read_text().splitlines()]
        inside = False
        for before, line in zip(["", *lines], lines, strict=False):
            if line.startswith("CREATE TABLE"):
                inside = True
            elif line.startswith(")"):
                inside = False
            elif inside and line and line.split()[0].islower() and line.split()[0].isidentifier():
                known = "REFERENCES" in line
                assert known or before.startswith("--"), f"{file.name}: {line}"


@pytest.mark.parametrize("database", ALL)
def test_queries_name_the_columns_that_there_are(database: str, tmp_path: Path) -> None:
    path = tmp_path / "any.db"
    open_owner(path, database).dispose()
    connection = sqlite3.connect(path)
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
    ]
    assert tables
    for table in tables:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        assert [column.name for column in getattr(schema, table).c] == columns
    connection.close()


def test_an_empty_log_without_room_for_its_index_is_read_past(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "thing.db"
    open_owner(path, "thing").dispose()
    (tmp_path / "thing.db-wal").touch()
    (tmp_path / "thing.db-shm").mkdir()  # as unusable as one that finds no room on a full disk
    reader = Reader(path)
    assert reader.read(lambda connection: connection.exec_driver_sql("SELECT n FROM thing").scalar()) == 1
    reader.close()


def test_an_owner_waits_for_others_as_long_after_a_checkpoint_as_before(
    tmp_path: Path, migrations: Path
) -> None:
    engine = open_owner(tmp_path / "thing.db", "thing", busy_timeout_ms=7)
    assert owner.checkpoint(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 7
    engine.dispose()


def test_somebody_who_may_not_write_is_told_to_be_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "registers.db"
    sqlite3.connect(path).close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with (
        pytest.raises(DatabaseUnusable, match=r"registers.db: .* readonly .*; run the command as root"),
        translated(path),
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
    ):
        connection.execute("CREATE TABLE t (x)")
