"""Moving what was made ready to where services look for it. What was there is moved aside, never deleted.

Each step is whole or not done, and any number of them is a branch that may be used: nothing is moved that is
not ready. Never here: what to move.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from controller.disk import sync_folder
from controller.settings.paths import Paths
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Footage
from controller.store.owner import FOLDER_MODE, move_aside
from controller.store.position import Positions


def put_database(staged: Path, path: Path) -> Path | None:
    """Where what was in place is now; None if there was nothing. Raises OSError."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        path.parent.chmod(FOLDER_MODE)
    with closing(sqlite3.connect(staged)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it is in the one file then
    aside = move_aside(path) if path.exists() else None
    own(staged, path.parent)
    staged.rename(path)
    sync_folder(path.parent)
    return aside


def put_text(file: Path, content: bytes, mode: int) -> bool:
    """Unless something is there; whether it was put. Raises OSError."""
    if file.exists():
        return False
    if not file.parent.is_dir():
        file.parent.mkdir(parents=True, mode=0o700 if mode == 0o600 else 0o755)
    replace_text(file, content, mode)
    return True


def replace_text(file: Path, content: bytes, mode: int) -> None:
    """Raises OSError."""
    hidden = file.with_name(f".{file.name}.restoring")
    hidden.unlink(missing_ok=True)
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fchmod(descriptor, mode)
        own(descriptor, file.parent)
        os.fsync(descriptor)
    hidden.rename(file)
    sync_folder(file.parent)


def own(file: Path | int, folder: Path) -> None:
    """Root makes it for the owner of the folder. A path is in none where the owner could put a link there."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def step_back(paths: Paths, journal_id: str, seq: int) -> None:
    """What follows this journal by number goes back to where it ends now. Raises DatabaseUnusable."""
    if paths.positions.exists():
        with closing(Positions.open(paths.positions)) as positions:
            positions.rewind(journal_id, seq)
    if paths.footage.exists():
        try:
            footage = Footage.open(paths.footage)
        except DatabaseUnusable:
            return  # the recorder moves it aside, and rebuilds it without clips
        with closing(footage):
            footage.step_back(journal_id, seq)
