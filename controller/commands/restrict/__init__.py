"""``unlocked restrict``: store events only, because the person they are about has asked for that."""

from __future__ import annotations

import click

from controller.commands.restrict.add import add
from controller.commands.restrict.ending import inform_subject, lift_restriction
from controller.commands.restrict.listing import list_restrictions


@click.group("restrict")
def command() -> None:
    """Hide events that are only to be stored, and lift that once the subject was told."""


for restrict_command in (add, list_restrictions, inform_subject, lift_restriction):
    command.add_command(restrict_command)
