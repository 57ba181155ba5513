"""The parts in their order, what was answered at the end, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from controller.commands.setup import writing
from controller.commands.setup.answers import Answers, complete
from controller.commands.setup.doing import POLICY_FILE
from controller.commands.setup.guided import backups, branch, doors, people, summary, systems
from controller.commands.setup.guided.conversation import Conversation, Table, yes
from controller.settings.toml_file import SettingsError


@dataclass(frozen=True, slots=True)
class Part:
    """told: what was answered, in a line."""

    name: str
    title: str
    ask: Callable[[Conversation], None]
    told: Callable[[Table], str]


PARTS = (
    Part("branch", "The branch", branch.names, summary.of_branch),
    Part("hours", "Hours", branch.hours, summary.of_hours),
    Part("policy", "Policy profile", branch.promises, summary.of_policy),
    Part("doors", "Doors", doors.doors, summary.of_doors),
    Part("building", "The building", doors.building, summary.of_building),
    Part("cameras", "Cameras", systems.cameras, summary.of_cameras),
    Part("broker", "Broker", systems.broker, summary.of_broker),
    Part("library", "Library management system", systems.library, summary.of_library),
    Part("backups", "Backups", backups.backups, summary.of_backups),
    Part("key", "Key of the authority", people.authority_key, summary.of_key),
    Part("account", "First account", people.account, summary.of_account),
)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is to be done. found: as answered. text: of the settings file. progress: removed at the end."""

    answers: Answers
    found: Table
    text: str
    progress: Path


def guide(config: Path) -> Agreed:
    """Ask until all is answered and agreed to. Raises SettingsError and click.Abort."""
    asked = Conversation(config)
    _welcome(asked, config)
    asked.save()  # so that whoever may not keep answers is told before the first question
    try:
        return _agreed(asked, config)
    except click.Abort:
        click.echo(f"\nWhat was answered is in {asked.file}; the same command goes on from there.")
        raise


def _agreed(asked: Conversation, config: Path) -> Agreed:
    while True:
        for number, part in enumerate(PARTS, start=1):
            if not asked.was_asked(part.name):
                click.secho(f"\n{number}/{len(PARTS)}  {part.title}", bold=True)
                part.ask(asked)
                asked.went_through(part.name)
        agreed = _complete(asked, config)
        again = _reviewed(asked.found, agreed is not None)
        if again is not None:
            asked.ask_again(again)
        elif agreed is not None and _may_replace(config, agreed.text):
            return agreed


def _welcome(asked: Conversation, config: Path) -> None:
    click.echo(
        "Each answer is kept at once: Ctrl-C ends, and the same command goes on. Enter takes [the default]."
    )
    if asked.begun:
        click.echo(f"Going on with {asked.file}.")
    elif config.exists():
        click.echo(f"{config} is there: what it says is the default.")


def _complete(asked: Conversation, config: Path) -> Agreed | None:
    try:
        answers = complete(asked.found, asked.file, config.parent / POLICY_FILE, asking=True)
    except SettingsError as error:
        click.echo("\nThat is not complete yet:")
        for fault in error.faults:
            click.secho(f"  {fault}", fg="red")
        return None
    return Agreed(answers, asked.found, writing.text_of(answers), asked.file)


def _reviewed(found: Table, right: bool) -> str | None:
    """The part that is to be asked again, if any."""
    click.echo("")
    for number, part in enumerate(PARTS, start=1):
        click.echo(f"{number:3}. {part.title}: {part.told(found)}")
    words = (
        "Which part to go through again (0: none, write the settings)"
        if right
        else "Which part is to be corrected"
    )
    chosen = click.prompt(
        words, type=click.IntRange(0 if right else 1, len(PARTS)), default=0 if right else None
    )
    return PARTS[chosen - 1].name if chosen else None


def _may_replace(config: Path, text: str) -> bool:
    if not writing.differs(config, text):
        return True
    return yes(
        f"{config} is there and says something else. Replace it, and keep it as {writing.former(config)}",
        default=True,
    )
