"""What the commands about backups share: the table of the settings, and the places that it names."""

from __future__ import annotations

import os
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


def places(backup: Backup) -> list[Place]:
    """Where backups go."""
    from controller.backup.places import folder_place

    folder = folder_place(backup)
    return [] if folder is None else [folder]


def shown(wall_us: int) -> str:
    """As times of files are, which may be read anywhere."""
    return datetime.fromtimestamp(wall_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
