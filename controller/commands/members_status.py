"""``unlocked members status``: how many memberships there are, and how old."""

from __future__ import annotations

import json
from pathlib import Path

import click

from controller.commands.common import config_option, load_settings


@click.command("status", short_help="How many memberships, and how old.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def status(as_json: bool, config: Path) -> None:
    """Say how many memberships there are, from when, and whether the door believes them."""
    from controller.commands import when
    from controller.commands.staff_journal import now
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.members import Members
    from controller.store.pins import StoredPins

    settings = load_settings(config)
    members, stored = Members(Paths.of(settings).members), StoredPins(Paths.of(settings).members)
    try:
        found, lists, pins = members.current_set(), members.lists(), stored.count()
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    finally:
        members.close()
        stored.close()
    listed = {listing.value: count for listing, count in lists.items()}
    if not as_json and any(listed.values()):
        click.echo(", ".join(f"{count} cards {listing}" for listing, count in listed.items()))
    if found is None:
        words = "no memberships yet: import them with `unlocked members import FILE.csv`"
        click.echo(json.dumps({"members": 0, **listed}) if as_json else words)
        return
    age_h = (now(settings).wall_us - found.as_of_us) / 3_600_000_000
    limit_h = settings.membership.membership_max_age_h
    if as_json:
        told = {"members": found.count, "as_of_us": found.as_of_us, "key_id": found.key_id, **listed}
        told |= {"pins": pins, "age_h": round(age_h), "believed": age_h <= limit_h}
        click.echo(json.dumps(told))
        return
    as_of = when.shown(found.as_of_us, when.zone(settings))
    click.echo(f"{found.count} memberships, as of {as_of}, site key {found.key_id}")
    click.echo(f"{age_h:.0f} h old; believed for {limit_h} h: {'yes' if age_h <= limit_h else 'NO, STALE'}")
    if settings.pin.offline:
        limit_h = settings.pin.offline_max_age_h
        click.echo(f"{pins} PINs; believed for {limit_h} h: {'yes' if age_h <= limit_h else 'NO, TOO OLD'}")
