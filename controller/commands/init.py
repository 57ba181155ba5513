"""``unlocked init``: make the keys of a new branch."""

from __future__ import annotations

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
from controller.commands.journal.keys import make_missing
from controller.commands.secret_file import write_secret

if TYPE_CHECKING:
    from controller.settings.model import Settings


@click.command("init")
@private_key_to_option
@new_passphrase_option
@public_key_option
@click.option("--throw-away", is_flag=True, help="For demos and tests: keep no private key at all.")
@config_option
def command(
    private_key_to: Path,
    passphrase_file: Path | None,
    authority_public_key: Path | None,
    throw_away: bool,
    config: Path,
) -> None:
    """Make the keys of a new branch.

    Into the secrets folder go the site key, which turns a card number into the reference of a membership,
    the key of stored PINs, the key that exports are signed with, a key for each journal, which signs how far
    it goes, and the authority's public key, to which card numbers in events are sealed. The private key and
    its recovery sheet must leave this machine. Nothing that exists is overwritten.
    """
    from controller.secrets import credentials, identity, reader_key
    from controller.secrets.minisign_signing import SigningKey

    settings = load_settings(config)
    folder = settings.branch.secrets_dir
    site_key_file, public_key_file = folder / credentials.SITE_KEY, folder / credentials.AUTHORITY_PUBLIC_KEY
    pin_key_file, signing_key_file = folder / credentials.PIN_KEY, folder / credentials.EXPORT_SIGNING_KEY
    authority_key.refuse_existing(
        *(
            credentials.stored_as(file.name, folder)
            for file in (site_key_file, pin_key_file, signing_key_file, public_key_file)
        )
    )
    if authority_public_key is not None:
        public_key = authority_key.given(authority_public_key)
    elif throw_away:
        public_key = authority_key.thrown_away()
    else:
        public_key = authority_key.new_pair(private_key_to, passphrase_file, settings)
    make_folder(folder)
    write_secret(public_key_file, identity.public_key_text(public_key))
    make_missing_keys(settings)
    for door, reader in settings.readers() if throw_away else ():
        if reader.needs_key:
            write_secret(folder / credentials.reader_key(door.id, reader.id), reader_key.generate().reveal())
    click.echo(
        f"{site_key_file}, {pin_key_file}, {signing_key_file} and {public_key_file} made; back the first "
        "three up: memberships, stored PINs and the signatures of exports depend on them"
    )
    signing_key = SigningKey.of(credentials.read(signing_key_file.name, folder), signing_key_file.name)
    click.echo(
        f"Exports are signed with {signing_key.public.text}: publish it, so that whoever is given one can "
        "verify it (`unlocked clip key` shows it again)"
    )
    click.echo("The journals are signed: `unlocked journal keys` shows what others verify them with")
    keys = {credentials.reader_key(door.id, reader.id) for door, reader in settings.readers()}
    for names in credentials.needed(settings).values():
        for name in names:
            if not credentials.stored_as(name, folder).exists():
                what = "which `unlocked reader pair` makes" if name in keys else "the password, mode 0600"
                click.echo(f"Still needed: {folder / name}, {what}")


def make_folder(folder: Path) -> None:
    """The secrets folder, for its owner alone, if it is not there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror}") from error


def make_missing_keys(settings: Settings) -> list[Path]:
    """Make those of the branch's own keys that are not there; their files. The secrets folder has to be."""
    from controller.secrets import credentials, pin, site_key
    from controller.secrets.minisign_signing import SigningKey

    folder, made = settings.branch.secrets_dir, []
    for name, generate in (
        (credentials.PIN_KEY, pin.generate),
        (credentials.EXPORT_SIGNING_KEY, lambda: SigningKey.generate().secret()),
        (credentials.SITE_KEY, site_key.generate),
    ):
        if not credentials.stored_as(name, folder).exists():
            write_secret(folder / name, generate().reveal())
            made.append(folder / name)
    return made + make_missing(settings)
