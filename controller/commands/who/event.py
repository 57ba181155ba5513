"""``unlocked who event``: whose card it was."""

from __future__ import annotations

import json
from pathlib import Path

import click

from controller.commands.common import config_option, load_settings
from controller.commands.who.bringing import case, keys, wait_for_approval, who_options


@click.command("event", short_help="Whose card it was: the card number sealed in an event.")
@click.argument("event_id", metavar="ID")
@who_options
@config_option
def event(
    event_id: str,
    key_files: tuple[Path, ...],
    passphrase_file: Path | None,
    reason: str,
    need: str,
    approved: str | None,
    as_json: bool,
    config: Path,
) -> None:
    """Show the card number of the event ID, which `unlocked log --json` shows.

    For a supervisor whose training is in date, with the authority's key file and its passphrase. That it was
    opened, and why, is journalled before the number is shown. The library management system says whose card
    it is. Exits with 3 if somebody must approve it first.
    """
    from controller.core.naming import Reason, Wanted
    from controller.secrets.credentials import SecretMissing
    from controller.settings.paths import Paths
    from controller.staff.naming.event import name, sealed_card
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    wanted = Wanted(Reason(reason), need, event_id)
    try:
        box = sealed_card(Paths.of(settings), event_id)
        with case(settings, config, wanted, approved) as asking:
            wait_for_approval(asking)
            card = name(asking, keys(asking, key_files, passphrase_file), box)
            click.echo(json.dumps({"event": box.event.id, "card": card}) if as_json else card)
    except (DatabaseUnusable, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
