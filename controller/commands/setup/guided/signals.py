"""Asked about the lamps and the buzzer beside a reader, each lit and sounded."""

from __future__ import annotations

from typing import cast

import click

from controller.commands.setup.guided.conversation import Conversation, Table, field, yes
from controller.commands.setup.guided.wires import IN_USE
from controller.devices import DeviceError
from controller.settings.reader import SignalSettings

PARTS = (("green_pin", "green lamp", 24), ("red_pin", "red lamp", 25), ("buzzer_pin", "buzzer", 12))


def signals(asked: Conversation, reader: Table) -> None:
    there = bool(reader.get("signal"))
    if not yes("Are there lamps or a buzzer of its own beside it", default=there):
        reader.pop("signal", None)
        asked.save()
        return
    table = reader.setdefault("signal", {})
    assert isinstance(table, dict)
    for key, name, usual in PARTS:
        if yes(f"Is a {name} fitted", default=key in table or not there):
            _one(asked, table, key, name, usual)
        else:
            table.pop(key, None)
    asked.save()


def _one(asked: Conversation, table: Table, key: str, name: str, usual: int) -> None:
    from controller.commands.setup.trying.pins import switch_on

    while True:
        asked.ask(f"GPIO number of the {name}", table, key, field(SignalSettings, key), usual)
        table.setdefault(key, usual)
        if not yes("Try it now", default=True):
            return
        try:
            switch_on(cast(int, table[key]))
        except DeviceError as error:
            click.echo(f"It cannot be tried: {error}\n{IN_USE}")
            if not yes("Try it again", default=False):
                return
        else:
            if yes(f"Was the {name} on for a second", default=True):
                return
