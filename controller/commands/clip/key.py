"""``unlocked clip key``: the key that exports are signed with."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import config_option, load_settings
from controller.commands.secret_file import write_secret


@click.command("key")
@config_option
def key(config: Path) -> None:
    """Show the public key that exports are verified with, as a file that minisign reads.

    Whoever is handed an export needs it from you by another way than the export itself: put it on the
    authority's web site, for one. A branch that has no key yet gets one.
    """
    from controller.secrets import credentials
    from controller.secrets.minisign_signing import SigningKey

    settings = load_settings(config)
    file = settings.branch.secrets_dir / credentials.EXPORT_SIGNING_KEY
    try:
        if not credentials.stored_as(file.name, file.parent).exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_secret(file, SigningKey.generate().secret().reveal())
            click.echo(f"{file} made; back it up", err=True)
        secret = credentials.read(file.name, file.parent)
        found = SigningKey.of(secret, str(file))
    except credentials.SecretMissing as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(found.public.file, nl=False)
