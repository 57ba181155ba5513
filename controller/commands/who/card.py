"""``unlocked who card``: where and when a card was used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands import when
from controller.commands.common import config_option, load_settings
from controller.commands.progress import progress
from controller.commands.who.bringing import case, keys, wait_for_approval, who_options

if TYPE_CHECKING:
    from datetime import tzinfo

    from controller.settings.model import Settings
    from controller.staff.naming.case import Case
    from controller.staff.naming.keys import Keys
    from controller.staff.naming.search import Found


@click.command("card", short_help="Where and when a card was used.")
@click.option("--from", "start", help='Such as "2026-11-21 18:00" (local), 45m, 12h, 7d.')
@click.option("--to", "end", default="0m", help="Likewise, not included.  [default: now]")
@who_options
@config_option
def card(
    start: str | None,
    end: str,
    key_files: tuple[Path, ...],
    passphrase_file: Path | None,
    reason: str,
    need: str,
    approved: str | None,
    as_json: bool,
    config: Path,
) -> None:
    """Open every sealed card of a time, and show the events of one card.

    Asks for the card number, or reads it from standard input. For a supervisor whose training is in date,
    with the authority's key file and its passphrase. What was opened, and why, is journalled before anything
    is shown; the card too, sealed to the authority. Exits with 1 if some could not be opened, and with 3 if
    somebody must approve it first.
    """
    from controller.commands.card_input import card_number
    from controller.core.naming import Reason, Wanted
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    local = when.zone(settings)
    start_us, end_us = _range(settings, start, end, approved)
    wanted = Wanted(Reason(reason), need, None, start_us, end_us)
    number = card_number(settings).reveal().encode()
    try:
        with case(settings, config, wanted, approved) as asking:
            wait_for_approval(asking, number)
            found = _search(asking, keys(asking, key_files, passphrase_file), number)
    except (DatabaseUnusable, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    _show(found, local, as_json=as_json)
    if found.unreadable or found.cancelled:
        raise SystemExit(1)


def _range(settings: Settings, start: str | None, end: str, approved: str | None) -> tuple[int, int]:
    """From when to before when. What was approved has its own: "12h" was longer ago then."""
    from controller.commands.staff_journal import now
    from controller.staff.naming.case import asked

    if (start is None) == (approved is None):
        raise click.UsageError("say --from which time; with --approved, the time is that which was asked for")
    if approved is not None:
        ask, _ = asked(settings, approved)
        found = {} if ask is None else ask.data
        start_us, end_us = found.get("start_us"), found.get("end_us")
        return (start_us, end_us) if isinstance(start_us, int) and isinstance(end_us, int) else (0, 0)
    assert start is not None
    local, now_us = when.zone(settings), now(settings).wall_us
    start_us, end_us = when.wall_us(start, local, now_us), when.wall_us(end, local, now_us)
    if start_us >= end_us:
        raise click.BadParameter("the time ends before it starts")
    return start_us, end_us


def _search(asking: Case, brought: Keys, number: bytes) -> Found:
    """Ctrl+C ends it, and that is journalled with how far it came."""
    from controller.staff.naming.search import search

    with progress() as bar:
        task = bar.add_task("sealed cards", total=None)

        def tell(tried: int, total: int) -> bool:
            bar.update(task, completed=tried, total=total)
            return True

        return search(asking, brought, number, tell)


def _show(found: Found, local: tzinfo, *, as_json: bool) -> None:
    for service, happened in found.matching:
        if as_json:
            told = {
                "event": happened.id,
                "journal": service,
                "type": happened.type.value,
                "subject": happened.subject,
                "wall_us": happened.stamp.wall_us,
                "clock_trusted": happened.stamp.clock_trusted,
            }
            click.echo(json.dumps(told))
        else:
            at = when.shown(happened.stamp.wall_us, local)
            doubtful = "" if happened.stamp.clock_trusted else " (clock not set)"
            click.echo(f"{at}{doubtful}  {happened.type.value:20} {happened.subject:12} {happened.id}")
    opened = found.boxes - found.unreadable
    click.echo(
        f"{opened} of {found.boxes} sealed cards opened, {len(found.matching)} of them this one", err=True
    )
    for key_id, count in found.missing_keys.items():
        click.echo(f"{count} are sealed to the key {key_id}, which was not brought", err=True)
    if found.hidden:
        click.echo(f"{found.hidden} more are restricted, and not shown", err=True)
    if found.changed:
        click.echo(f"{found.changed} do not open in their place: verify the journals", err=True)
