"""``unlocked journal keys``: the keys that verify the signed heads of the journals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.secret_file import write_secret

if TYPE_CHECKING:
    from controller.secrets.signed_note import VerifierKey
    from controller.settings.model import Settings


@click.command("keys")
@click.option("--make", "makes", is_flag=True, help="Make those that are missing; restart the services then.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each journal.")
@config_option
def keys(makes: bool, as_json: bool, config: Path) -> None:
    """Print the public keys, a line each, that the heads of the journals are signed with.

    Give them to whoever keeps heads of this branch elsewhere, on a way of their own: they are what
    `unlocked journal verify --keys` takes. Exits with 1 if a journal has no key.
    """
    settings = load_settings(config)
    if makes:
        for file in make_missing(settings):
            click.echo(f"{file} made", err=True)
    missing = False
    for service, found in public_keys(settings).items():
        if as_json:
            key = found.text if not isinstance(found, str) else None
            click.echo(json.dumps({"service": service, "key": key}))
        elif not isinstance(found, str):
            click.echo(found.text)
        else:
            click.echo(f"{service}: {found}", err=True)
        missing = missing or isinstance(found, str)
    if missing:
        raise SystemExit(1)


def make_missing(settings: Settings) -> list[Path]:
    """Make a key for each journal that has none; their files. The secrets folder has to be there."""
    from controller.secrets import credentials
    from controller.secrets.journal_key import JournalKey
    from controller.settings.paths import JOURNALS, Paths

    branch, made = settings.branch, []
    for service in JOURNALS:
        file = Paths.of(settings).secrets / credentials.journal_key(service)
        try:
            there = credentials.stored_as(file.name, file.parent).exists()
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}; run it as root") from error
        if not there:
            key = JournalKey.generate(branch.authority, branch.branch, service)
            write_secret(file, key.secret().reveal())
            made.append(file)
    return made


def public_keys(settings: Settings) -> dict[str, VerifierKey | str]:
    """For each journal its key, or why there is none."""
    from controller.secrets import credentials
    from controller.secrets.journal_key import JournalKey
    from controller.settings.paths import JOURNALS, Paths

    found: dict[str, VerifierKey | str] = {}
    for service in JOURNALS:
        name = credentials.journal_key(service)
        try:
            found[service] = JournalKey.of(credentials.read(name, Paths.of(settings).secrets), name).public
        except credentials.SecretMissing as error:
            found[service] = str(error)
    return found
