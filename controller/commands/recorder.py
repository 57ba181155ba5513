"""``unlocked recorder``: runs the recorder of the cameras."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import SettingsUnusable, config_option, load_settings


@click.command()
@config_option
def command(config: Path) -> None:
    """Run the recorder until it is stopped."""
    settings = load_settings(config)
    from controller.recorder.main import run
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    try:
        run(settings)
    except SecretMissing as error:
        raise SettingsUnusable(str(error)) from error
    except (DatabaseUnusable, JournalUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
