"""``unlocked who approve``: the second person, where the policy wants one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from datetime import tzinfo

    from controller.core.event import Event


@click.command("approve", short_help="Approve, as the second person, what somebody else asked for.")
@click.argument("ask_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def approve(ask_id: str, as_json: bool, config: Path) -> None:
    """Show what was asked for in the event ID, and approve it, within a day. At a terminal it asks first.

    For a supervisor whose training is in date, and another account than that which asked. Exits with 1 if it
    was not approved.
    """
    from controller.commands import when
    from controller.commands.staff_journal import staff_journal
    from controller.core.naming import APPROVED_FOR_US
    from controller.settings.staff import Role
    from controller.staff import account, roles
    from controller.staff.naming import approving
    from controller.staff.naming.case import refused
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    try:
        with staff_journal(settings) as journal:
            try:
                who = roles.check(settings, [Role.SUPERVISOR], journal.now(), config)
            except roles.NotAllowed as error:
                refused(journal, account.account(), error.lack.value, {"ask": ask_id})
                raise
            ask = approving.may_approve(settings, journal, who, ask_id)
            click.echo(_in_words(ask, when.zone(settings)), err=True)
            if sys.stdin.isatty() and not click.confirm("Approve it?", err=True):
                raise click.ClickException("nothing was approved")
            approving.approve(settings, journal, who, ask_id)
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    until_us = ask.stamp.wall_us + APPROVED_FOR_US
    if as_json:
        click.echo(json.dumps({"ask": ask_id, "user": ask.data["user"], "until_us": until_us}))
    else:
        at = when.shown(until_us, when.zone(settings))
        click.echo(f"approved: {ask.data['user']} may do it once, until {at}")


def _in_words(ask: Event, local: tzinfo) -> str:
    """The card that is to be found is sealed."""
    from controller.commands import when

    found = ask.data
    if "event" in found:
        what = f"name the member of the event {found['event']}"
    else:
        start, end = (when.shown(int(str(found[key])), local) for key in ("start_us", "end_us"))
        what = f"find where a card was used from {start} to {end}"
    return f"{found['user']} asks to {what}; reason: {found['reason']}, need: {found['need']}"
