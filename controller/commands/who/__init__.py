"""``unlocked who``: name a member from an event, or find a card's events. A file a command."""

from __future__ import annotations

import click

from controller.commands.who.approve import approve
from controller.commands.who.card import card
from controller.commands.who.event import event


@click.group("who")
def command() -> None:
    """Name the member of an event, or find the events of a card, with the authority's key."""


for who_command in (event, card, approve):
    command.add_command(who_command)
