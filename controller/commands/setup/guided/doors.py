"""Asked about the doors: readers, relay, contact and buttons, each tried where it can be."""

from __future__ import annotations

import click

from controller.commands.setup.guided import readers, wires
from controller.commands.setup.guided.conversation import Conversation, Table, field, tell, yes
from controller.settings.door import Door

MOST = 8


def doors(asked: Conversation) -> None:
    found = asked.tables("doors")
    count = click.prompt("How many doors does it have", default=len(found) or 1, type=click.IntRange(1, MOST))
    del found[count:]
    for number in range(count):
        if number == len(found):
            found.append({})
        _door(asked, found[number], number, count)


def _door(asked: Conversation, door: Table, number: int, count: int) -> None:
    usual = "front" if number == 0 else f"door-{number + 1}"
    if count > 1:
        click.secho(f"\nDoor {number + 1} of {count}", bold=True)
        asked.ask("Its name in events, such as front or garden", door, "id", field(Door, "id"), usual)
    which = str(door.get("id", usual))
    readers.readers(asked, door, which)
    wires.lock(asked, door)
    wires.contact(asked, door)
    wires.exit_button(asked, door)


def building(asked: Conversation) -> None:
    """What belongs to no single door."""
    tell("The fire relay is only observed: that it releases the lock is wired, not programmed.")
    inputs = asked.table("inputs")
    wires.input_(
        asked,
        inputs,
        "fire",
        wires.Wire("a fire relay", 23, "Have the fire alarm tested", usual_low=True),
    )
    if not inputs:
        asked.drop("inputs")
    if yes(
        "Is a battery clock (RTC) fitted and set, so that the time is right after a power cut", default=True
    ):
        asked.table("clock")["battery_clock"] = True
    else:
        asked.table("clock").pop("battery_clock", None)
    asked.save()
