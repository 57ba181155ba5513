"""``unlocked restrict inform`` and ``lift``: the subject is told first, and then a restriction can end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.words import LONGEST_REASON, text_option
from controller.core.restriction import Means

if TYPE_CHECKING:
    from controller.staff.desk import Desk

Act = Callable[["Desk"], None]


@click.command("inform", short_help="Note that the subject was told that a restriction will be lifted.")
@click.argument("restriction_id", metavar="ID")
@click.option("--how", type=click.Choice([means.value for means in Means]), required=True, help="How.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@config_option
def inform_subject(restriction_id: str, how: str, as_json: bool, config: Path) -> None:
    """Note that the subject of the restriction ID was told that it will be lifted.

    For the data protection officer, or a supervisor whose training is in date. Exits with 1 if you may not,
    or if there is no such restriction whose subject is still to be told.
    """

    from controller.staff.restrictions import inform

    _do(config, lambda at: inform(at, restriction_id, Means(how)))
    if as_json:
        click.echo(json.dumps({"id": restriction_id, "informed_how": how}))
    else:
        click.echo(f"noted; lift it with `unlocked restrict lift {restriction_id} --reason …`")


@click.command("lift", short_help="Lift a restriction, once the subject was told.")
@click.argument("restriction_id", metavar="ID")
@text_option("--reason", LONGEST_REASON, required=True, help="Why; no names.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@config_option
def lift_restriction(restriction_id: str, reason: str, as_json: bool, config: Path) -> None:
    """Lift the restriction ID: its events are shown again, and fall due as others do, perhaps at once.

    For the data protection officer, or a supervisor whose training is in date. Exits with 1 if you may not,
    or if nobody has noted that the subject was told (`unlocked restrict inform`). Also for a restriction that
    the register has lost: until it is lifted or restored, nothing is destroyed.
    """

    from controller.staff.restrictions import lift

    _do(config, lambda at: lift(at, restriction_id, reason))
    if as_json:
        click.echo(json.dumps({"id": restriction_id, "lifted": True}))
    else:
        click.echo(f"restriction {restriction_id} lifted")


def _do(config: Path, act: Act) -> None:
    """By somebody who may, journalled."""
    from controller.commands.staff_journal import staff_journal
    from controller.settings.paths import Paths
    from controller.staff import restrictions, roles
    from controller.staff.desk import desk
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import NotInForce

    settings = load_settings(config)
    try:
        with staff_journal(settings) as journal:
            who = roles.check(settings, restrictions.MAY, journal.now(), config)
            with desk(Paths.of(settings), journal, who) as at:
                act(at)
    except (DatabaseUnusable, JournalUnavailable, NotInForce) as error:
        raise click.ClickException(str(error)) from error
