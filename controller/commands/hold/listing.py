"""``unlocked hold list``: which holds there are."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.words import as_json, what

if TYPE_CHECKING:
    from controller.core.hold import Hold


@click.command("list", short_help="List the holds.")
@click.option("--all", "ended_too", is_flag=True, help="Also those that have ended.")
@click.option("--json", "json_lines", is_flag=True, help="A line of JSON for each hold.")
@config_option
def list_holds(ended_too: bool, json_lines: bool, config: Path) -> None:
    """List the holds: id, what, by when it is to be looked at again, whose case.

    OVERDUE: nobody has looked at it again in time. It protects all the same.
    """
    from controller.commands import when
    from controller.commands.staff_journal import now
    from controller.core.proposal import Kind
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.registers import RegistersReader

    settings = load_settings(config)
    local, now_us = when.zone(settings), now(settings).wall_us
    try:
        with closing(RegistersReader(Paths.of(settings).registers)) as registers:
            holds, proposals = registers.holds(), registers.proposals()
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    ends = {one.about: one.proposed_by for one in proposals if one.open and one.kind is Kind.HOLD_END}
    shown = [hold for hold in holds if ended_too or hold.ended_us is None]
    if not shown:
        click.echo("there are no holds", err=True)
    for hold in shown:
        if json_lines:
            click.echo(json.dumps(as_json(hold, ends.get(hold.id))))
        else:
            state = _state(hold, ends.get(hold.id), now_us, local)
            click.echo(f"{hold.id}  {what(hold.scope, local)}  {state}  {hold.authority}, {hold.reference}")


def _state(hold: Hold, proposed_by: str | None, now_us: int, local: tzinfo) -> str:
    from controller.commands import when

    if hold.protected_until_us is not None:
        protects = "protected" if now_us >= hold.protected_until_us else "protects"
        until = when.shown(hold.protected_until_us, local)
        return f"ended {when.shown(hold.ended_us or 0, local)}, {protects} until {until}: {hold.end_reason}"
    overdue = " OVERDUE" if hold.review_us < now_us else ""
    waiting = f", {proposed_by} proposes to end it" if proposed_by else ""
    return f"review by {when.shown(hold.review_us, local)}{overdue}{waiting}"
