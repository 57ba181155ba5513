"""``unlocked reader``: what the card reader sends, for whoever fits it.

What it sends is shown as ``reader_formats`` masks it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.reader_formats import bursts, candidates, masked, taken_for
from controller.commands.reader_test import test

if TYPE_CHECKING:
    from controller.core.card import CardRules
    from controller.settings.model import Settings
    from controller.settings.reader import Reader


@click.group("reader")
def command() -> None:
    """Find out about the card reader."""


command.add_command(test)


@command.command("watch")
@click.option("--port", help="Serial port; otherwise that of the settings, which need not exist with it.")
@click.option("--baud", type=click.IntRange(300, 921_600), help="Bits per second; otherwise the settings'.")
@click.option("--door", "door_id", metavar="ID", help="Whose reader; otherwise the first door's.")
@click.option("--reader", "reader_id", metavar="ID", help="Which reader; otherwise the door's first.")
@config_option
def watch(
    config: Path, port: str | None, baud: int | None, door_id: str | None, reader_id: str | None
) -> None:
    """Show what the reader sends, masked, and what each format takes it for. Ctrl-C ends it."""
    from controller.devices import DeviceLost, DeviceTaken
    from drivers.serial_reader import SerialReader

    reader, rules = _set(config, port, baud, door_id, reader_id)
    if reader.is_osdp:
        raise click.ClickException("an OSDP reader says nothing unless it is asked; see docs/readers.md")
    try:
        wire = SerialReader(reader.port, reader.baud)
        try:
            click.echo(f"Listening at {reader.port}, {reader.baud} baud. Swipe several cards; Ctrl-C ends.")
            for burst in bursts(wire):
                _show(burst, reader, rules)
        finally:
            wire.close()
    except KeyboardInterrupt:
        return
    except DeviceTaken as error:
        raise click.ClickException(
            f"{reader.port} is in use, most likely by the door. Stop the door, watch, and start it again:\n"
            "  sudo systemctl stop unlocked-door"
        ) from error
    except DeviceLost as error:
        raise click.ClickException(str(error)) from error


@command.command("pair")
@click.option("--door", "door_id", metavar="ID", required=True)
@click.option("--reader", "reader_id", metavar="ID", required=True)
@config_option
def pair(config: Path, door_id: str, reader_id: str) -> None:
    """Give an OSDP reader that is in install mode its key, which is made if there is none yet.

    Whoever listens at the cable meanwhile learns the key. Stop the door first.
    """
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.devices import DeviceError, DeviceTaken
    from controller.secrets import credentials, reader_key
    from controller.store.journal import JournalUnavailable
    from drivers import osdp_pairing

    settings = load_settings(config)
    reader = _named(settings, door_id, reader_id)
    if not reader.needs_key:
        raise click.ClickException(f"reader {reader_id} is no OSDP reader with a secure channel")
    name = credentials.reader_key(door_id, reader_id)
    folder = settings.branch.secrets_dir
    try:
        with staff_journal(settings) as journal:
            if not credentials.stored_as(name, folder).exists():
                _make_key(folder / name)
            # Kept whatever comes of it: the reader may have taken it and not been heard saying so.
            key = reader_key.raw(credentials.read(name, folder), name)
            osdp_pairing.pair(reader.port, reader.baud, reader.address, key)
            journal.record(EventType.READER_PAIRED, door_id, {"reader": reader_id})
    except DeviceTaken as error:
        raise click.ClickException(
            f"{reader.port} is in use, most likely by the door. Stop the door, pair, and start it again:\n"
            "  sudo systemctl stop unlocked-door"
        ) from error
    except DeviceError as error:
        raise click.ClickException(
            f"{error}. Is it in install mode, at that address and baud? The key is kept: try again"
        ) from error
    except (JournalUnavailable, credentials.SecretMissing, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Reader {reader_id} of door {door_id} has its key, {folder / name}. Take it out of install mode."
    )


def _make_key(file: Path) -> None:
    """On the disk, and whole, before any reader is told it. Raises OSError."""
    from controller.disk import sync_folder
    from controller.secrets import reader_key

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"{reader_key.generate().reveal()}\n")
        opened.flush()
        os.fsync(descriptor)
    new.rename(file)
    sync_folder(file.parent)


def _set(
    config: Path, port: str | None, baud: int | None, door_id: str | None, reader_id: str | None
) -> tuple[Reader, CardRules]:
    """The reader and the cards as set, or their defaults where there are no settings yet."""
    from controller.settings.model import Cards
    from controller.settings.reader import Reader
    from controller.settings.rules import card_rules

    if port is not None and not config.exists():
        reader, cards = Reader(port=port), Cards()
    else:
        settings = load_settings(config)
        reader, cards = _named(settings, door_id, reader_id), settings.cards
    changes = {"port": port or reader.port, "baud": baud or reader.baud}
    return reader.model_copy(update=changes), card_rules(cards)


def _named(settings: Settings, door_id: str | None, reader_id: str | None) -> Reader:
    for door, reader in settings.readers():
        if door_id in (None, door.id) and reader_id in (None, reader.id):
            return reader
    known = ", ".join(f"{reader.id} of door {door.id}" for door, reader in settings.readers())
    raise click.UsageError(f"there is no such reader; there is {known}")


def _show(burst: bytes, reader: Reader, rules: CardRules) -> None:
    click.echo(f"\n{len(burst)} bytes: {masked(burst)}")
    if sum(byte >= 0x80 for byte in burst) * 4 > len(burst):
        click.echo("  Much of it is no text: try another --baud.")
    for candidate, name in candidates(reader):
        as_set = "  <- as set" if _same_format(candidate, reader) else ""
        click.echo(f"  {name:30}{taken_for(burst, candidate, rules)}{as_set}")


def _same_format(candidate: Reader, reader: Reader) -> bool:
    return (candidate.format, candidate.wiegand_text) == (reader.format, reader.wiegand_text)
