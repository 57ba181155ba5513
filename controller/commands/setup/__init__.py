"""``unlocked setup``: a branch set up, from answers in a file or asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import SettingsUnusable, config_option
from controller.commands.secrets import units_option

if TYPE_CHECKING:
    from controller.commands.setup.answers import Answers


@click.command("setup")
@click.option(
    "--answers",
    "answers_files",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Ask nothing: the answers are in this TOML file. Of several files the last counts.",
)
@click.option(
    "--save-answers",
    "save_to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the answers there, for the next branch.",
)
@click.option("--replace", is_flag=True, help="Replace settings that are there; they are kept beside them.")
@units_option
@config_option
def command(
    answers_files: tuple[Path, ...], save_to: Path | None, replace: bool, units: Path, config: Path
) -> None:
    """Set up a branch: its settings, its keys, its secrets and the first account of the staff pages.

    Without --answers it asks, part by part, and tries readers, relays, contacts, cameras and the broker on
    the way. Each answer is kept at once: whoever ends it goes on with the same command.

    With --answers nothing is asked or tried, and all that is missing is told at once, before anything is
    done. What is done already is left as it is, so that the same command may be given again.
    """
    from controller.commands.setup import writing
    from controller.commands.setup.afterwards import show_findings, start, try_the_rest
    from controller.commands.setup.answers import complete, read
    from controller.commands.setup.doing import POLICY_FILE, do
    from controller.commands.setup.guided.guide import guide
    from controller.settings.toml_file import SettingsError
    from controller.settings.toml_text import document

    config = config.absolute()
    progress, started = None, False
    try:
        if answers_files:
            found = read(answers_files)
            source = Path(" + ".join(map(str, answers_files)))
            answers = complete(found, source, config.parent / POLICY_FILE)
            text = writing.text_of(answers)
            if not replace:
                writing.refuse_another(config, text)
        else:
            agreed = guide(config)
            answers, found, text, progress = agreed.answers, agreed.found, agreed.text, agreed.progress
        if save_to is not None:
            writing.put(save_to, document(found), 0o600)
        do(answers, config, text, units)
        if progress is not None:
            progress.unlink(missing_ok=True)
            try_the_rest(answers.branch, config)
            started = start(answers.branch)
    except SettingsError as error:
        raise SettingsUnusable(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    show_findings(config)
    _tell_what_is_left(answers, config, started=started)


def _tell_what_is_left(answers: Answers, config: Path, *, started: bool) -> None:
    from controller.commands.setup.next_steps import next_steps

    click.echo("\nWhat is left to do:")
    for number, step in enumerate(next_steps(answers.branch, config, started=started), start=1):
        click.echo(f"{number:3}. {step}")
