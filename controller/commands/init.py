"""``unlocked init``: make the keys of a new branch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.journal.keys import make_missing
from controller.commands.secret_file import write_secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    from controller.secrets.credentials import Secret
    from controller.settings.model import Settings

SHORTEST_PASSPHRASE = 12


@click.command("init")
@click.option(
    "--private-key-to",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("authority-private-key.pem"),
    show_default=True,
    help="Where the authority's private key goes; its recovery sheet goes beside it.",
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The passphrase of the private key, instead of asking for it.",
)
@click.option(
    "--authority-public-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The public key that another branch of this authority has, instead of a new pair.",
)
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
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from controller.secrets import credentials, identity, pin, reader_key, site_key
    from controller.secrets.minisign_signing import SigningKey

    settings = load_settings(config)
    folder = settings.branch.secrets_dir
    site_key_file, public_key_file = folder / credentials.SITE_KEY, folder / credentials.AUTHORITY_PUBLIC_KEY
    pin_key_file, signing_key_file = folder / credentials.PIN_KEY, folder / credentials.EXPORT_SIGNING_KEY
    sheet = private_key_to.with_suffix(".recovery.txt")
    makes_pair = authority_public_key is None and not throw_away
    _refuse_existing(
        site_key_file,
        pin_key_file,
        signing_key_file,
        public_key_file,
        *((private_key_to, sheet) if makes_pair else ()),
    )
    if authority_public_key is not None:
        public_key = _given(authority_public_key)
    else:
        pair = X25519PrivateKey.generate()
        if makes_pair:
            _refuse_inside(private_key_to, settings)
            _carry_out(pair, private_key_to, sheet, _passphrase(passphrase_file), settings)
        public_key = pair.public_key()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror}") from error
    write_secret(public_key_file, identity.public_key_text(public_key))
    write_secret(pin_key_file, pin.generate().reveal())
    signing_key = SigningKey.generate()
    write_secret(signing_key_file, signing_key.secret().reveal())
    write_secret(site_key_file, site_key.generate().reveal())
    make_missing(settings)
    for door, reader in settings.readers() if throw_away else ():
        if reader.needs_key:
            write_secret(folder / credentials.reader_key(door.id, reader.id), reader_key.generate().reveal())
    click.echo(
        f"{site_key_file}, {pin_key_file}, {signing_key_file} and {public_key_file} made; back the first "
        "three up: memberships, stored PINs and the signatures of exports depend on them"
    )
    click.echo(
        f"Exports are signed with {signing_key.public.text}: publish it, so that whoever is given one can "
        "verify it (`unlocked clip key` shows it again)"
    )
    click.echo("The journals are signed: `unlocked journal keys` shows what others verify them with")
    if throw_away:
        click.echo("The private key was thrown away: nobody can ever read which card was used.")
    keys = {credentials.reader_key(door.id, reader.id) for door, reader in settings.readers()}
    for names in credentials.needed(settings).values():
        for name in names:
            if not (folder / name).exists():
                what = "which `unlocked reader pair` makes" if name in keys else "the password, mode 0600"
                click.echo(f"Still needed: {folder / name}, {what}")


def _refuse_existing(*files: Path) -> None:
    for file in files:
        try:
            there = file.exists()
        except OSError as error:
            remedy = "; run it as root" if isinstance(error, PermissionError) else ""
            raise click.ClickException(f"{file}: {error.strerror}{remedy}") from error
        if there:
            raise click.ClickException(f"{file} is there already, and nothing was made; move it away first")


def _refuse_inside(private_key_to: Path, settings: Settings) -> None:
    branch = settings.branch
    target = private_key_to.resolve()
    for folder in (branch.secrets_dir, branch.state_dir, branch.run_dir):
        if target.is_relative_to(folder.resolve()):
            raise click.ClickException(f"the private key must leave this machine: not under {folder}")


def _given(file: Path) -> X25519PublicKey:
    from controller.secrets import credentials, identity

    try:
        return identity.parse_public_key(credentials.read(file.name, file.resolve().parent))
    except credentials.SecretMissing as error:
        raise click.ClickException(str(error)) from error


def _passphrase(file: Path | None) -> Secret:
    from controller.secrets import credentials

    if file is None:
        text = click.prompt("Passphrase of the private key", hide_input=True, confirmation_prompt=True)
        passphrase = credentials.Secret(text)
    else:
        try:
            passphrase = credentials.read(file.name, file.resolve().parent)
        except credentials.SecretMissing as error:
            raise click.ClickException(str(error)) from error
    if len(passphrase.reveal()) < SHORTEST_PASSPHRASE:
        raise click.ClickException(f"the passphrase needs {SHORTEST_PASSPHRASE} characters or more")
    return passphrase


def _carry_out(
    pair: X25519PrivateKey, private_key_to: Path, sheet: Path, passphrase: Secret, settings: Settings
) -> None:
    from controller.secrets import identity

    write_secret(private_key_to, identity.key_file(pair, passphrase).decode())
    write_secret(sheet, identity.recovery_sheet(pair, settings.branch.authority))
    click.echo(f"Move {private_key_to} to a medium that is kept elsewhere.")
    click.echo(f"Print {sheet}, lock it away, and destroy the file.")
