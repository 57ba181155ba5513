"""Asked about the card readers of a door: where they are, and what they send."""

from __future__ import annotations

import click

from controller.commands.setup.guided import waiting
from controller.commands.setup.guided.conversation import Conversation, Table, field, tell, yes
from controller.commands.setup.guided.signals import signals
from controller.devices import DeviceLost, DeviceTaken
from controller.settings.model import Cards
from controller.settings.reader import OSDP, WIEGAND, Reader

MOST = 4
ANOTHER = "another"
SEVERAL = 3
"""Swipes after which the format may be taken as known."""
FORMAT_KEYS = ("format", "wiegand_text")


def readers(asked: Conversation, door: Table, which: str) -> None:
    found = door.setdefault("readers", [])
    assert isinstance(found, list)
    tell("A reader outside lets people in. One inside, for leaving, is needed for anti-passback only.")
    count = click.prompt(
        f"How many card readers has door {which}", default=len(found) or 1, type=click.IntRange(1, MOST)
    )
    del found[count:]
    for number in range(count):
        if number == len(found):
            found.append({})
        if count > 1:
            usual = "in" if number == 0 else "out" if number == 1 else f"reader-{number + 1}"
            found[number].setdefault("id", usual)
            asked.ask("Name of the reader, such as in", found[number], "id", field(Reader, "id"))
            leaving = yes("Is it for leaving", default=found[number].get("side") == "out")
            found[number]["side"] = "out" if leaving else "in"
        _reader(asked, found[number])
        signals(asked, found[number])


def _reader(asked: Conversation, table: Table) -> None:
    _port(asked, table)
    asked.ask("Bits per second", table, "baud", field(Reader, "baud"), 9600)
    speaks = [
        (False, "sends each card by itself: barcode, magnetic stripe, RDM6300, Wiegand converter"),
        (True, "OSDP on RS-485: it is asked, and answers encrypted"),
    ]
    if asked.choose("Kind of reader", speaks, table.get("format") in OSDP):
        table["format"] = "osdp"
        asked.ask("Its address on the line", table, "address", field(Reader, "address"), 0)
        asked.ask("What the bits of a card are", table, "osdp_card", field(Reader, "osdp_card"), "wiegand-26")
        length = Reader.model_validate(table).card_length
        if length is not None:
            _allow(asked, length)
        tell("Its key is made and given to it at the end, by `unlocked reader pair`.")
        asked.save()
        return
    if table.get("format") in OSDP:
        table.pop("format")
    while yes("Listen to it now, to find out what it sends", default=True):
        if _listened(asked, table):
            return
    _format_by_name(asked, table)


def _port(asked: Conversation, table: Table) -> None:
    from controller.commands.setup.trying.reader import ports

    known = [(str(port), port.name) for port in ports()]
    before = str(table.get("port", known[0][0] if known else ""))
    if known:
        tell("Serial lines that are plugged in. If unsure which it is, unplug it and look what goes.")
        chosen = asked.choose("Port of the reader", [*known, (ANOTHER, "another")], before)
        if chosen != ANOTHER:
            table["port"] = chosen
            asked.save()
            return
    asked.ask("Port, such as /dev/serial/by-id/…", table, "port", field(Reader, "port"))


def _listened(asked: Conversation, table: Table) -> bool:
    """Whether a format was chosen by what was heard."""
    from controller.commands.setup.trying.reader import Heard, listen, opened, understood_by_all

    swipes: list[Heard] = []
    port, baud = str(table["port"]), int(str(table.get("baud", 9600)))
    try:
        with opened(port, baud) as wire:
            click.echo(f"Swipe several cards, one after the other ({SEVERAL} are enough). Enter ends it.")
            for one in listen(wire, waiting.enter_was_pressed):
                swipes.append(one)
                known = ", ".join(one.lengths) or "understood by no format"
                click.echo(f"  {len(swipes)}. {one.shown}   {known}")
                if len(swipes) == SEVERAL:
                    break
    except DeviceTaken:
        click.echo(f"{port} is in use, most likely by the door: sudo systemctl stop unlocked-door")
    except DeviceLost as error:
        click.echo(f"It cannot be listened to: {error}")
    found = understood_by_all(swipes)
    if not found:
        if swipes:
            click.echo("No format understands all of them: try another number of bits per second.")
            asked.ask("Bits per second", table, "baud", field(Reader, "baud"), 9600)
        return False
    options = [(name, f"{name}: card numbers of {length} characters") for name, (_, length) in found.items()]
    reader, length = found[asked.choose("What it sends can be read as", options, options[0][0])]
    _keep_format(table, reader)
    _allow(asked, length)
    asked.save()
    return True


def _allow(asked: Conversation, length: int) -> None:
    """Card numbers of this length, besides those of readers that were asked about before."""
    cards = Cards.model_validate(asked.table("cards"))
    if cards.min_length <= length <= cards.max_length:
        return
    if not yes(f"Card numbers of {length} characters are not allowed yet. Allow them", default=True):
        return
    others = [reader for door in asked.tables("doors") for reader in _readers_of(door) if "port" in reader]
    lengths = (length,) if len(others) == 1 else (length, cards.min_length, cards.max_length)
    asked.table("cards").update(min_length=min(lengths), max_length=max(lengths))


def _readers_of(door: Table) -> list[Table]:
    found = door.get("readers", [])
    return found if isinstance(found, list) else []


def _format_by_name(asked: Conversation, table: Table) -> None:
    tell("line: digits and a line end. docs/readers.md has the others, and what goes with them.")
    asked.ask("Format", table, "format", field(Reader, "format"), "line")


def _keep_format(table: Table, reader: Reader) -> None:
    for key in FORMAT_KEYS:
        table.pop(key, None)
    if reader.format != "line":
        table["format"] = reader.format
    if reader.format in WIEGAND:
        table["wiegand_text"] = reader.wiegand_text
