"""``unlocked who approve``: the second person, where the policy wants one."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import config_option, load_settings


@click.command("approve", short_help="Approve, as the second person, what somebody else asked for.")
@click.argument("ask_id", metavar="ID")
@config_option
def approve(ask_id: str, config: Path) -> None:
    """Approve what was asked for in the event ID, within a day.

    For a supervisor whose training is in date, and another account than that which asked.
    """
    from controller.commands import roles, when
    from controller.commands.staff_journal import staff_journal
    from controller.commands.who.session import REFUSED, asked, refused
    from controller.core import naming
    from controller.core.event import EventType
    from controller.settings.staff import Role
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    try:
        with staff_journal(settings) as journal:
            now = journal.now()
            try:
                account = roles.check(settings, [Role.SUPERVISOR], now, config)
            except roles.NotAllowed as error:
                refused(journal, error.lack.value, {"ask": ask_id})
                raise
            ask, _ = asked(settings, ask_id)
            refusal = naming.may_approve(ask, account.data, now)
            if refusal is not None or ask is None:
                refusal = refusal or naming.Refusal.NOT_ASKED
                refused(journal, refusal.value, {"ask": ask_id})
                raise click.ClickException(REFUSED[refusal].format(ask=ask_id))
            asked_for = {key: ask.data[key] for key in ("purpose", "reason", "need")}
            data = {"ask": ask_id, **asked_for, **account.data}
            journal.record(EventType.IDENTITY_APPROVED, "identities", data)
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    at = when.shown(ask.stamp.wall_us + naming.APPROVED_FOR_US, when.zone(settings))
    click.echo(f"approved: {ask.data['user']} may do it once, until {at}")
