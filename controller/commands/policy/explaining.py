"""``unlocked policy explain``: when is what destroyed, by which rule, and which sentence says so?"""

from __future__ import annotations

import json
import textwrap
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from controller.commands.common import config_option
from controller.commands.policy.which import Found, find, profile_option

if TYPE_CHECKING:
    from controller.core.retention.due import Answer
    from controller.core.retention.rules import Trigger
    from controller.settings.policy.answer import Told
    from controller.settings.policy.categories import CategoryRule
    from controller.settings.policy.profile import Profile


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

    DATE is what the category counts from: for a borrower who left, the day on which the membership was
    terminated. It is local, such as 2026-11-21 or, for footage, "2026-11-21 18:00".
    """
    from controller.settings.policy.answer import answer

    found = find(named, config)
    profile = found.profile
    try:
        of = profile.category(category)
    except LookupError:
        there = ", ".join(each.id for each in profile.categories)
        raise click.BadParameter(f"{profile.title} has no category {category}; it has {there}") from None
    trigger = _trigger(of, when, end, found.zone)
    ceiling = None if ceiling_date is None else _date(ceiling_date)
    if ceiling is not None and of.ceiling_trigger is None:
        raise click.BadParameter(f"{category} has no ceiling that counts from another day")
    days = found.footage_days if footage_days is None else footage_days
    try:
        told = answer(profile, category, trigger, found.zone, days, ceiling_trigger=ceiling)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    data = _as_data(profile, told, when)
    if as_json:
        click.echo(json.dumps(data))
        return
    for line in _in_words(found, told, when):
        click.echo(line)


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


def _as_data(profile: Profile, told: Told, when: str) -> dict[str, object]:
    of = told.category
    return {
        "profile": profile.id,
        "sha256": profile.sha256,
        "category": of.id,
        "held": of.held,
        "trigger": of.trigger,
        "on": when,
        "by": told.by,
        **_answer_data(told.due),
        "rule": {**of.rule.model_dump(mode="json"), **_answer_data(told.rule)},
        "ceiling": None
        if of.ceiling is None or told.ceiling is None
        else {
            **of.ceiling.model_dump(mode="json"),
            **_answer_data(told.ceiling),
            "trigger": of.ceiling_trigger or of.trigger,
        },
        "sentence": of.sentence or None,
        "missing": of.missing,
        "notice": profile.notice.source,
        "assumptions": [
            {"id": each.id, "text": each.text, "accepted": each.accepted}
            for each in map(profile.assumption, of.assumptions)
        ],
    }


def _answer_data(answer: Answer) -> dict[str, object]:
    from controller.core.retention.due import Due

    if not isinstance(answer, Due):
        return {"due": answer.value}
    return {
        "due": "from",
        "retained_through": answer.retained_through.isoformat(),
        "due_on": answer.due_on.isoformat(),
        "due_us": answer.due_us,
        "gone_by_us": answer.gone_by_us,
        "then": answer.then.value,
    }


WIDTH = 100
UNDATED = {
    "waiting": "not before {trigger}: it has not happened",
    "unknown": "not known: no period is set",
    "never": "never: it is kept for good",
}


def _in_words(found: Found, told: Told, when: str) -> list[str]:
    of, profile = told.category, found.profile
    basis = f" ({profile.year_basis} year)" if of.uses_years and profile.year_basis else ""
    lines = [f"{of.id}: {of.what}", _line("counted from", f"{of.trigger}, {when}")]
    lines.append(_line("rule", f"{of.rule.kind}: {of.rule.in_words}{basis}"))
    if of.ceiling is not None and told.ceiling is not None:
        since = of.ceiling_trigger or of.trigger
        lines.append(_line("ceiling", f"{of.ceiling.kind}: {of.ceiling.in_words}, from {since}"))
        lines.append(_line("", f"by it {_short(told.ceiling, since, found.zone)}; the earlier counts"))
    lines += _dates(told, found.zone)
    if of.missing is not None:
        lines.append(_line("not said", of.missing))
    if of.sentence:
        lines.append(_line("sentence", f"“{of.sentence}”"))
    lines.append(_line("notice", profile.notice.source))
    for each in map(profile.assumption, of.assumptions):
        lines.append(_line("assumption", f"{each.id} ({each.in_words}): {each.text}"))
    return lines


def _dates(told: Told, zone: ZoneInfo) -> list[str]:
    from controller.commands import when
    from controller.core.retention.due import Due
    from controller.core.retention.rules import Then

    answer, of = told.due, told.category
    if not isinstance(answer, Due):
        return [_line("due", UNDATED[answer.value].format(trigger=of.trigger))]
    lines = [
        _line("kept through", f"{answer.retained_through}"),
        _line("due from", f"{when.shown(answer.due_us, zone)}, by the {told.by}"),
    ]
    if answer.then is Then.REVIEW:
        lines.append(_line("then", "somebody looks at it, and decides what is kept without names"))
    elif of.held == "controller":
        lines.append(
            _line("destroyed", "by the controller, within the hour, unless it is held or restricted")
        )
    else:
        lines.append(_line("destroyed", "by the authority, which keeps it elsewhere"))
    if answer.gone_by_us is not None:
        lines.append(_line("gone by", when.shown(answer.gone_by_us, zone)))
    if while_ := getattr(of.rule, "review_while", None):
        lines.append(_line("unless", f"{while_}: then somebody looks at it"))
    return lines


def _short(answer: Answer, since: str, zone: ZoneInfo) -> str:
    from controller.commands import when
    from controller.core.retention.due import Due

    if isinstance(answer, Due):
        return f"due from {when.shown(answer.due_us, zone)}"
    return UNDATED[answer.value].format(trigger=since)


def _line(name: str, text: str) -> str:
    head = f"  {name + ':' if name else '':15}"
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
