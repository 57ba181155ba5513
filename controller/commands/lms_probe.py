"""``unlocked lms probe``: what a system returns for test cards, what is made of it, what is dangerous."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from datetime import date

    from controller.commands.lms_cards import CardsToTry
    from controller.commands.lms_probe_page import Probed
    from controller.core.card import CardNumber
    from controller.core.pin import Pin
    from controller.membership.probe.seen import Asked, Prober, Seen
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
    from controller.commands.lms_cards import cards_to_try
    from controller.commands.lms_probe_page import as_data, as_text
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.membership.lms.source import LmsUnavailable, Unknown
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
            for asked, card in _asked(cards).items():
                seen = next((seen for seen in probed.seen if seen.asked is asked), None)
                if seen is not None and not isinstance(seen.said, (Unknown, LmsUnavailable)):
                    private = {"card": card.reveal().encode()}
                    journal.record(EventType.MEMBERSHIP_SHOWN, "lms", {"known": True}, private=private)
    except LmsUnavailable as error:
        if as_json:
            click.echo(json.dumps({"reached": False, "trouble": error.trouble.value, "error": str(error)}))
            raise SystemExit(1) from None
        raise click.ClickException(f"there is nothing to try: {error}") from error
    except (BadDialect, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(as_data(probed)) if as_json else as_text(probed))
    if probed.dangers:
        raise SystemExit(1)


def _asked(cards: CardsToTry) -> dict[Asked, CardNumber]:
    """Each card that was given, with the question that shows its record."""
    from controller.membership.probe.seen import Asked

    given = {
        Asked.VALID: cards.valid,
        Asked.EXPIRED: cards.expired,
        Asked.BLOCKED: cards.blocked,
        Asked.UNKNOWN: cards.unknown,
    }
    return {asked: card for asked, card in given.items() if card is not None}


def _questions(cards: CardsToTry) -> list[tuple[Asked, CardNumber, Pin | None]]:
    from controller.membership.probe.seen import Asked

    found: list[tuple[Asked, CardNumber, Pin | None]] = []
    for asked, card in _asked(cards).items():
        found.append((asked, card, None))
        if asked is Asked.VALID:
            if cards.pin is not None and cards.wrong_pin is not None:
                # The right one last: in many systems it ends the count of wrong ones.
                found.append((Asked.WRONG_PIN, card, cards.wrong_pin))
            found.append((Asked.EMPTY_PIN, card, None))
            if cards.pin is not None:
                found.append((Asked.RIGHT_PIN, card, cards.pin))
    return found


def _probed(settings: Settings, lms: Lms, cards: CardsToTry) -> Probed:
    """Raises LmsUnavailable if there is no answer at all, BadDialect, SecretMissing."""
    from controller.commands import when
    from controller.commands.lms_probe_page import Probed
    from controller.commands.staff_journal import now
    from controller.core.local_time import local_date
    from controller.membership.probe.judging import Branch, dangers
    from controller.membership.probe.koha import KohaProber
    from controller.membership.probe.sip2 import Sip2Prober, changed
    from controller.secrets import credentials
    from controller.settings.paths import Paths
    from controller.settings.section import is_loopback

    def secret(name: str) -> Secret:
        return credentials.read(name, Paths.of(settings).secrets)

    today = local_date(now(settings).wall_us, when.zone(settings))
    minimum_age = settings.access.minimum_age
    if lms.sip2 is None:
        assert lms.koha is not None
        koha = KohaProber(lms, lms.koha, secret, time.monotonic)
        greeting, seen = _ask_all(koha, cards, today)
        branch = Branch(minimum_age)
        return Probed(lms.koha.url, greeting, seen, branch, today, dangers(seen, branch, today), (), lms, lms)
    sip2 = Sip2Prober(lms, lms.sip2, secret, time.monotonic)
    greeting, seen = _ask_all(sip2, cards, today)
    better = sip2.fitting(today, minimum_age)
    branch = Branch(
        minimum_age,
        plain=not (lms.sip2.uses_tls or is_loopback(lms.sip2.host)),
        checksum_error=sip2.checksum_error,
        dialect=lms.sip2.dialect,
        better_dialects=tuple(better),
    )
    found = dangers(seen, branch, today)
    lost = not better and any(danger.code in ("no_expiry", "bad_expiry") for danger in found)
    to_use = changed(
        lms.sip2,
        checksum=sip2.checksum,
        dialect=better[0] if better else None,
        expiry=sip2.expiry_found(today) if lost else None,
    )
    return Probed(
        f"{lms.sip2.host}:{lms.sip2.port}",
        greeting,
        seen,
        branch,
        today,
        found,
        sip2.dialect.doubts,
        lms,
        lms.model_copy(update={"sip2": to_use}),
    )


def _ask_all(prober: Prober, cards: CardsToTry, today: date) -> tuple[str, list[Seen]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from controller.membership.probe.judging import NAMED

    questions = _questions(cards)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total}"),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    try:
        with bar:
            task = bar.add_task("connecting", total=len(questions))
            greeting, seen = prober.begin(), []
            for asked, card, pin in questions:
                bar.update(task, description=f"asking about the {NAMED[asked]}")
                seen.append(prober.ask(asked, card, pin, today))
                bar.advance(task)
    finally:
        prober.close()
    return greeting, seen
