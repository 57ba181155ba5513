"""Asked about relays and contacts, and each tried: did it click, was it seen?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import click

from controller.commands.setup.guided import waiting
from controller.commands.setup.guided.conversation import Conversation, Table, field, tell, yes
from controller.devices import DeviceError
from controller.settings.door import LockSettings
from controller.settings.inputs import InputSettings

IN_USE = "If the door's service has the pins: sudo systemctl stop unlocked-door, and try again."


@dataclass(frozen=True, slots=True)
class Wire:
    """name: for people. act: what to do to make it active. usual_low: active while the contact is made."""

    name: str
    pin: int
    act: str
    usual_low: bool


def lock(asked: Conversation, door: Table) -> None:
    table = door.setdefault("lock", {})
    assert isinstance(table, dict)
    tell("The relay of the lock. Pins are GPIO numbers (Broadcom), as in the wiring drawings.")
    kinds = [
        ("fail-secure", "a strike: released when it is energised"),
        ("fail-safe", "a maglock: released when it is not energised"),
    ]
    kind = asked.choose("Kind of lock", kinds, str(table.get("kind", "fail-secure")))
    _put(table, "kind", kind, "fail-secure")
    while True:
        asked.ask("GPIO number of its relay", table, "pin", field(LockSettings, "pin"), 17)
        table.setdefault("pin", 17)
        high = yes("Is the relay energised by a high level", default=bool(table.get("active_high", True)))
        _put(table, "active_high", high, usual=True)
        _put(table, "accept_boot_pulse", not high, usual=False)
        asked.save()
        if not high:
            tell("An active-low relay is energised for a moment whenever the service starts.")
        if not yes("Try it now? The relay clicks four times, and the door is released twice", default=True):
            return
        if _clicked(table):
            return


def _clicked(table: Table) -> bool:
    """Whether to go on; else the pin is asked for again."""
    from controller.commands.setup.trying.pins import click_relay

    fail_safe, high = table.get("kind") == "fail-safe", bool(table.get("active_high", True))
    try:
        click_relay(cast(int, table["pin"]), fail_safe=fail_safe, active_high=high)
    except DeviceError as error:
        click.echo(f"It cannot be tried: {error}\n{IN_USE}")
        return not yes("Try it again", default=False)
    return yes("Did it click, and is the door locked again now", default=True)


def contact(asked: Conversation, door: Table) -> None:
    tell("A door contact tells open from closed, so that a forced or held door is noticed.")
    input_(asked, door, "contact", Wire("a door contact", 27, "Open the door", usual_low=False))


def exit_button(asked: Conversation, door: Table) -> None:
    tell("The exit button releases the lock by wire. Seen as well, leaving is not taken for forcing.")
    input_(asked, door, "exit_button", Wire("an exit button", 22, "Press the exit button", usual_low=True))


def input_(asked: Conversation, above: Table, key: str, wire: Wire) -> None:
    """The table ``key`` of ``above``, or none where it is not fitted."""
    if not yes(f"Is {wire.name} fitted", default=True):
        above.pop(key, None)
        asked.save()
        return
    table = above.setdefault(key, {})
    assert isinstance(table, dict)
    while True:
        asked.ask("GPIO number of its input", table, "pin", field(InputSettings, "pin"), wire.pin)
        table.setdefault("pin", wire.pin)
        _put(table, "active_low", bool(table.get("active_low", wire.usual_low)), usual=True)
        asked.save()
        if not yes("Try it now", default=True) or _seen(table, wire):
            asked.save()
            return


def _seen(table: Table, wire: Wire) -> bool:
    """Whether to go on; else the pin is asked for again. What was seen settles which level is active."""
    from controller.commands.setup.trying.pins import contact as opened

    try:
        with opened(cast(int, table["pin"])) as pin:
            at_rest = pin.active()
            state = "made" if at_rest else "not made"
            click.echo(f"At rest the contact is {state}. {wire.act} now; Enter gives up.")
            if not waiting.until(lambda: pin.active() != at_rest):
                click.echo("Nothing changed at this pin.")
                return not yes("Try it again", default=True)
            click.echo("Seen. Now as it was before; Enter gives up.")
            if not waiting.until(lambda: pin.active() == at_rest):
                click.echo("It has not come back.")
                return not yes("Try it again", default=True)
    except DeviceError as error:
        click.echo(f"It cannot be tried: {error}\n{IN_USE}")
        return not yes("Try it again", default=False)
    _put(table, "active_low", not at_rest, usual=True)
    click.echo(f"Seen: active while the contact is {'not made' if at_rest else 'made'}.")
    return True


def _put(table: Table, key: str, value: object, usual: object) -> None:
    """Only what is not the default stands in the file."""
    if value == usual:
        table.pop(key, None)
    else:
        table[key] = value
