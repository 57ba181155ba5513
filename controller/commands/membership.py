"""``unlocked membership``: runs the keeper of the memberships."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import SettingsUnusable, config_option, load_settings


@click.command("membership")
@config_option
def command(config: Path) -> None:
    """Run the keeper of the memberships until it is stopped."""
    settings = load_settings(config)
    from controller.membership.main import run
    from controller.membership.sip2.dialect import BadDialect
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    try:
        run(settings)
    except SecretMissing as error:
        raise SettingsUnusable(str(error)) from error
    except (BadDialect, DatabaseUnusable, JournalUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
