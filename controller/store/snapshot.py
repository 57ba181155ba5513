"""All of a database at one moment, beside its owner: what a backup holds of it.

SQLite itself copies the pages, with what is still in the write-ahead log, inside one read transaction. The
copy is in memory whole, and is never written anywhere in the clear.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from controller.store.engine import driver
from controller.store.reader import Reader


def snapshot(path: Path) -> bytes:
    """The content of a file that opens as this database. Raises DatabaseMissing, DatabaseUnusable."""

    def pages(connection: Connection) -> bytes:
        raw = driver(connection)
        raw.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it is one moment
        return raw.serialize()

    reader = Reader(path, cache_kb=256)
    try:
        return reader.read(pages)
    finally:
        reader.close()
