"""``unlocked backup verify``: whether a backup can be opened, is whole, and was made by the branch."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.backup.common import shown

if TYPE_CHECKING:
    from controller.backup.packing import Manifest
    from controller.backup.unpacking import Part, Take, Unpacked
    from controller.secrets.minisign import PublicKey

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
identity_option = click.option(
    "--identity", type=FILE, required=True, help="The private key of age that opens it."
)
signer_option = click.option(
    "--public-key",
    type=FILE,
    help="What `unlocked clip key` showed at the branch: tells who made it.",
)


@click.command("verify")
@click.argument("file", type=FILE)
@identity_option
@signer_option
@click.option("--json", "as_json", is_flag=True, help="A line of JSON.")
def verify(file: Path, identity: Path, public_key: Path | None, as_json: bool) -> None:
    """Open FILE, read all of it, and compare every part with its hash and the signature.

    Nothing is written. Do it now and then at the authority, with a backup that was fetched: one that nobody
    has opened is a hope.

    Exits with 1 if it cannot be opened, was changed, is not signed as it should be, or has expired.
    """
    sizes: dict[str, int] = {}

    def take(_manifest: Manifest, name: str, size: int, _part: Part) -> None:
        sizes[name] = size

    found = opened(file, identity, take)
    signed, wrong = judged(found, public_key)
    manifest = found.manifest
    expired = time.time_ns() // 1000 >= manifest.until_us
    if as_json:
        told = {"made_us": manifest.made_us, "until_us": manifest.until_us, "expired": expired}
        branch = {"authority": manifest.authority, "branch": manifest.branch, "release": manifest.release}
        click.echo(json.dumps({**branch, **told, "parts": sizes, "signature": signed}))
    else:
        click.echo(f"{manifest.authority}/{manifest.branch}, made {shown(manifest.made_us)}")
        for name, size in sizes.items():
            click.echo(f"{size:>12}  {name}")
        click.echo(f"Every part is whole. Signature: {signed}")
        click.echo(f"{'EXPIRED' if expired else 'It may exist until'} {shown(manifest.until_us)}")
    if wrong or expired:
        raise SystemExit(1)


def opened(file: Path, identity: Path, take: Take) -> Unpacked:
    """The backup, read to its end, or the end of the command."""
    from controller.backup.unpacking import BackupUnusable, unpack
    from controller.secrets.age_file import BadAgeKey
    from controller.secrets.credentials import Secret

    try:
        text = Secret(identity.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{identity}: it cannot be read: {error}") from error
    try:
        return unpack(file, text, take)
    except BadAgeKey as error:
        raise click.ClickException(f"{identity}: {error}") from error
    except BackupUnusable as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror}") from error


def judged(found: Unpacked, public_key: Path | None) -> tuple[str, bool]:
    """What is to be said of its signature, and whether that is a fault."""
    from controller.secrets.minisign import BadSignature

    key = signer(public_key)
    if key is None:
        return "not compared, for want of the branch's public key (--public-key)", False
    try:
        found.check_signature(key)
    except BadSignature as error:
        return f"WRONG: {error}", True
    return f"good, of the key {key.shown}", False


def signer(file: Path | None) -> PublicKey | None:
    """The public key of a branch in a file; None where none was given."""
    from controller.secrets.minisign import BadKey, PublicKey

    if file is None:
        return None
    try:
        return PublicKey.of_file(file.read_text(encoding="utf-8"))
    except (BadKey, OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from error
