"""``unlocked notice``: the privacy notice of the branch, and whether it is still true."""

from __future__ import annotations

import click

from controller.commands.notice.checking import check
from controller.commands.notice.making import show, write
from controller.commands.notice.publishing import publish


@click.group("notice")
def command() -> None:
    """Make the branch's privacy notice, say that it is published, and check that it is still true.

    It is made from the policy profile and the settings of the branch, without anything typed in between.
    """


command.add_command(show)
command.add_command(write)
command.add_command(publish)
command.add_command(check)
