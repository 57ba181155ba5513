"""``unlocked assure``: one page for the data protection officer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import SettingsUnusable, config_option, load_settings
from controller.commands.journal import evidence
from controller.commands.journal.examining import Given, examined, journals

if TYPE_CHECKING:
    from datetime import tzinfo

    from controller.assurance.report import Report
    from controller.settings.model import Settings
    from controller.store.verification import Verification


@click.command("assure")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to this file as HTML."
)
@click.option(
    "--heads",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Signed heads of the journals that a witness has kept.",
)
@click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object.")
@config_option
def command(html: Path | None, heads: tuple[Path, ...], as_json: bool, config: Path) -> None:
    """Say of each promise of the privacy notice whether it is kept, and what could not be proved.

    Reads and counts everything afresh, and examines every journal; changes nothing. Exits with 1 if a
    promise is known not to be kept.
    """
    from controller.assurance.collecting import collect
    from controller.assurance.page import render
    from controller.assurance.sources import Sources
    from controller.commands.staff_journal import now
    from controller.settings.policy.load import PolicyUnusable, load_profile

    settings = load_settings(config)
    if settings.policy.profile is None:
        raise SettingsUnusable(f"{config}: policy.profile: no profile is named, so nothing is promised here")
    try:
        profile = load_profile(settings.policy.profile)
    except PolicyUnusable as error:
        raise SettingsUnusable(str(error)) from error
    with ExitStack() as closing:
        verified = _examined(settings, heads)
        sources = Sources.open(settings, profile, now(settings), closing)
        report = collect(sources, verified)
        zone = sources.zone
    if html is not None:
        try:
            html.write_text(render(report, zone), encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{html}: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(report.data))
    else:
        _tell(report, zone)
    if report.wrong:
        raise SystemExit(1)


def _examined(settings: Settings, heads: Sequence[Path]) -> dict[str, Verification | str | None]:
    keys = evidence.own_keys(settings)
    given = Given(keys, evidence.read_heads(heads, keys), branches=evidence.branches(settings, keys))
    with ExitStack() as closing:
        known = given.known(settings, closing)
        return {
            service: examined(service, path, given.heads(service), known)
            for service, path in journals(settings, None)
        }


def _tell(report: Report, zone: tzinfo) -> None:
    from controller.assurance.page import STATES
    from controller.assurance.report import State
    from controller.assurance.words import moment

    for one in report.kept:
        if one.state is not State.ELSEWHERE:
            oldest = "none there" if one.oldest_us is None else f"oldest of {moment(one.oldest_us, zone)}"
            click.echo(f"{STATES[one.state]:10} {one.id:22} {oldest}; {one.says}")
    for way in report.mechanisms:
        click.echo(f"{STATES[way.state]:10} {way.id:22} {way.says}")
    click.echo(f"\n{'Not kept:' if report.wrong else 'Nothing is known that is not kept.'}")
    for line in report.wrong:
        click.echo(f"- {line}")
    for line in report.notice.differences:
        click.echo(f"  of the notice: {line}")
    click.echo("\nWhat could not be proved:")
    for line in report.unproved:
        click.echo(f"- {line}")
