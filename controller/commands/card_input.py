"""A card number, as a member of staff gives it to a command. It is neither echoed nor kept.

Standard input comes before an argument: what is typed after a command stays in the shell's history, and
everybody on the machine sees it among the processes.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from controller.core.card import CardNumber
    from controller.settings.model import Settings


def card_number(settings: Settings, given: str = "-") -> CardNumber:
    """given: the number itself; "-": asked for at a terminal, else the first line of standard input.

    Raises click.ClickException, without what was given.
    """
    from controller.core.card import NotACard, parse_card
    from controller.settings.rules import card_rules

    if given == "-":
        given = click.prompt("Card number", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    try:
        return parse_card(given.strip(), card_rules(settings.cards))
    except NotACard as error:
        raise click.ClickException(f"that is no card number of this branch: {error}") from error
