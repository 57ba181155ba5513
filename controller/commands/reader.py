"""``unlocked reader``: what the card reader sends, for whoever fits it.

Digits and letters are masked, because whose card it is is nobody's business here. What stays is what tells
formats apart: lengths, control characters, punctuation, and a short prefix of letters before a number.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from controller.commands.common import config_option, load_settings
from controller.commands.reader_test import test

if TYPE_CHECKING:
    from controller.core.card import CardRules
    from controller.settings.model import Settings
    from controller.settings.reader import Reader
    from drivers.serial_reader import SerialReader

BURST_CAP = 256
"""Bytes shown as one. A reader that never pauses is shown in pieces."""
CONTROL_NAMES = {0x00: "NUL", 0x02: "STX", 0x03: "ETX", 0x0A: "LF", 0x0D: "CR", 0x1B: "ESC", 0x20: "SP"}
PREFIX = re.compile(rb"(?<![^\r\n])[\]%]?[A-Za-z]{1,3}(?=[0-9]{10}[0-9]*[^0-9A-Za-z]*(?:[\r\n]|\Z))")
"""Letters at the start of a line of nothing but a long number. Hex, names and other letters stay masked."""
NO_END = "nothing whole: the end that this format needs did not come"


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
            for burst in _bursts(wire):
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


def _bursts(wire: SerialReader) -> Iterator[bytes]:
    """What came without a pause."""
    burst = b""
    while True:
        data = wire.read()
        burst += data
        while len(burst) >= BURST_CAP or (burst and not data):
            yield burst[:BURST_CAP]
            burst = burst[BURST_CAP:]


def masked(data: bytes) -> str:
    """``data`` as text: each digit a 9, each letter an A or a, control characters named."""
    shown = {place for match in PREFIX.finditer(data) for place in range(*match.span())}
    return "".join(chr(byte) if place in shown else _masked(byte) for place, byte in enumerate(data))


def _masked(byte: int) -> str:
    if byte in CONTROL_NAMES:
        return f"<{CONTROL_NAMES[byte]}>"
    if not 0x20 < byte < 0x7F:
        # A card sent with a parity bit in the eighth place could be read from these bytes.
        return "<control>" if byte < 0x80 else "<above 7F>"
    character = chr(byte)
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character


def _show(burst: bytes, reader: Reader, rules: CardRules) -> None:
    click.echo(f"\n{len(burst)} bytes: {masked(burst)}")
    if sum(byte >= 0x80 for byte in burst) * 4 > len(burst):
        click.echo("  Much of it is no text: try another --baud.")
    for candidate, name in _candidates(reader):
        as_set = "  <- as set" if _same_format(candidate, reader) else ""
        click.echo(f"  {name:30}{_taken_for(burst, candidate, rules)}{as_set}")


def _candidates(reader: Reader) -> Iterator[tuple[Reader, str]]:
    """The reader as if set to each format, and how that is written."""
    from controller.core.framing.wiegand import WiegandText
    from controller.settings.reader import OSDP, WIEGAND, ReaderFormat

    for name in get_args(ReaderFormat):
        if name in OSDP:
            continue
        if name in WIEGAND:
            for text in get_args(WiegandText):
                yield reader.model_copy(update={"format": name, "wiegand_text": text}), f"{name} {text}"
        else:
            yield reader.model_copy(update={"format": name}), name


def _same_format(candidate: Reader, reader: Reader) -> bool:
    return (candidate.format, candidate.wiegand_text) == (reader.format, reader.wiegand_text)


def _taken_for(burst: bytes, reader: Reader, rules: CardRules) -> str:
    from controller.core.card import NotACard, parse_card
    from controller.core.framing.framer import Garbage
    from controller.door.swipes import framer_for

    found = framer_for(reader).feed(burst)
    texts = [text for text in found if isinstance(text, str)]
    if texts:
        try:
            card = parse_card(texts[0], rules)
        except NotACard as error:
            return f"text of {len(texts[0])} characters, but no card of [cards]: {error}"
        return f"a card number of {len(card.reveal())} characters"
    if (keypad := _keypad_of(burst, reader)) is not None:
        return f'a key of the keypad, keypad = "{keypad}"'
    garbage = [text for text in found if isinstance(text, Garbage)]
    return f"no card: {garbage[0].value}" if garbage else NO_END


def _keypad_of(burst: bytes, reader: Reader) -> str | None:
    """The keypad that sends this, whether or not it is set."""
    from controller.core.framing.framer import Key
    from controller.core.framing.wiegand import KEY_BITS
    from controller.door.swipes import framer_for
    from controller.settings.reader import WIEGAND

    for keypad in KEY_BITS if reader.format in WIEGAND else ():
        found = framer_for(reader.model_copy(update={"keypad": keypad})).feed(burst)
        if any(isinstance(text, Key) for text in found):
            return keypad
    return None
