"""The command ``unlocked``: a noun, then what to do with it.

Here: the list of nouns. Each is a module in this folder, or a folder of them, with a click command called
``command``, imported only when it is the one asked for, so that starting the door does not load the
recorder's libraries.
"""

from __future__ import annotations

import importlib

import click

from controller.staff.refusal import Refused

NOUNS = {
    "setup": "Set up a branch, asked step by step or from a file of answers.",
    "init": "Make the keys of a new branch.",
    "secrets": "Show and encrypt the keys and passwords, and hand them to the services.",
    "check": "Check a settings file.",
    "policy": "Check and show what is promised, and explain when what is destroyed.",
    "notice": "Make the privacy notice, say that it is published, check that it is true.",
    "members": "Import memberships, show how old they are, block and allow cards.",
    "lms": "Try the library management system with test cards, and see whether it answers.",
    "explain": "Say why a card is let in or refused.",
    "log": "Show what happened.",
    "journal": "Verify the journals, and show what others need for it.",
    "hold": "Protect what falls due from being destroyed, and end that.",
    "backup": "Copy what the branch cannot make again, encrypted to the authority.",
    "restore": "Bring back what a backup has, and nothing that was destroyed since.",
    "who": "Name the member of an event, or find a card's events, with the authority's key.",
    "key": "Show, change and restore the authority's key.",
    "restrict": "Hide events that are only to be stored, and lift that.",
    "doctor": "Look at every part of the branch, and say what is wrong and what to do.",
    "decommission": "Destroy what the branch keeps when it closes, and certify it.",
    "assure": "Say of each promise of the privacy notice whether it is kept.",
    "clip": "List, show and export clips, and verify exports.",
    "camera": "Show the cameras and what they see, to set them up.",
    "door": "Run the door, or ask and command the one that runs.",
    "reader": "Watch what the card reader sends, to choose its format.",
    "recorder": "Run the recorder of the cameras.",
    "membership": "Run the keeper of the memberships.",
    "console": "Run the keeper of what staff do.",
    "staff": "Add accounts of the staff pages, change their roles, give passwords.",
    "uplink": "Run the link to the MQTT broker, or send events again.",
    "run": "Run all services and watch over them.",
}
"""Noun to its line in the help, which is written here so that help imports none of them."""


class Nouns(click.Group):
    """A group whose commands are modules."""

    def invoke(self, ctx: click.Context) -> object:
        """What staff are refused is told in a line, like other faults."""
        try:
            return super().invoke(ctx)
        except Refused as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click calls it so
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click calls it so
        if cmd_name not in NOUNS:
            return None
        command = importlib.import_module(f"controller.commands.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"controller.commands.{cmd_name}.command is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click calls it so
        with formatter.section("Nouns"):
            formatter.write_dl(list(NOUNS.items()))


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="libraries-unlocked", prog_name="unlocked")
def main() -> None:
    """The controller of a library branch that is open while no staff are in it."""
