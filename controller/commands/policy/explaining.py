"""``unlocked policy explain``: when is what destroyed, by which rule, and which sentence says so?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from controller.commands.common import config_option
from controller.commands.policy.which import Found, find, profile_option

if TYPE_CHECKING:
    from controller.core.retention.rules import Trigger
    from controller.settings.policy.answer import Told
    from controller.settings.policy.categories import CategoryRule
    from controller.settings.policy.profile import Profile

ALL = "all"


@click.command("explain")
@click.argument("category")
@click.argument("when", metavar="DATE")
@click.option("--to", "end", metavar="TIME", help="The end of what began at DATE, such as a film.")
@click.option("--ceiling-date", metavar="DATE", help="What the ceiling counts from, if that is another day.")
@click.option("--footage-days", type=int, help="Another figure than the branch's own.")
@profile_option
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def explain(
    category: str,
    when: str,
    end: str | None,
    ceiling_date: str | None,
    footage_days: int | None,
    named: str | None,
    as_json: bool,
    config: Path,
) -> None:
    """Say when something in CATEGORY is destroyed, by which rule, and which sentence says so.

    CATEGORY "all" is each of them in brief, as if what it counts from had happened on that day.

    DATE is what the category counts from: for a borrower who left, the day on which the membership was
    terminated. It is local, such as 2026-11-21 or, for footage, "2026-11-21 18:00".
    """
    from controller.commands.policy.explanation import as_data, in_brief, in_words

    found = find(named, config)
    profile, zone = found.profile, found.zone
    asked = Asked(when, end, ceiling_date, found.footage_days if footage_days is None else footage_days)
    if category == ALL:
        if end is not None or ceiling_date is not None:
            raise click.BadParameter("of all categories it is one day that is asked about")
        every = [_told(found, of, Asked(when, None, None, asked.footage_days)) for of in profile.categories]
        for told in every:
            lines = [json.dumps(as_data(profile, told, when))] if as_json else in_brief(told, when, zone)
            click.echo("\n".join(lines))
        return
    told = _told(found, _category(profile, category), asked)
    if as_json:
        click.echo(json.dumps(as_data(profile, told, when)))
    else:
        click.echo("\n".join(in_words(profile, told, when, zone)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was written on the command line."""

    when: str
    end: str | None
    ceiling_date: str | None
    footage_days: int


def _category(profile: Profile, category: str) -> CategoryRule:
    try:
        return profile.category(category)
    except LookupError:
        there = ", ".join(each.id for each in profile.categories)
        raise click.BadParameter(f"{profile.title} has no category {category}; it has {there}") from None


def _told(found: Found, of: CategoryRule, asked: Asked) -> Told:
    from controller.settings.policy.answer import answer

    trigger = _trigger(of, asked.when, asked.end, found.zone)
    ceiling = None if asked.ceiling_date is None else _date(asked.ceiling_date)
    if ceiling is not None and of.ceiling_trigger is None:
        raise click.BadParameter(f"{of.id} has no ceiling that counts from another day")
    try:
        return answer(found.profile, of.id, trigger, found.zone, asked.footage_days, ceiling_trigger=ceiling)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _trigger(of: CategoryRule, when: str, end: str | None, zone: ZoneInfo) -> Trigger:
    """A day, or the moments of footage: those of a whole day where no time is given."""
    from controller.commands.when import moment_us
    from controller.core.retention.dates import start_us
    from controller.core.retention.rules import Moments

    if of.id != "footage":
        if end is not None:
            raise click.BadParameter("--to is for footage; a day is a day")
        return _date(when)
    if " " in when or "T" in when:
        began_us = ended_us = moment_us(when, zone)
    else:
        day = _date(when)
        began_us, ended_us = start_us(day, zone), start_us(day + timedelta(days=1), zone)
    if end is not None:
        ended_us = moment_us(end, zone)
    if ended_us < began_us:
        raise click.BadParameter("it ends before it begins")
    return Moments(began_us, ended_us)


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 -- a day is local, wherever it is
    except ValueError:
        raise click.BadParameter(f'"{text}" is not a date such as 2026-11-21') from None
