"""The settings file, written anew: whole or not at all, right, and never instead of another without leave.

Never here: what is in it (``settings.filled``), or asking.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from controller.commands.setup.answers import Answers
from controller.disk import sync_folder
from controller.settings.filled import filled
from controller.settings.load import load
from controller.settings.shipped import example

MODE = 0o644
"""Every service reads the settings, and nothing in them is secret."""


def text_of(answers: Answers) -> str:
    """The commented file. Raises click.ClickException."""
    file = example()
    if file is None:
        raise click.ClickException("the example of the settings is not there; install the controller again")
    return filled(file.read_text(encoding="utf-8"), answers.settings)


def differs(config: Path, text: str) -> bool:
    """Whether there is another file of this name. Raises click.ClickException."""
    try:
        return config.exists() and config.read_text(encoding="utf-8", errors="replace") != text
    except OSError as error:
        raise click.ClickException(f"{config}: {error.strerror}") from error


def refuse_another(config: Path, text: str) -> None:
    """Raises click.ClickException if there is one."""
    if differs(config, text):
        kept = former(config)
        raise click.ClickException(f"{config} is there and says something else; --replace keeps it as {kept}")


def former(config: Path) -> Path:
    """Where a file is kept that was replaced."""
    return config.with_name(f"{config.name}.before")


def write(config: Path, text: str) -> None:
    """In its place once it was found right; what was there is kept as ``former``.

    Raises SettingsError, and click.ClickException where the disk does not take it.
    """
    new = config.with_name(f".{config.name}.new")
    try:
        config.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        put(new, text)
        load(new)
        if differs(config, text):
            before = former(config)
            before.unlink(missing_ok=True)
            os.link(config, before)
        new.rename(config)
        sync_folder(config.parent)
    except OSError as error:
        remedy = "; run it as root" if isinstance(error, PermissionError) else ""
        raise click.ClickException(f"{config}: {error.strerror}{remedy}") from error
    finally:
        new.unlink(missing_ok=True)


def put(file: Path, text: str, mode: int = MODE) -> None:
    """On the disk when it returns, instead of what was there. Raises OSError."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        os.fchmod(descriptor, mode)
        opened.write(text)
        opened.flush()
        os.fsync(descriptor)
