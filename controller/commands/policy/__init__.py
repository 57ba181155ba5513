"""``unlocked policy``: which promises hold at this branch, and what follows from them."""

from __future__ import annotations

import click

from controller.commands.policy.checking import check
from controller.commands.policy.explaining import explain
from controller.commands.policy.showing import show


@click.group("policy")
def command() -> None:
    """Check and show a policy profile, and explain when it has what destroyed.

    A profile says in tables what the authority's privacy notice promises. Without --profile it is the one
    that the settings of the branch name.
    """


command.add_command(check)
command.add_command(show)
command.add_command(explain)
