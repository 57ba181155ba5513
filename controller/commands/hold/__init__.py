"""``unlocked hold``: protect what falls due from being destroyed, look at that again, and end it."""

from __future__ import annotations

import click

from controller.commands.hold.add import add
from controller.commands.hold.end import end
from controller.commands.hold.listing import list_holds
from controller.commands.hold.review import review


@click.group("hold")
def command() -> None:
    """Protect what falls due from being destroyed, and end that."""


for hold_command in (add, list_holds, review, end):
    command.add_command(hold_command)
