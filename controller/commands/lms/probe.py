"""``unlocked lms probe``: what a system returns for test cards, what is made of it, what is dangerous."""

from __future__ import annotations

import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.membership.probe.trial import CardsToTry, Probed, Question
    from controller.secrets.credentials import Secret
    from controller.settings.lms import Lms
    from controller.settings.model import Settings


@click.command("probe", short_help="Try the system with test cards.")
@click.option(
    "--cards",
    "cards_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A TOML file, mode 0600, with valid, pin, expired, blocked, unknown. Unset: they are asked for.",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def probe(cards_file: Path | None, as_json: bool, config: Path) -> None:
    """Ask the library management system of [lms] about test cards: what it returns, what the door would make
    of it, and what is dangerous about it. At the end are the settings to use.

    Give a valid card with its PIN, one that has expired, one that is blocked, and a number that nobody has;
    each may be left out. The valid card is also tried with a wrong PIN and an empty one, which counts as two
    failed log-ins. No card number, PIN or name is shown. That members' records were asked for is journalled,
    their cards sealed to the authority.

    Exit code 1: something is dangerous, or there was no answer.
    """
    from controller.commands.lms.cards import cards_to_try
    from controller.commands.lms.probe_page import as_data, as_text
    from controller.commands.lms.remedy import remedy
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.membership.lms.source import LmsUnavailable
    from controller.membership.sip2.dialect import BadDialect
    from controller.secrets.credentials import SecretMissing
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    if settings.lms is None:
        raise click.ClickException(f"{config}: lms: there is no system to ask; add [lms.sip2] or [lms.koha]")
    try:
        with staff_journal(settings, sealing=True) as journal:
            cards = cards_to_try(settings, cards_file)
            probed = _probed(settings, settings.lms, cards)
            for asked, card in cards.given().items():
                if probed.showed_record(asked):
                    private = {"card": card.reveal().encode()}
                    journal.record(EventType.MEMBERSHIP_SHOWN, "lms", {"known": True}, private=private)
    except LmsUnavailable as error:
        if as_json:
            click.echo(json.dumps({"reached": False, "trouble": error.trouble.value, "error": str(error)}))
            raise SystemExit(1) from None
        advice = remedy(settings.lms, error.trouble)
        raise click.ClickException(f"there is nothing to try: {error}\n{advice}") from error
    except (BadDialect, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(as_data(probed)) if as_json else as_text(probed))
    if probed.dangers:
        raise SystemExit(1)


def _probed(settings: Settings, lms: Lms, cards: CardsToTry) -> Probed:
    """With a bar on standard error, if that is a terminal. Raises what ``Trial.of`` does."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from controller.commands import when
    from controller.commands.staff_journal import now
    from controller.core.local_time import local_date
    from controller.membership.probe.judging import NAMED
    from controller.membership.probe.trial import Trial, questions_about
    from controller.secrets import credentials
    from controller.settings.paths import Paths

    def secret(name: str) -> Secret:
        return credentials.read(name, Paths.of(settings).secrets)

    def about_to_ask(question: Question) -> None:
        completed = next(asked_already)
        bar.update(task, completed=completed, description=f"asking about the {NAMED[question.asked]}")

    asked_already = count()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total}"),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    today, questions = local_date(now(settings).wall_us, when.zone(settings)), questions_about(cards)
    trial = Trial(lms, settings.access.minimum_age, today, secret, time.monotonic, about_to_ask)
    with bar:
        task = bar.add_task("connecting", total=len(questions))
        return trial.of(questions)
