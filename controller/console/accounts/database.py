"""``console.db``: accounts, sessions, and how often somebody tried to log in. Made, and brought up to date.

For the console's start and for ``unlocked staff``, whichever comes first. Nobody but the console's user reads
it. Never here: which tables there are (``migrations``, and those of Django and django-axes).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import django.db
from django.core.management import call_command
from django.db import connection

from controller.store.engine import DatabaseUnusable
from controller.store.owner import FOLDER_MODE

MODE = 0o600


class AccountsUnusable(DatabaseUnusable):
    """The text names the file and the remedy."""


def prepare(file: Path) -> None:
    """There afterwards, with all its tables. Once Django is configured. Raises AccountsUnusable."""
    try:
        if not file.parent.exists():
            file.parent.mkdir(parents=True)
            file.parent.chmod(FOLDER_MODE)
        folder = os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            _create(file)
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        finally:
            os.close(folder)
            connection.close()
    except OSError as error:
        remedy = "; run it as root" if isinstance(error, PermissionError) else ""
        raise AccountsUnusable(f"{error.filename or file}: {error.strerror}{remedy}") from error
    except django.db.Error as error:
        raise AccountsUnusable(
            f"{file}: {error}; restore it from a backup, or move it away and add the accounts again"
        ) from error


def _create(file: Path) -> None:
    """Root makes it for the owner of the folder."""
    if file.exists():
        return
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        folder = file.parent.stat()
        if os.geteuid() == 0:
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
    finally:
        os.close(descriptor)
