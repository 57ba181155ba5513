"""The databases of a branch by what people call them, and how one is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from simulator.waiting import wait_until

DATABASES: Mapping[str, tuple[str, str]] = {
    "door journal": ("door", "door/journal.db"),
    "recorder journal": ("recorder", "recorder/journal.db"),
    "memberships": ("membership", "membership/members.db"),
    "footage": ("recorder", "recorder/footage.db"),
    "registers": ("console", "console/registers.db"),
    "positions": ("uplink", "uplink/positions.db"),
}
"""By name: the service that writes it, and where it is in the folder for state."""
PAGE = 4096
"""Bytes of a page: the first, with the header, is left as it is, so that it is a database still."""
LIMIT_S = 30.0


def settle(path: Path) -> None:
    """Move what is in the log into the file: it would mend the file otherwise. Raises TimeoutError."""
    with closing(sqlite3.connect(path)) as database:
        wait_until(lambda: _moved(database), LIMIT_S, f"a checkpoint of {path.name}")


def _moved(database: sqlite3.Connection) -> bool:
    try:
        (busy, _, _) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # its owner is at it
        return False
    return not busy


def garble(path: Path) -> None:
    """Overwrite every page but the first. Whoever owns it is not at work meanwhile."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xa5" * max(0, size - PAGE))
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
