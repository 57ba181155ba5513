"""``unlocked restrict add``: from now on these events are only stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.words import LONGEST_REFERENCE, text_option
from controller.core.restriction import Ground


@click.command("add", short_help="Restrict events.")
@click.option(
    "--event", "event_ids", multiple=True, metavar="ID", help="The event; may be given several times."
)
@click.option(
    "--events", "listed", type=click.File(), metavar="FILE", help="Their ids, a line each; - for the input."
)
@text_option("--reference", LONGEST_REFERENCE, required=True, help="Of the request; no names.")
@click.option(
    "--ground",
    type=click.Choice([ground.value for ground in Ground]),
    required=True,
    help="Why it is owed: UK GDPR, article 18(1)(a) to (d), in this order.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@config_option
def add(
    event_ids: tuple[str, ...],
    listed: IO[str] | None,
    reference: str,
    ground: str,
    as_json: bool,
    config: Path,
) -> None:
    """Restrict events: they, what belongs to them and their clips are neither shown nor destroyed.

    For the data protection officer, or a supervisor whose training is in date ([[staff]] in branch.toml).
    Exits with 1 if you may not, or if an event is not there.
    """
    from controller.commands.staff_journal import staff_journal
    from controller.settings.paths import Paths
    from controller.staff import restrictions, roles
    from controller.staff.desk import desk
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    wanted = _ids(event_ids, listed)
    settings = load_settings(config)
    try:
        with staff_journal(settings) as journal:
            who = roles.check(settings, restrictions.MAY, journal.now(), config)
            with desk(Paths.of(settings), journal, who) as at:
                placed = restrictions.restrict(at, wanted, reference, Ground(ground))
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    restriction, gone = placed.restriction, placed.gone
    if as_json:
        told = {"restriction": restriction.id, "events": sorted(restriction.event_ids), "gone": gone}
        click.echo(json.dumps(told))
        return
    click.echo(f"restriction {restriction.id}; events: {len(restriction.event_ids)}")
    for event in gone:
        click.echo(f"ALREADY DISPOSED: event {event} was due, and was being destroyed")


def _ids(event_ids: Iterable[str], listed: Iterable[str] | None) -> list[str]:
    from controller.staff.restrictions import NoSuchEvent, check_ids

    wanted = [*event_ids, *(line.strip() for line in listed or () if line.strip())]
    if not wanted:
        raise click.UsageError("say what is restricted: --event ID, or --events FILE")
    try:
        check_ids(wanted)
    except NoSuchEvent as error:
        raise click.BadParameter(f"{error}; `unlocked log --json` shows them") from error
    return wanted
