"""``unlocked backup``: copies of what the branch cannot make again."""

from __future__ import annotations

import click

from controller.commands.backup.key import key
from controller.commands.backup.listing import list_
from controller.commands.backup.making import make
from controller.commands.backup.verifying import verify


@click.group("backup")
def command() -> None:
    """Copies of journals, registers, settings and keys, encrypted so that the authority alone opens them."""


for one in (make, list_, verify, key):
    command.add_command(one)
