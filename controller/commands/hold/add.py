"""``unlocked hold add``: one person places a hold, at once, and is told what it came too late for."""

from __future__ import annotations

import secrets
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.came import came_to, marked_by
from controller.commands.hold.fate import OWNERS
from controller.commands.hold.words import CATEGORIES, LONGEST_REFERENCE, text_option
from controller.staff.account import account

if TYPE_CHECKING:
    from controller.core.hold import Category
    from controller.settings.model import Settings
    from controller.store.footage import FootageReader


@click.command("add", short_help="Place a hold.")
@text_option(
    "--authority", LONGEST_REFERENCE, required=True, help="Who asks: an organisation, no name of a person."
)
@text_option("--reference", LONGEST_REFERENCE, required=True, help="Their case.")
@click.option(
    "--category",
    "categories",
    type=click.Choice(CATEGORIES),
    multiple=True,
    default=("footage",),
    show_default=True,
    help="What is held; several times for a hold of each.",
)
@click.option("--from", "start", help='Such as "2026-11-21 18:00" (local), 45m, 12h, 7d.')
@click.option("--to", "end", default="0m", help="Likewise, not included.  [default: now]")
@click.option("--device", help="Only of this camera or door, by its id.  [default: all]")
@click.option("--event", "event_ids", multiple=True, metavar="ID", help="This event, or the clips of it.")
@click.option(
    "--review-days",
    type=click.IntRange(1, 90),
    help="When somebody looks at it again.  [default: of the policy profile, or 90]",
)
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each hold.")
@config_option
def add(
    authority: str,
    reference: str,
    categories: tuple[str, ...],
    start: str | None,
    end: str,
    device: str | None,
    event_ids: tuple[str, ...],
    review_days: int | None,
    as_json: bool,
    config: Path,
) -> None:
    """Place a hold. What it covers is not destroyed until some days after its end.

    Anybody who can run this may place one, with or without a role: it protects, and it may be urgent.
    ALREADY DISPOSED names what it came too late for, by certificate; the hold stands all the same. Exits with
    1 if it could not be written.
    """
    from controller.commands import when
    from controller.commands.hold.rules import hold_rules
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import UUID7, EventType, event_id
    from controller.core.hold import DAY_US, Category, Hold, Scope
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import Registers

    settings = load_settings(config)
    paths, local = Paths.of(settings), when.zone(settings)
    if start is None and not event_ids:
        raise click.UsageError("say what is held: --from a time, or an --event")
    if wrong := [text for text in event_ids if not UUID7.fullmatch(text)]:
        raise click.BadParameter(f"{wrong[0]} is no event's id; `unlocked log --json` shows them")
    days = review_days or hold_rules(settings, strict=False).review_days
    who = account()
    try:
        with staff_journal(settings) as journal, closing(FootageReader(paths.footage)) as footage:
            now_us = journal.now().wall_us
            start_us = end_us = 0  # a hold of events alone
            if start is not None:
                start_us, end_us = when.wall_us(start, local, now_us), when.wall_us(end, local, now_us)
                if start_us >= end_us:
                    raise click.BadParameter("the time of the hold ends before it starts")
            wanted = [Category(category) for category in dict.fromkeys(categories)]
            for category in wanted:
                if device is not None:
                    _check_device(settings, footage, category, device)
            placed = []
            for category in wanted:  # all of them before anything is waited for
                scope = Scope(
                    category, settings.branch.branch, device, start_us, end_us, frozenset(event_ids)
                )
                hold = Hold(
                    event_id(now_us, secrets.randbits(74)),
                    authority,
                    reference,
                    scope,
                    now_us,
                    now_us + days * DAY_US,
                    placed_by=who.user,
                )
                with closing(Registers.open(paths.registers, journal.reserve)) as registers:
                    registers.add_hold(hold)
                placed.append((hold, marked_by(hold, footage)))
                journal.record(
                    EventType.HOLD_ADDED,
                    device or category.value,
                    {
                        "hold": hold.id,
                        "category": category.value,
                        "start_us": start_us,
                        "end_us": end_us,
                        "events": len(event_ids),
                        "review_us": hold.review_us,
                        **who.data,
                    },
                )
            for hold, marked in placed:
                came = came_to(paths, footage, hold, marked)
                click.echo(came.as_json() if as_json else "\n".join(came.lines(local)))
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error


def _check_device(settings: Settings, footage: FootageReader, category: Category, device: str) -> None:
    """A misspelt device would make a hold that protects nothing. Raises click.BadParameter."""
    from controller.core.event import EventType
    from controller.core.hold import Category
    from controller.settings.paths import Paths
    from controller.store.journal_reader import JournalMissing, JournalReader

    ours = {*(camera.id for camera in settings.cameras), *(door.id for door in settings.doors)}
    match category:
        case Category.FOOTAGE:
            if device in {camera.id for camera in settings.cameras} or footage.segments(device, 0, 2**62):
                return
            raise click.BadParameter(f"there is no camera {device}, and no footage of one")
        case Category.ACCESS_EVENTS | Category.DEVICE_EVENTS:
            if device in ours:
                return
            for service in OWNERS[category]:
                with closing(JournalReader(Paths.of(settings).journal(service))) as journal:
                    try:
                        if journal.last(*EventType, subject=device) is not None:
                            return
                    except JournalMissing:
                        continue
            raise click.BadParameter(f"there is no camera or door {device}, and no event of one")
        case _:
            raise click.BadParameter(f"{category.value} are of no device; leave --device out")
