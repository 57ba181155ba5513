"""``unlocked hold review``: it has been looked at again, and stays."""

from __future__ import annotations

import json
from pathlib import Path

import click

from controller.commands.common import config_option, load_settings


@click.command("review", short_help="Note that a hold was looked at again, and stays.")
@click.argument("hold_id", metavar="ID")
@click.option(
    "--review-days",
    type=click.IntRange(1, 90),
    help="How long until it is looked at again.  [default: of the policy profile, or 90]",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@config_option
def review(hold_id: str, review_days: int | None, as_json: bool, config: Path) -> None:
    """Note that the hold ID was looked at again and is still needed.

    For a supervisor whose training is in date, or the data protection officer ([[staff]] in branch.toml).
    A proposal to end it is withdrawn. Exits with 1 if it is not in force, or if you may not.
    """
    from controller.commands import when
    from controller.commands.staff_journal import staff_journal
    from controller.settings.paths import Paths
    from controller.staff import roles
    from controller.staff.desk import desk
    from controller.staff.holds import ending
    from controller.staff.holds.rules import hold_rules
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import NotInForce

    settings = load_settings(config)
    days = review_days or hold_rules(settings, strict=False).review_days
    try:
        with staff_journal(settings) as journal:
            who = roles.check(settings, ending.MAY_REVIEW, journal.now(), config)
            with desk(Paths.of(settings), journal, who) as at:
                review_us = ending.review(at, hold_id, days)
    except (DatabaseUnusable, JournalUnavailable, NotInForce) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"id": hold_id, "review_us": review_us, "reviewed_by": who.user}))
    else:
        again = when.shown(review_us, when.zone(settings))
        click.echo(f"hold {hold_id} stays, to be looked at again by {again}")
