"""``unlocked key``: the authority's key, to which card numbers are sealed: which, a new one, a lost file."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands import authority_key
from controller.commands.authority_key import (
    new_passphrase_option,
    private_key_to_option,
    public_key_option,
)
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.settings.model import Settings


@click.group("key")
def command() -> None:
    """The authority's key: which boxes it opens, a new one, and a key file from its recovery sheet."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each key.")
@config_option
def list_(as_json: bool, config: Path) -> None:
    """Show how many sealed cards each key opens, and to which one they are sealed now."""
    from controller.secrets import credentials, identity
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable

    settings = load_settings(config)
    try:
        public = credentials.read(credentials.AUTHORITY_PUBLIC_KEY, settings.branch.secrets_dir)
        current = identity.Sealer.of(public).key_id
        counts = {current: 0} | _counts(settings)
    except (DatabaseUnusable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    for key_id, count in counts.items():
        if as_json:
            click.echo(json.dumps({"key": key_id, "current": key_id == current, "boxes": count}))
        else:
            click.echo(f"{key_id}  {count} sealed cards{'  (in use)' if key_id == current else ''}")


def _counts(settings: Settings) -> dict[str, int]:
    from controller.settings.paths import JOURNALS, Paths
    from controller.store.boxes import BoxReader
    from controller.store.journal_reader import JournalMissing

    counts: dict[str, int] = {}
    for service in JOURNALS:
        with closing(BoxReader(Paths.of(settings).journal(service))) as reader:
            try:
                for key_id, count in reader.key_ids().items():
                    counts[key_id] = counts.get(key_id, 0) + count
            except JournalMissing:
                continue
    return counts


@command.command("rotate", short_help="Seal to a new key from now on.")
@private_key_to_option
@new_passphrase_option
@public_key_option
@config_option
def rotate(
    private_key_to: Path, passphrase_file: Path | None, authority_public_key: Path | None, config: Path
) -> None:
    """Make a new pair of keys for the authority, or take another branch's public key, and seal to it.

    What was sealed before opens with the former key file only: keep it until the last of it was destroyed,
    which `unlocked key list` shows. The door takes the new key when it is started again.
    """

    from controller.commands.secret_file import replace_secret
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.secrets import credentials, identity
    from controller.secrets.credentials import SecretMissing
    from controller.settings.staff import Role
    from controller.staff import roles
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    file = settings.branch.secrets_dir / credentials.AUTHORITY_PUBLIC_KEY
    try:
        former = identity.Sealer.of(credentials.read(file.name, file.parent)).key_id
        with staff_journal(settings) as journal:
            account = roles.check(settings, [Role.SUPERVISOR, Role.ENGINEER], journal.now(), config)
            if authority_public_key is not None:
                public_key = authority_key.given(authority_public_key)
            else:
                public_key = authority_key.new_pair(private_key_to, passphrase_file, settings)
            new = identity.key_id(public_key)
            if new == former:
                raise click.ClickException(f"{file} holds this key already; nothing was changed")
            replace_secret(file, identity.public_key_text(public_key))
            journal.record(EventType.KEY_ROTATED, "identities", {"from": former, "to": new, **account.data})
    except (JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {new} instead of {former}")
    click.echo("Start the door again: `systemctl restart unlocked-door`. Until then it seals to the former.")
    click.echo(f"Keep the key file of {former}: what was sealed to it opens with nothing else.")


@command.command("restore", short_help="Make a key file anew from its recovery sheet.")
@click.argument("sheet", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@private_key_to_option
@new_passphrase_option
def restore(sheet: Path, private_key_to: Path, passphrase_file: Path | None) -> None:
    """Make a key file from SHEET, a text file with the numbered lines of the recovery sheet as typed.

    For the day when the key file or its passphrase is lost. Needs no settings: do it on a machine that is not
    the controller, and destroy SHEET afterwards.
    """
    from controller.commands.secret_file import write_secret
    from controller.secrets import identity

    try:
        pair = identity.from_recovery_sheet(sheet.read_text(encoding="utf-8"))
    except (identity.PrivateKeyUnusable, UnicodeDecodeError, OSError) as error:
        raise click.ClickException(f"{sheet}: {error}") from error
    authority_key.refuse_existing(private_key_to)
    passphrase = authority_key.new_passphrase(passphrase_file)
    write_secret(private_key_to, identity.key_file(pair, passphrase).decode())
    click.echo(f"{private_key_to}: the private key {identity.key_id(pair.public_key())}")
    click.echo(f"Destroy {sheet}: whoever has it can read which card was used.")
