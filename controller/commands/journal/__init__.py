"""``unlocked journal``: prove that the journals are whole, and give others the means to."""

from __future__ import annotations

import click

from controller.commands.journal.heads import heads
from controller.commands.journal.keys import keys
from controller.commands.journal.verify import verify


@click.group("journal")
def command() -> None:
    """Verify the journals, and show what others need to verify them."""


command.add_command(verify)
command.add_command(heads)
command.add_command(keys)
