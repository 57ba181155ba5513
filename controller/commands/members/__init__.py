"""``unlocked members``: the memberships and the branch's own lists. Each command is in a file of its own."""

from __future__ import annotations

import click

from controller.commands.members.find import find
from controller.commands.members.importing import import_
from controller.commands.members.lists import allow, block, disallow, unblock
from controller.commands.members.status import status


@click.group("members")
def command() -> None:
    """Import memberships, show how many there are or one of them, and block or allow a handful of cards."""


for member_command in (import_, status, find, block, unblock, allow, disallow):
    command.add_command(member_command)
