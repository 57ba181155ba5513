"""``unlocked restrict inform`` and ``lift``: the subject is told first, and then a restriction can end."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.words import LONGEST_REASON, text_option
from controller.commands.restrict.add import MAY
from controller.core.event import EventType, JsonValue
from controller.core.restriction import Means
from controller.staff import roles
from controller.staff.lost import lost

if TYPE_CHECKING:
    from controller.staff.account import Account
    from controller.store.registers import Registers

Act = Callable[["Registers", int, "Account"], dict[str, JsonValue]]
"""What is done in the registers at a time by somebody; what the event says of it."""


@click.command("inform", short_help="Note that the subject was told that a restriction will be lifted.")
@click.argument("restriction_id", metavar="ID")
@click.option("--how", type=click.Choice([means.value for means in Means]), required=True, help="How.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@config_option
def inform(restriction_id: str, how: str, as_json: bool, config: Path) -> None:
    """Note that the subject of the restriction ID was told that it will be lifted.

    For the data protection officer, or a supervisor whose training is in date. Exits with 1 if you may not,
    or if there is no such restriction whose subject is still to be told.
    """

    def act(registers: Registers, now_us: int, who: Account) -> dict[str, JsonValue]:
        registers.subject_informed(restriction_id, now_us, Means(how), by=who.user)
        return {"how": how}

    _do(config, restriction_id, EventType.RESTRICTION_SUBJECT_INFORMED, act)
    if as_json:
        click.echo(json.dumps({"id": restriction_id, "informed_how": how}))
    else:
        click.echo(f"noted; lift it with `unlocked restrict lift {restriction_id} --reason …`")


@click.command("lift", short_help="Lift a restriction, once the subject was told.")
@click.argument("restriction_id", metavar="ID")
@text_option("--reason", LONGEST_REASON, required=True, help="Why; no names.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@config_option
def lift(restriction_id: str, reason: str, as_json: bool, config: Path) -> None:
    """Lift the restriction ID: its events are shown again, and fall due as others do, perhaps at once.

    For the data protection officer, or a supervisor whose training is in date. Exits with 1 if you may not,
    or if nobody has noted that the subject was told (`unlocked restrict inform`). Also for a restriction that
    the register has lost: until it is lifted or restored, nothing is destroyed.
    """

    def act(registers: Registers, now_us: int, who: Account) -> dict[str, JsonValue]:
        registers.lift_restriction(restriction_id, now_us, reason, by=who.user)
        return {}

    _do(config, restriction_id, EventType.RESTRICTION_LIFTED, act)
    if as_json:
        click.echo(json.dumps({"id": restriction_id, "lifted": True}))
    else:
        click.echo(f"restriction {restriction_id} lifted")


def _do(config: Path, restriction_id: str, type: EventType, act: Act) -> None:
    """By somebody who may, journalled."""
    from controller.commands.staff_journal import staff_journal
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import NotInForce, Registers

    settings = load_settings(config)
    paths = Paths.of(settings)
    try:
        with (
            staff_journal(settings) as journal,
            closing(Registers.open(paths.registers, journal.reserve)) as registers,
        ):
            now = journal.now()
            who = roles.check(settings, MAY, now, config)
            try:
                said = act(registers, now.wall_us, who)
            except NotInForce:
                if type is not EventType.RESTRICTION_LIFTED or not lost(paths, registers, restriction_id):
                    raise
                said = {}
            journal.record(type, "registers", {"restriction": restriction_id, **said, **who.data})
    except (DatabaseUnusable, JournalUnavailable, NotInForce) as error:
        raise click.ClickException(str(error)) from error
