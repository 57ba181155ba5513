"""``unlocked backup make``: a backup now, which is what the timer runs."""

from __future__ import annotations

import json
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.backup.common import places, secret, shown, table_of
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.event import Stamp
    from controller.settings.model import Settings


@click.command("make")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON.")
@click.option("--if-set", is_flag=True, help="Do nothing where the settings have no [backup], as the timer.")
@config_option
def make(as_json: bool, if_set: bool, config: Path) -> None:
    """Make a backup, put it where [backup] says, and remove there what has expired.

    It is encrypted to backup.recipients as it is made; nothing of it is on this machine's disk in the clear,
    and nothing of it stays here. The console journals what became of it.
    """
    from controller.backup import making
    from controller.backup.contents import Source
    from controller.secrets.credentials import SecretMissing

    settings = load_settings(config)
    if if_set and settings.backup is None:
        return
    backup = table_of(settings, config)
    source = Source(settings, config, partial(secret, settings))
    try:
        made = making.make(source, backup, places(settings, backup), _now(settings))
    except SecretMissing as error:
        raise click.ClickException(str(error)) from error
    except making.BackupFailed as error:
        raise click.ClickException(f"no backup: {error}") from error
    except OSError as error:
        remedy = "; run it as root" if isinstance(error, PermissionError) else ""
        raise click.ClickException(f"{error.filename}: {error.strerror}{remedy}") from error
    if as_json:
        click.echo(json.dumps({"name": str(made.name), **made.report.data, "signed": made.signed}))
        return
    click.echo(f"{made.name}: {made.report.size_bytes} bytes, to {' and '.join(made.report.places)}")
    click.echo(
        f"It may exist until {shown(made.name.until_us)}; {made.report.removed} that had expired removed"
    )
    if not made.signed:
        click.echo("It is not signed, so that nobody can tell who made it: `unlocked clip key` makes the key")


def _now(settings: Settings) -> Stamp:
    """The time, judged as the console judges it."""
    from controller.service import clock_judge, stamp
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal_reader import JournalReader
    from drivers.system_clock import SystemClock

    with closing(JournalReader(Paths.of(settings).journal("console"))) as journal:
        try:
            last_us = journal.last_trusted_wall_us()
        except DatabaseUnusable:
            last_us = None
    return stamp(SystemClock(), clock_judge(settings.clock, last_us))
