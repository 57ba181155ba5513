"""Whether anybody has a database open: a service that runs, or a command that reads.

By SQLite's own locks, so it holds however the service was started. Never here: which services there are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from controller.store.engine import DatabaseUnusable, translated


def in_use(path: Path) -> bool:
    """Whether somebody else has it open, this moment; False where there is none. Raises DatabaseUnusable."""
    if not path.exists():
        return False
    with translated(path), closing(_opened(path)) as database:
        try:
            # In WAL mode everybody who has it open keeps a shared lock on the file, which this needs alone.
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return True
            raise
    return False


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=0, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise DatabaseUnusable(f"{path}: {error}") from error
