"""``unlocked members status``: how many memberships there are, who told them, and how old they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.event import JsonValue
    from controller.settings.model import Settings
    from controller.store.members_view import Counts

HOUR_US = 3_600_000_000


@click.command("status", short_help="How many memberships, and how old.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def status(as_json: bool, config: Path) -> None:
    """Say how many memberships there are, from when, and whether the door believes them.

    Counts only: those that were imported, those that the library management system told since when it was
    asked about a card, and how many there are of each category.
    """
    from controller.commands.staff_journal import now
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.members_view import MembersView

    settings = load_settings(config)
    view = MembersView(Paths.of(settings).members)
    now_us = now(settings).wall_us
    try:
        counts = view.counts(now_us)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    finally:
        view.close()
    if as_json:
        click.echo(json.dumps(_data(counts, settings, now_us)))
        return
    for line in _lines(counts, settings, now_us):
        click.echo(line)


def _data(counts: Counts, settings: Settings, now_us: int) -> dict[str, JsonValue]:
    current, live = counts.current, counts.live
    told: dict[str, JsonValue] = {"members": current.count if current else 0}
    if current is not None:
        age_us = now_us - current.as_of_us
        told |= {
            "as_of_us": current.as_of_us,
            "key_id": current.key_id,
            "age_h": round(age_us / HOUR_US),
            "believed": age_us <= settings.membership.max_age_us,
        }
    return told | {
        "categories": dict(counts.categories),
        "live": {
            "under_an_hour": live.under_an_hour,
            "under_a_day": live.under_a_day,
            "older": live.older,
            "gone": live.gone,
        },
        "pins": counts.pins.imported,
        "pins_verified": counts.pins.verified,
        **{listing.value: count for listing, count in counts.lists.items()},
    }


def _lines(counts: Counts, settings: Settings, now_us: int) -> Iterator[str]:
    from controller.commands import when

    current, live, limit_h = counts.current, counts.live, settings.membership.membership_max_age_h
    if any(counts.lists.values()):
        yield ", ".join(f"{count} cards {listing.value}" for listing, count in counts.lists.items())
    if current is None:
        yield "no memberships yet: import them with `unlocked members import FILE.csv`"
    else:
        as_of = when.shown(current.as_of_us, when.zone(settings))
        yield f"{current.count} memberships, as of {as_of}, site key {current.key_id}"
        yield _age(now_us - current.as_of_us, limit_h, "STALE")
    if live.memberships or live.gone:
        yield (
            f"{live.memberships} live answers that are newer: {live.under_an_hour} under an hour old, "
            f"{live.under_a_day} under a day, {live.older} older"
        )
    if live.gone:
        yield f"{live.gone} cards that the library management system has no more"
    if counts.categories:
        each = (f"{name or '(none)'} {count}" for name, count in counts.categories.items())
        yield f"in all, by category: {', '.join(each)}"
    if settings.pin.offline:
        yield from _pins(counts, settings.pin.offline_max_age_h, now_us)


def _pins(counts: Counts, limit_h: int, now_us: int) -> Iterator[str]:
    pins = counts.pins
    as_of_us = now_us if pins.as_of_us is None else pins.as_of_us
    yield f"{pins.imported} PINs imported; {_age(now_us - as_of_us, limit_h, 'TOO OLD')}"
    if pins.verified:
        yield f"{pins.verified} PINs found right since; each believed for {limit_h} h from then"


def _age(age_us: int, limit_h: int, too_old: str) -> str:
    believed = "yes" if age_us <= limit_h * HOUR_US else f"NO, {too_old}"
    return f"{age_us / HOUR_US:.0f} h old; believed for {limit_h} h: {believed}"
