"""``unlocked policy check``: is a profile right, and what keeps it from being live?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option
from controller.commands.policy.which import Found, find, profile_option

if TYPE_CHECKING:
    from controller.settings.policy.profile import NotReady

NOT_LIVE = 1


@click.command("check")
@profile_option
@click.option("--schema", is_flag=True, help="Print the JSON Schema of profiles instead.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def check(named: str | None, schema: bool, as_json: bool, config: Path) -> None:
    """Check a profile, and tell what keeps it from being live.

    Exits with 0 if it is live, 1 if it is right and not live, 2 with a line for each fault.
    """
    if schema:
        from controller.settings.policy.profile import Profile

        click.echo(json.dumps(Profile.model_json_schema(), indent=2, sort_keys=True))
        return
    found = find(named, config)
    profile, left = found.profile, found.profile.not_ready()
    hints = list(_hints(found, datetime.now(found.zone).date()))
    if as_json:
        click.echo(json.dumps(_as_data(found, left, hints)))
    else:
        file = profile.origin.file
        click.echo(f"{file}: right, {profile.title}, " + ("live" if profile.live else "not live"))
        for each in left:
            click.echo(f"{file}: {each}")
        for hint in hints:
            click.echo(f"{file}: hint: {hint}")
    raise SystemExit(NOT_LIVE if left else 0)


def _as_data(found: Found, left: tuple[NotReady, ...], hints: list[str]) -> dict[str, object]:
    profile = found.profile
    return {
        "file": str(profile.origin.file),
        "sha256": profile.sha256,
        "id": profile.id,
        "live": profile.live,
        "left": [{"key": each.key, "remedy": each.remedy} for each in left],
        "hints": hints,
    }


def _hints(found: Found, today: date) -> Iterator[str]:
    """What is right, and somebody should know of. today: at the branch."""
    profile = found.profile
    if profile.cctv is None:
        yield f"categories[footage]: nothing is recorded; the notice does not say {profile.cctv_missing}"
    elif not profile.cctv.min_days <= found.footage_days <= profile.cctv.max_days:
        yield (
            f"categories[footage]: footage.retention_days = {found.footage_days} at the branch, which is not "
            f"{profile.cctv.min_days} to {profile.cctv.max_days}; nothing is recorded until it is"
        )
    if profile.review_passed(today):
        yield f"review_on: {profile.review_on} is past; look at the profile again, and set a new date"
    if found.settings is not None and found.settings.policy.draft and not profile.live:
        yield "policy.draft is on in the settings of the branch: it records under a draft"
