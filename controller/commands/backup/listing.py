"""``unlocked backup list``: which backups there are, and until when each may exist."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from controller.commands.backup.common import places, shown, table_of
from controller.commands.common import config_option, load_settings


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each.")
@config_option
def list_(as_json: bool, config: Path) -> None:
    """Show the backups of this branch where [backup] puts them, oldest first.

    Exits with 1 if a place cannot be looked into, or has one that has expired.
    """
    from controller.backup.name import BackupName
    from controller.backup.places import PlaceUnusable
    from controller.secrets.credentials import SecretMissing

    settings = load_settings(config)
    try:
        where = places(settings, table_of(settings, config))
    except SecretMissing as error:
        raise click.ClickException(str(error)) from error
    now_us = time.time_ns() // 1000
    bad = False
    for place in where:
        try:
            names = place.names()
        except PlaceUnusable as error:
            click.echo(str(error), err=True)
            bad = True
            continue
        branch = settings.branch
        parsed = [(text, BackupName.parse(text)) for text in names]
        for text, name in parsed:
            if name is None or (name.authority, name.branch) != (branch.authority, branch.branch):
                continue
            late = name.expired(now_us)
            bad = bad or late
            if as_json:
                told = {"place": place.kind, "name": text, "made_us": name.made_us}
                click.echo(json.dumps({**told, "until_us": name.until_us, "expired": late}))
            else:
                until = "EXPIRED" if late else "until"
                click.echo(f"{shown(name.made_us)}  {until} {shown(name.until_us)}  {place.shown}/{text}")
    if bad:
        raise SystemExit(1)
