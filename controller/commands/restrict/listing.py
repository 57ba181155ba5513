"""``unlocked restrict list``: which restrictions there are."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.restriction import Restriction


@click.command("list", short_help="List the restrictions.")
@click.option("--all", "lifted_too", is_flag=True, help="Also those that were lifted.")
@click.option("--json", "json_lines", is_flag=True, help="A line of JSON for each, with its events.")
@config_option
def list_restrictions(lifted_too: bool, json_lines: bool, config: Path) -> None:
    """List the restrictions: id, how many events, ground, state, whose request."""
    from controller.commands import when
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.registers import RegistersReader

    settings = load_settings(config)
    local = when.zone(settings)
    try:
        with closing(RegistersReader(Paths.of(settings).registers)) as registers:
            restrictions = registers.restrictions()
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    shown = [one for one in restrictions if lifted_too or one.in_force]
    if not shown:
        click.echo("there are no restrictions", err=True)
    for one in shown:
        if json_lines:
            click.echo(json.dumps(_as_json(one)))
        else:
            events = f"events: {len(one.event_ids)}"
            click.echo(f"{one.id}  {events}  {one.ground.value}  {_state(one, local)}  {one.reference}")


def _state(one: Restriction, local: tzinfo) -> str:
    from controller.commands import when

    if one.lifted_us is not None:
        return f"lifted {when.shown(one.lifted_us, local)}: {one.lift_reason}"
    since = f"since {when.shown(one.placed_us, local)}"
    if one.informed_us is None:
        return f"{since}, subject not told yet"
    return f"{since}, subject told {when.shown(one.informed_us, local)}: may be lifted"


def _as_json(one: Restriction) -> dict[str, object]:
    return {
        "id": one.id,
        "reference": one.reference,
        "ground": one.ground.value,
        "events": sorted(one.event_ids),
        "placed_us": one.placed_us,
        "placed_by": one.placed_by,
        "informed_us": one.informed_us,
        "informed_by": one.informed_by,
        "informed_how": one.informed_how,
        "lifted_us": one.lifted_us,
        "lifted_by": one.lifted_by,
        "lift_reason": one.lift_reason,
    }
