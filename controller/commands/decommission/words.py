"""What is told before a branch is decommissioned: what would go, what stays, what stands in the way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo

import click

from controller.commands import when
from controller.core.decommission import Blocker, Cause, Part
from controller.core.event import Stamp
from controller.decommission import inventory
from controller.decommission.certificate import CALLED
from controller.decommission.inventory import Found
from controller.settings.model import Settings


def tell_plan(
    settings: Settings, found: Mapping[Part, Found], blocked: Sequence[Blocker], now: Stamp, *, as_json: bool
) -> None:

    local = when.zone(settings)
    stays = {what: str(file) for what, file in inventory.stays(settings).items()}
    if as_json:
        parts = {part.value: {"things": one.things, "bytes": one.size_bytes} for part, one in found.items()}
        standing = [
            {"cause": one.cause.value, "id": one.id, "count": one.count, "due_us": one.due_us}
            for one in blocked
        ]
        click.echo(json.dumps({"destroys": parts, "stays": stays, "blocked": standing}))
        return
    click.echo(f"It is {when.shown(now.wall_us, local)} by this machine's clock. To be destroyed:")
    for part, one in found.items():
        count = "not to be counted" if one.things is None else one.things
        click.echo(f"  {CALLED[part]}: {count} ({one.size_bytes / 1e6:.1f} MB)")
    click.echo("To stay:")
    for what, file in stays.items():
        click.echo(f"  {what}: {file}")
    for blocker in blocked:
        click.echo(f"IN THE WAY: {_said(blocker, local)}", err=True)


def _said(one: Blocker, local: tzinfo) -> str:
    until = f", until {when.shown(one.due_us, local)}" if one.due_us is not None else ""
    over = f"hand it over and say --handed-over {one.id}=REFERENCE"
    match one.cause:
        case Cause.CLOCK_UNTRUSTED:
            return "the clock is not set: nothing is destroyed by a time that cannot be believed; set it"
        case Cause.HELD:
            return f"the hold {one.id} is in force{until}: end it (`unlocked hold end`), or {over}"
        case Cause.RESTRICTED:
            return f"the restriction {one.id} is in force: lift it (`unlocked restrict lift`), or {over}"
        case Cause.PROTECTION_LOST:
            return f"the register has lost {one.id}: restore it from a backup, or {over}"
        case Cause.FOOTAGE_NOT_DUE:
            return f"the newest footage is not due{until}: wait, or {over}"
        case Cause.FOOTAGE_UNDATED:
            return f"nobody knows how old {one.count} files of footage are: {over}"
        case Cause.FOOTAGE_MISSING:
            return (
                f"{one.count} files of footage are not there: mount their disk, or, if they are lost, {over}"
            )
