"""``unlocked policy show``: a whole profile, in tables."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option
from controller.commands.policy.which import find, profile_option

if TYPE_CHECKING:
    from controller.settings.policy.profile import Profile

WIDTH = 100


@click.command("show")
@profile_option
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def show(named: str | None, as_json: bool, config: Path) -> None:
    """Show a profile: what is kept for how long, rights, holds, recipients, promises, assumptions."""
    profile = find(named, config).profile
    if as_json:
        data = {"file": str(profile.origin.file), "sha256": profile.sha256, "live": profile.live}
        click.echo(json.dumps({**data, **profile.model_dump(mode="json")}))
        return
    for line in _lines(profile):
        indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
        click.echo(textwrap.fill(line, WIDTH, subsequent_indent=indent, replace_whitespace=False))


def _lines(profile: Profile) -> Iterator[str]:
    yield f"{profile.title} ({profile.id}), {'live' if profile.live else 'draft'}"
    yield f"  {profile.notice.source}"
    yield f"  nation {profile.nation.value}, year {profile.year_basis or 'not needed'}, " + (
        f"review on {profile.review_on}" if profile.review_on else "no review date"
    )
    yield f"  sha256 {profile.sha256}"
    for held, title in (("controller", "Kept by the controller"), ("elsewhere", "Kept elsewhere")):
        yield ""
        yield f"{title}:"
        for each in profile.categories:
            if each.held == held:
                yield f"  {each.id}: {each.what}"
                ceiling = f"; ceiling: {each.ceiling.in_words}" if each.ceiling else ""
                yield f"    from {each.trigger}: {each.rule.in_words}{ceiling}"
                yield f"    {_why(each.sentence, each.missing)}"
    yield ""
    yield "Rights, each answered by a person:"
    for right in profile.rights:
        said = f": “{right.sentence}”" if right.sentence else ""
        yield f"  {right.right.value}: {right.answer.value.replace('_', ' ')}{said}"
    holds, people = profile.holds, profile.holds.people_to_end
    yield ""
    yield "Holds:"
    yield (
        f"  reviewed within {holds.review_days} days, ended by {people} "
        f"{'people' if people > 1 else 'person'}, {holds.cooling_off_days} days more after the end"
    )
    yield f"  {_why(holds.sentence, None)}"
    yield ""
    yield "Recipients:"
    for recipient in profile.recipients:
        yield f"  {recipient.who}: {'; '.join(recipient.reasons)}"
    yield from _promises(profile)


def _promises(profile: Profile) -> Iterator[str]:
    from controller.settings.policy.promises import HOW

    yield ""
    yield "Other promises, and what keeps them:"
    for promise in profile.promises:
        yield f"  {promise.id}: “{promise.sentence}”"
        for keeps in promise.keeps:
            yield f"    {keeps.value}: {HOW[keeps]}"
        if promise.note:
            yield f"    note: {promise.note}"
    yield ""
    yield "Assumptions:"
    for each in profile.assumptions:
        yield f"  {each.id} ({each.in_words}): {each.text}"


def _why(sentence: str, missing: str | None) -> str:
    if missing is not None:
        return f"the notice does not say {missing}"
    return f"“{sentence}”" if sentence else "the notice has no sentence on it: see the assumptions"
