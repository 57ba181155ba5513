"""``unlocked backup key``: a pair of keys for backups, where there is no age to make one."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.secret_file import write_secret


@click.command("key")
@click.argument("identity", type=click.Path(path_type=Path, dir_okay=False))
def key(identity: Path) -> None:
    """Make a private key in the new file IDENTITY, and show the public one for backup.recipients.

    Do it at the authority, on a machine that is not the controller, and keep the file as you keep the key of
    sealed cards: whoever has it opens every backup, and without it nobody does. age-keygen makes the same.
    """
    from controller.commands.authority_key import refuse_existing
    from controller.secrets import age_file

    refuse_existing(identity)
    private, public = age_file.new_identity()
    write_secret(identity, f"# public key: {public}\n{private.reveal()}")
    click.echo(public)
