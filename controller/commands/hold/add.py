"""``unlocked hold add``: one person places a hold, at once, and is told what it came too late for."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.words import CATEGORIES, LONGEST_REFERENCE, text_option
from controller.staff.account import account


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
    from controller.commands.hold.came import as_json as told
    from controller.commands.hold.came import lines
    from controller.commands.staff_journal import staff_journal
    from controller.core.hold import Category
    from controller.settings.paths import Paths
    from controller.staff.desk import desk
    from controller.staff.holds.came import came_to
    from controller.staff.holds.placing import Field, Unclear, Wanted, place
    from controller.staff.holds.rules import hold_rules
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    paths, local = Paths.of(settings), when.zone(settings)
    if start is None and not event_ids:
        raise click.UsageError("say what is held: --from a time, or an --event")
    wanted = Wanted(
        authority,
        reference,
        [Category(category) for category in categories],
        device,
        start_us=0,
        end_us=0,
        event_ids=frozenset(event_ids),
        review_days=review_days or hold_rules(settings, strict=False).review_days,
    )
    try:
        with staff_journal(settings) as journal, desk(paths, journal, account()) as at:
            if start is not None:
                start_us, end_us = (when.wall_us(text, local, at.now.wall_us) for text in (start, end))
                if start_us == end_us:
                    raise click.BadParameter("the time of the hold ends before it starts")
                wanted = replace(wanted, start_us=start_us, end_us=end_us)
            placed = place(at, settings, wanted)
        with closing(FootageReader(paths.footage)) as footage:
            for one in placed:  # all were placed before anything is waited for
                came = came_to(paths, footage, one.hold, one.marked)
                click.echo(told(came) if as_json else "\n".join(lines(came, local)))
    except Unclear as error:
        hint = "; `unlocked log --json` shows them" if error.field is Field.EVENTS else ""
        raise click.BadParameter(f"{error}{hint}") from error
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
