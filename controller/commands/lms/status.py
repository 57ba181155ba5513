"""``unlocked lms status``: whether the library management system answers, now and by the journal."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.event import Event
    from controller.membership.lms.source import LmsUnavailable
    from controller.secrets.credentials import Secret
    from controller.settings.lms import Lms
    from controller.settings.model import Settings


@click.command("status", short_help="Whether the system answers now.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def status(as_json: bool, config: Path) -> None:
    """Ask the library management system of [lms] whether it is there, about no card, and say what the
    membership service has journalled of it.

    Exit code 1: it does not answer.
    """
    from controller.commands import when
    from controller.commands.lms.remedy import remedy
    from controller.core.event import EventType
    from controller.membership.sip2.dialect import BadDialect
    from controller.secrets.credentials import SecretMissing

    settings = load_settings(config)
    if settings.lms is None:
        raise click.ClickException(f"{config}: lms: there is no system to ask; add [lms.sip2] or [lms.koha]")
    try:
        took_s, error = _asked(settings, settings.lms)
    except (BadDialect, SecretMissing) as fault:
        raise click.ClickException(str(fault)) from fault
    news = _news(settings)
    if as_json:
        told = {
            "where": _where(settings.lms),
            "answers": error is None,
            "trouble": error.trouble.value if error else None,
            "took_ms": round(took_s * 1000),
            "journal": [{"type": event.type, "wall_us": event.stamp.wall_us, **event.data} for event in news],
        }
        click.echo(json.dumps(told))
    else:
        answer = f"it does not answer: {error}" if error else f"it answers ({took_s * 1000:.0f} ms)"
        click.echo(f"{_where(settings.lms)}: {answer}")
        if error is not None:
            click.echo(f"  {remedy(settings.lms, error.trouble)}")
        for event in news:
            click.echo(f"  {_words(event)} since {when.shown(event.stamp.wall_us, when.zone(settings))}")
        if error is None and any(event.type is EventType.LMS_LOST for event in news):
            click.echo(
                "  it answers us, but not that service: see systemd/lms.conf.example for what it may reach"
            )
        if not news:
            click.echo("  the membership service has journalled nothing of it")
    if error is not None:
        raise SystemExit(1)


def _asked(settings: Settings, lms: Lms) -> tuple[float, LmsUnavailable | None]:
    """How many seconds the answer took, and what there was instead of one."""
    from rich.console import Console

    from controller.membership.lms.source import LmsUnavailable
    from controller.membership.systems import live_source
    from controller.secrets import credentials
    from controller.settings.paths import Paths

    def secret(name: str) -> Secret:
        return credentials.read(name, Paths.of(settings).secrets)

    source = live_source(lms, secret, time.monotonic)
    began_s = time.monotonic()
    console = Console(stderr=True, quiet=not sys.stderr.isatty())
    try:
        with console.status(f"asking {_where(lms)}"):
            source.check()
    except LmsUnavailable as error:
        return time.monotonic() - began_s, error
    finally:
        source.close()
    return time.monotonic() - began_s, None


def _where(lms: Lms) -> str:
    if lms.sip2 is not None:
        return f"{lms.sip2.host}:{lms.sip2.port}"
    assert lms.koha is not None
    return lms.koha.url


def _news(settings: Settings) -> list[Event]:
    """What the journal says of it last: whether it was within reach, and whether its answers counted."""
    from controller.membership.last_said import ANSWERS, REACH, last_said
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable

    try:
        return last_said(Paths.of(settings).journal("membership"), REACH, ANSWERS)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error


def _words(event: Event) -> str:
    from controller.core.event import EventType

    return {
        EventType.LMS_LOST: f"the membership service has not reached it ({event.data.get('reason')})",
        EventType.LMS_FOUND: "the membership service has reached it again",
        EventType.LMS_UNUSABLE: "its answers have not been enough to count",
        EventType.LMS_PLAUSIBLE: "its answers have been enough to count again",
    }[event.type]
