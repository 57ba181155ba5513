"""``console.db``: accounts, sessions, and how often somebody tried to log in. Made, and brought up to date.

For the console's start and for ``unlocked staff``, whichever comes first. Nobody but the console's user reads
it. Never here: which tables there are (``migrations``, and those of Django and django-axes).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from controller.console.web.configure import migrate
from controller.disk import sync_folder
from controller.store.engine import DatabaseUnusable
from controller.store.owner import FOLDER_MODE

MODE = 0o600


def prepare(file: Path) -> None:
    """There afterwards, with all its tables. Once Django is configured, before there are threads.

    Raises DatabaseUnusable.
    """
    try:
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True)
            file.parent.chmod(FOLDER_MODE)
            sync_folder(file.parent.parent)
        folder = os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # two that begin at once migrate one after the other
            _create(file)
            migrate()
        finally:
            os.close(folder)
    except OSError as error:
        remedy = "; run it as root" if isinstance(error, PermissionError) else ""
        raise DatabaseUnusable(f"{error.filename or file}: {error.strerror}{remedy}") from error


def _create(file: Path) -> None:
    """Root makes it for the owner of the folder. SQLite itself gives -wal and -shm to the same."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        if os.geteuid() == 0 and os.fstat(descriptor).st_uid == 0:
            folder = file.parent.stat()
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
    finally:
        os.close(descriptor)
    sync_folder(file.parent)
