"""``unlocked restrict add``: from now on these events are only stored."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold import fate
from controller.commands.hold.words import LONGEST_REFERENCE, text_option
from controller.core.restriction import Ground
from controller.settings.staff import Role
from controller.staff import roles

if TYPE_CHECKING:
    from controller.core.hold import Category
    from controller.settings.paths import Paths

MAY = frozenset({Role.DPO, Role.SUPERVISOR})
"""Who restricts events and lifts that."""


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
    from controller.core.event import EventType, event_id
    from controller.core.restriction import Restriction
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import Registers

    wanted = _ids(event_ids, listed)
    settings = load_settings(config)
    paths = Paths.of(settings)
    try:
        with staff_journal(settings) as journal:
            now = journal.now()
            who = roles.check(settings, MAY, now, config)
            categories = _there(paths, wanted)
            restriction = Restriction(
                event_id(now.wall_us, secrets.randbits(74)),
                reference,
                Ground(ground),
                frozenset(wanted),
                now.wall_us,
                who.user,
            )
            with closing(Registers.open(paths.registers, journal.reserve)) as registers:
                registers.add_restriction(restriction)
            data = {
                "restriction": restriction.id,
                "ground": ground,
                "events": len(restriction.event_ids),
                **who.data,
            }
            journal.record(EventType.RESTRICTION_ADDED, "registers", data)
            # As with a hold: written first, then it is looked for what was being destroyed meanwhile.
            for category in categories:
                fate.finished(paths, category)
            gone = sorted(set(wanted) - set(_found(paths, wanted)))
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        told = {"restriction": restriction.id, "events": sorted(restriction.event_ids), "gone": gone}
        click.echo(json.dumps(told))
        return
    click.echo(f"restriction {restriction.id}; events: {len(restriction.event_ids)}")
    for event in gone:
        click.echo(f"ALREADY DISPOSED: event {event} was due, and was being destroyed")


def _ids(event_ids: Iterable[str], listed: Iterable[str] | None) -> list[str]:
    from controller.core.event import UUID7

    wanted = [*event_ids, *(line.strip() for line in listed or () if line.strip())]
    if not wanted:
        raise click.UsageError("say what is restricted: --event ID, or --events FILE")
    if wrong := [text for text in wanted if not UUID7.fullmatch(text)]:
        raise click.BadParameter(f"{wrong[0]} is no event's id; `unlocked log --json` shows them")
    return wanted


def _there(paths: Paths, wanted: Iterable[str]) -> set[Category]:
    """The categories of the events, all of which are there. Raises click.ClickException."""
    found = _found(paths, wanted)
    for event_id in wanted:
        if event_id not in found:
            raise click.ClickException(
                f"no journal has the event {event_id}; it is mistyped, or was disposed of when it was due"
            )
    return set(found.values())


def _found(paths: Paths, wanted: Iterable[str]) -> dict[str, Category]:
    from controller.keeping.edge_rules import CATEGORIES
    from controller.settings.paths import JOURNALS
    from controller.store.journal_reader import JournalMissing, JournalReader

    found: dict[str, Category] = {}
    for service in JOURNALS:
        with closing(JournalReader(paths.journal(service))) as journal:
            try:
                found |= {event_id: CATEGORIES[service] for event_id in wanted if journal.find(event_id)}
            except JournalMissing:
                continue
    return found
