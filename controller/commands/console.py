"""``unlocked console``: runs the keeper of what staff do."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import config_option, load_settings


@click.command("console")
@config_option
def command(config: Path) -> None:
    """Run the keeper of what staff do, and of the registers, until it is stopped."""
    settings = load_settings(config)
    from controller.console.main import run
    from controller.console.sso.options import SsoMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    try:
        run(settings, config)
    except (DatabaseUnusable, JournalUnavailable, SsoMissing) as error:
        raise click.ClickException(str(error)) from error
