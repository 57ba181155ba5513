"""``unlocked lms``: try the library management system that is asked live, and see whether it answers."""

from __future__ import annotations

import click

from controller.commands.lms.probe import probe
from controller.commands.lms.status import status


@click.group("lms")
def command() -> None:
    """Try the library management system with test cards, and see whether it answers."""


command.add_command(probe)
command.add_command(status)
