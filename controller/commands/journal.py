"""``unlocked journal``: prove that the journals are whole."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import config_option, load_settings


@click.group("journal")
def command() -> None:
    """Verify the journals."""


@command.command("verify")
@config_option
def verify(config: Path) -> None:
    """Check every journal, event by event. Exits with 1 if one is not whole."""
    from controller.settings.paths import JOURNALS, Paths
    from controller.store import verify as checking
    from controller.store.engine import DatabaseMissing, DatabaseUnusable

    paths = Paths.of(load_settings(config))
    whole = True
    for service in JOURNALS:
        try:
            found = checking.verify(paths.journal(service))
        except DatabaseMissing:
            click.echo(f"{service}: no journal yet")
        except DatabaseUnusable as error:
            click.echo(f"{service}: NOT READABLE: {error}")
            whole = False
        else:
            counted = f"{found.events} events, {found.disposed} disposed of"
            if found.ok:
                click.echo(f"{service}: {counted}: whole")
            else:
                click.echo(f"{service}: {counted}, then NOT WHOLE at {found.at_seq}: {found.fault}")
                whole = False
    if not whole:
        raise SystemExit(1)
