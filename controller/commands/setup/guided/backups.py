"""Asked about backups: to whom they are encrypted, and where they go."""

from __future__ import annotations

import re
from pathlib import Path

import click

from controller.commands.setup.guided.conversation import Conversation, tell
from controller.settings.backup import RECIPIENT

LATER = "later"
FOLDER = "/media/unlocked-backup"


def backups(asked: Conversation) -> None:
    tell(
        "What cannot be made again is copied once a day, encrypted to a key of the authority's, which is not "
        "at the branch: docs/backup.md has how to make one. It can be added later."
    )
    found = asked.found.get("backup", {})
    recipients = found.get("recipients") if isinstance(found, dict) else None
    before = str(recipients[0]) if isinstance(recipients, list) and recipients else LATER
    key = click.prompt("Public key for backups (age1…), or later", default=before, value_proc=_recipient)
    if key == LATER:
        asked.drop("backup")
        return
    table = asked.table("backup")
    if key != before:
        table["recipients"] = [key]
    if "folder" in table or "sftp" not in table:
        usual = str(table.get("folder", FOLDER))
        where = click.prompt("Folder they go to, such as a mounted stick", default=usual, value_proc=_folder)
        table["folder"] = where
    asked.save()


def _recipient(typed: str) -> str:
    if typed != LATER and not re.fullmatch(RECIPIENT, typed):
        raise click.BadParameter(
            "write the public key that age-keygen shows, which begins with age1, or later"
        )
    return typed


def _folder(typed: str) -> str:
    if not Path(typed).is_absolute():
        raise click.BadParameter("begin it with /")
    return typed
