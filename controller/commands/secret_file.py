"""A new secret on its way into the branch's secrets folder, or an old one on its way to being encrypted."""

from __future__ import annotations

import os
from pathlib import Path

import click

from controller.disk import sync_folder
from controller.secrets import credentials, encrypted


def write_secret(file: Path, text: str) -> None:
    """A new file, readable by its owner alone, on the disk when it returns."""
    _write(file, (text.removesuffix("\n") + "\n").encode())


def replace_secret(file: Path, text: str) -> None:
    """Another content for a secret that is there, whole or not at all; its owner and mode stay.

    A secret that is encrypted stays so, bound to what it was bound to.
    """
    content = (text.removesuffix("\n") + "\n").encode()
    found = credentials.stored_as(file.name, file.parent)
    if found != file:
        try:
            binding = encrypted.binding_of(found.read_bytes()) or encrypted.best_binding()
            content = encrypted.encrypt(file.name, content, binding)
        except OSError as error:
            raise click.ClickException(f"{found}: {error.strerror}") from error
        except encrypted.NotEncrypted as error:
            raise click.ClickException(str(error)) from error
    put_in_place(found, content)


def put_in_place(file: Path, content: bytes) -> None:
    """Write ``file``, whole or not at all. What was there before keeps its owner and mode."""
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    _write(beside, content)
    try:
        if file.exists():
            was = file.stat()
            os.chown(beside, was.st_uid, was.st_gid)
            beside.chmod(was.st_mode & 0o777)
        beside.rename(file)
        sync_folder(file.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"{file}: {error.strerror}") from error


def _write(file: Path, content: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(descriptor)
        sync_folder(file.parent)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
