"""What the commands about backups share: the table of the settings, and the places that it names."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from controller.backup.places import Place
    from controller.secrets.credentials import Secret
    from controller.settings.backup import Backup
    from controller.settings.model import Settings


class NoBackups(click.ClickException):
    """The settings have no table for them; exit code 2."""

    exit_code = 2


def table_of(settings: Settings, config: Path) -> Backup:
    if settings.backup is None:
        raise NoBackups(f"{config}: backup: there is no such table; add [backup] (docs/backup.md)")
    return settings.backup


def secret(settings: Settings, name: str) -> Secret:
    """As a service where it was handed some, else by hand. Raises SecretMissing."""
    from controller.secrets import credentials

    handed = bool(os.environ.get("CREDENTIALS_DIRECTORY"))
    return credentials.read(name, None if handed else settings.branch.secrets_dir)


def places(settings: Settings, backup: Backup) -> list[Place]:
    """Where backups go. Raises SecretMissing."""
    from controller.backup.places import folder_place
    from controller.backup.sftp_place import SftpPlace
    from controller.secrets import credentials
    from controller.settings.paths import Paths
    from controller.sftp import SftpClient

    found: list[Place] = []
    if (folder := folder_place(backup)) is not None:
        found.append(folder)
    if backup.sftp is not None:
        paths, key = Paths.of(settings), secret(settings, credentials.BACKUP_SSH_KEY)
        spool, memory = paths.backup, paths.run / "backup"
        spool.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # by hand; a service has it from systemd
            memory.mkdir(mode=0o700)
        client = SftpClient(backup.sftp, key, spool, threading.Event(), RuntimeError, memory)
        found.append(SftpPlace(client, backup.sftp))
    return found


def shown(wall_us: int) -> str:
    """As times of files are, which may be read anywhere."""
    return datetime.fromtimestamp(wall_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
