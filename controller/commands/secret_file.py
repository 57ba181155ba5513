"""A new secret on its way into the branch's secrets folder."""

from __future__ import annotations

import os
from pathlib import Path

import click

from controller.disk import sync_folder


def write_secret(file: Path, text: str) -> None:
    """A new file, readable by its owner alone, on the disk when it returns."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(text.removesuffix("\n") + "\n")
            opened.flush()
            os.fsync(descriptor)
        sync_folder(file.parent)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error


def replace_secret(file: Path, text: str) -> None:
    """Another content for a secret that is there, whole or not at all; its owner and mode stay."""
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    write_secret(beside, text)
    try:
        was = file.stat()
        os.chown(beside, was.st_uid, was.st_gid)
        beside.chmod(was.st_mode & 0o777)
        beside.rename(file)
        sync_folder(file.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"{file}: {error.strerror}") from error
