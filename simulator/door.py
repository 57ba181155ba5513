"""A door of a simulated branch and the readers beside it: what people do there.

Never here: what should come of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Protocol

from simulator.closing import Closing
from simulator.door_settings import DOOR, EXIT_BUTTON, LOCK_SENSOR, DoorLayout, ReaderLayout
from simulator.members import STRANGER_SERIAL, Member, cast
from simulator.members import newcomers as joined_today
from simulator.osdp_cable import OsdpCable
from simulator.osdp_reader import OsdpReader
from simulator.pins.panel import Edge, Panel
from simulator.serial_wire import SerialWire

HELD = 5
"""How often a reader sends a card that is held before it."""
HELD_EVERY_S = 0.05
STRANGER = "stranger"
"""Whose card no membership belongs to."""


class Wire(Protocol):
    """What every reader's line has, whatever travels on it."""

    path: Path

    @property
    def plugged(self) -> bool: ...
    def swipe(self, card: str) -> None: ...
    def misread(self, card: str) -> None: ...
    def send(self, data: bytes) -> None: ...
    def pour(self, data: bytes) -> int: ...
    def unplug(self) -> None: ...
    def plug(self) -> None: ...
    def close(self) -> None: ...


class Reader(Closing):
    """A reader on its line, and everybody's card for it. Plugged in until it is unplugged or closed.

    osdp: the reader itself, where it is one that is spoken to.
    """

    def __init__(self, layout: ReaderLayout, today: date) -> None:
        self.id = layout.id
        self.type = layout.type
        self.osdp: OsdpReader | None = None
        self.wire: Wire
        if layout.type.bits is not None:
            self.osdp = OsdpReader()
            self.wire = OsdpCable(layout.port, [self.osdp], bits=layout.type.bits)
        else:
            self.wire = SerialWire(layout.port, sent=layout.type.sent)
        self.members: Mapping[str, Member] = cast(today, layout.type.number)
        self.newcomers: Mapping[str, Member] = joined_today(today, layout.type.number)

    def card(self, who: str) -> str:
        """The card of whoever has this label, or is the stranger; anything else is a card number itself."""
        if who == STRANGER:
            return self.type.number(STRANGER_SERIAL)
        member = self.members.get(who) or self.newcomers.get(who)
        return member.card if member is not None else who

    def swipe(self, who: str) -> None:
        self.wire.swipe(self.card(who))

    def present(self, who: str) -> None:
        """A card is held before the reader, which sends it again and again."""
        for _ in range(HELD):
            self.swipe(who)
            time.sleep(HELD_EVERY_S)

    def press(self, keys: str) -> None:
        """Keys of the reader's keypad, one after the other."""
        if self.osdp is not None:
            self.osdp.press(keys)
            return
        for key in keys:
            self.wire.send(self.type.bursts[key])

    def misread(self, who: str) -> None:
        """A card is read, and what arrives has a fault."""
        self.wire.misread(self.card(who))

    def close(self) -> None:
        self.wire.close()


class Door(Closing):
    """Its leaf is shut at first. ``close`` ends the simulation of it. lock: the GPIO number."""

    def __init__(self, layout: DoorLayout, panel: Panel, today: date) -> None:
        self.id = layout.id
        self.layout = layout
        self.lock = layout.lock
        self._panel = panel
        self._devices = ExitStack()
        self._bolt_works = False
        self.readers = [self._devices.enter_context(Reader(reader, today)) for reader in layout.readers]
        self.shut()
        if self.id == DOOR:
            self.bolt(True)

    def open(self) -> None:
        """Open the leaf."""
        self._panel.set(self.layout.contact, True)

    def shut(self) -> None:
        """Close the leaf."""
        self._panel.set(self.layout.contact, False)

    def press_exit(self, seconds: float = 0.2) -> None:
        """Press the exit button for so long. Raises LookupError where there is none."""
        if self.id != DOOR:
            raise LookupError(f"the door {self.id} has no exit button")
        self._panel.set(EXIT_BUTTON, False)
        time.sleep(seconds)
        self._panel.set(EXIT_BUTTON, None)

    def bolt(self, holds: bool) -> None:
        """What the sensor of the front door's lock says, where the plan has one, whatever the lock does."""
        self._bolt_works = False
        self._panel.set(LOCK_SENSOR, not holds)

    def bolt_works(self) -> None:
        """From now on the bolt does what the lock does."""
        self._bolt_works = True
        self._panel.set(LOCK_SENSOR, self._panel.level(self.lock))

    def seen(self, edge: Edge) -> None:
        """A pin has changed."""
        if self._bolt_works and edge.pin == self.lock:
            self._panel.set(LOCK_SENSOR, edge.level)

    def close(self) -> None:
        self._devices.close()


def everybody(doors: Sequence[Door]) -> list[Member]:
    """The members who have a card for any reader. A card that fits several is there once."""
    return _with_cards(reader.members for door in doors for reader in door.readers)


def newcomers(doors: Sequence[Door]) -> list[Member]:
    """Those who joined today, likewise."""
    return _with_cards(reader.newcomers for door in doors for reader in door.readers)


def _with_cards(people: Iterable[Mapping[str, Member]]) -> list[Member]:
    return list({member.card: member for labelled in people for member in labelled.values()}.values())
