"""The doors of a simulated branch, as its branch.toml has them: pins, readers, and which cards there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.card_formats import ReaderType

DOOR = "front"
LOCK, CONTACT, EXIT_BUTTON, GREEN, RED, BUZZER = 17, 27, 22, 24, 25, 12
LOCK_SENSOR = 1
"""GPIO numbers of the front door. Inputs are to ground: the contact is made while the door is closed, the
lock's sensor while the bolt holds the leaf."""
SETTLE_S = 0.5
"""How long the sensor must say so; less than any pulse that is played."""
OTHER_DOORS = ((4, 5), (6, 7), (8, 9), (10, 11), (13, 14), (15, 16), (18, 19))
"""GPIO numbers of lock and contact of every other door. Only the front door has more than these."""


@dataclass(frozen=True, slots=True)
class ReaderLayout:
    """port: where its line is."""

    id: str
    type: ReaderType
    port: Path


@dataclass(frozen=True, slots=True)
class DoorLayout:
    """lock, contact: GPIO numbers. display: of the front door alone."""

    id: str
    lock: int
    contact: int
    readers: tuple[ReaderLayout, ...]
    display: Path | None = None


def lay_out(types: Sequence[Sequence[ReaderType]], run: Path) -> tuple[DoorLayout, ...]:
    """The doors that have readers of these types. run: the folder of the devices' lines."""
    pins = ((LOCK, CONTACT), *OTHER_DOORS)
    return tuple(_door(place, *pins[place], readers, run) for place, readers in enumerate(types))


def _door(place: int, lock: int, contact: int, types: Sequence[ReaderType], run: Path) -> DoorLayout:
    door = f"door-{place + 1}" if place else DOOR
    names = [type_.name if len(types) > 1 else "in" for type_ in types]
    readers = tuple(
        ReaderLayout(name, type_, run / f"{door}-{name}") for name, type_ in zip(names, types, strict=True)
    )
    return DoorLayout(door, lock, contact, readers, None if place else run / "display")


def cards_toml(doors: Sequence[DoorLayout]) -> str:
    """The table that admits the card numbers of every reader."""
    numbers = [reader.type.number(serial) for door in doors for reader in door.readers for serial in range(9)]
    lengths = [len(number) for number in numbers]
    alphabet = "digits" if "".join(numbers).isdecimal() else "alphanumeric"
    return f'[cards]\nmin_length = {min(lengths)}\nmax_length = {max(lengths)}\nalphabet = "{alphabet}"\n'


def door_toml(
    door: DoorLayout,
    *,
    pulse_s: float,
    held_open_s: int,
    repeat_s: float = 0.5,
    held_warning_s: int | None = None,
    lock_sensor: bool = False,
) -> str:
    """The door's table, and those of its parts. lock_sensor: the front door has one."""
    warning = "" if held_warning_s is None else f"held_warning_s = {held_warning_s}\n"
    head = f'[[doors]]\nid = "{door.id}"\nheld_open_s = {held_open_s}\n{warning}'
    sensor = f"[doors.lock_sensor]\npin = {LOCK_SENSOR}\nsettle_s = {SETTLE_S}\n"
    return "\n".join(
        [head, *_parts(door, pulse_s, repeat_s), *([sensor] if lock_sensor and door.id == DOOR else [])]
    )


def _parts(door: DoorLayout, pulse_s: float, repeat_s: float) -> Iterator[str]:
    for reader in door.readers:
        keys = {"id": reader.id, "port": str(reader.port), **reader.type.settings}
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        yield f"[[doors.readers]]\n{lines}repeat_s = {repeat_s}\n"
        if door.display is not None and reader is door.readers[0]:
            yield f"[doors.readers.signal]\ngreen_pin = {GREEN}\nred_pin = {RED}\nbuzzer_pin = {BUZZER}\n"
            yield f'[doors.readers.display]\nport = "{door.display}"\n'
    yield f"[doors.lock]\npin = {door.lock}\npulse_s = {pulse_s}\n"
    yield f"[doors.contact]\npin = {door.contact}\nactive_low = false\n"
    if door.id == DOOR:
        yield f"[doors.exit_button]\npin = {EXIT_BUTTON}\n"
