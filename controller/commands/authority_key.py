"""The authority's key pair on the command line: the key file and its sheet leave, the public key stays.

Never here: what the keys are good for (``secrets.identity``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.secret_file import write_secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    from controller.secrets.credentials import Secret
    from controller.settings.model import Settings

SHORTEST_PASSPHRASE = 12

private_key_to_option = click.option(
    "--private-key-to",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("authority-private-key.pem"),
    show_default=True,
    help="Where the authority's private key goes; its recovery sheet goes beside it.",
)
new_passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The passphrase of the private key, instead of asking for it.",
)
public_key_option = click.option(
    "--authority-public-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The public key that another branch of this authority has, instead of a new pair.",
)


def sheet_of(private_key_to: Path) -> Path:
    """Where the recovery sheet of a key file goes."""
    return private_key_to.with_suffix(".recovery.txt")


def refuse_existing(*files: Path) -> None:
    for file in files:
        try:
            there = file.exists()
        except OSError as error:
            remedy = "; run it as root" if isinstance(error, PermissionError) else ""
            raise click.ClickException(f"{file}: {error.strerror}{remedy}") from error
        if there:
            raise click.ClickException(f"{file} is there already, and nothing was made; move it away first")


def refuse_inside(private_key_to: Path, settings: Settings) -> None:
    branch = settings.branch
    target = private_key_to.resolve()
    for folder in (branch.secrets_dir, branch.state_dir, branch.run_dir):
        if target.is_relative_to(folder.resolve()):
            raise click.ClickException(f"the private key must leave this machine: not under {folder}")


def given(file: Path) -> X25519PublicKey:
    """The public key in a file that was brought from another branch."""
    from controller.secrets import credentials, identity

    try:
        return identity.parse_public_key(credentials.read(file.name, file.resolve().parent))
    except credentials.SecretMissing as error:
        raise click.ClickException(str(error)) from error


def new_passphrase(file: Path | None) -> Secret:
    """From a file, or asked for twice."""
    from controller.secrets import credentials

    if file is None:
        text = click.prompt("Passphrase of the private key", hide_input=True, confirmation_prompt=True)
        passphrase = credentials.Secret(text)
    else:
        passphrase = _read(file)
    if len(passphrase.reveal()) < SHORTEST_PASSPHRASE:
        raise click.ClickException(f"the passphrase needs {SHORTEST_PASSPHRASE} characters or more")
    return passphrase


def known_passphrase(key_file: Path, file: Path | None) -> Secret:
    """Of a key file that was brought: from a file, or asked for."""
    from controller.secrets import credentials

    if file is not None:
        return _read(file)
    return credentials.Secret(click.prompt(f"Passphrase of {key_file.name}", hide_input=True, err=True))


def _read(file: Path) -> Secret:
    from controller.secrets import credentials

    try:
        return credentials.read(file.name, file.resolve().parent)
    except credentials.SecretMissing as error:
        raise click.ClickException(str(error)) from error


def new_pair(private_key_to: Path, passphrase_file: Path | None, settings: Settings) -> X25519PublicKey:
    """The public key of a new pair, whose private key goes there. Nothing is overwritten."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    refuse_inside(private_key_to, settings)
    refuse_existing(private_key_to, sheet_of(private_key_to))
    passphrase = new_passphrase(passphrase_file)
    pair = X25519PrivateKey.generate()
    _carry_out(pair, private_key_to, passphrase, settings)
    return pair.public_key()


def thrown_away() -> X25519PublicKey:
    """The public key of a pair whose private key nobody has."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    click.echo("The private key was thrown away: nobody can ever read which card was used.")
    return X25519PrivateKey.generate().public_key()


def _carry_out(pair: X25519PrivateKey, private_key_to: Path, passphrase: Secret, settings: Settings) -> None:
    """Write the key file and its sheet, and say where they belong."""
    from controller.secrets import identity

    sheet = sheet_of(private_key_to)
    write_secret(private_key_to, identity.key_file(pair, passphrase).decode())
    write_secret(sheet, identity.recovery_sheet(pair, settings.branch.authority))
    click.echo(f"Move {private_key_to} to a medium that is kept elsewhere.")
    click.echo(f"Print {sheet}, lock it away, and destroy the file.")
