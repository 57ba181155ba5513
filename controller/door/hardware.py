"""Opens the devices that the settings name, and sees to it that each is closed at the end of the process.

The only file of the door, besides ``main``, that knows drivers. Never here: what is done with a device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from typing import TypeVar

from controller.core.outcome import IDLE, Lines, Outcome, text
from controller.devices import CardReader, DigitalInput, Signal
from controller.door.contacts import Contacts
from controller.door.door import DoorParts
from controller.door.inputs import DoorEdge, DoorInput, Happening
from controller.door.panel import Panel
from controller.secrets import credentials, reader_key
from controller.settings.building import OutputSettings
from controller.settings.door import Door, LockSettings
from controller.settings.model import Settings
from controller.settings.reader import Reader, SignalSettings
from controller.settings.section import Section
from drivers.gpio_input import GpioInput
from drivers.gpio_lock import GpioLock
from drivers.gpio_output import GpioOutput
from drivers.gpio_signal import GpioSignal
from drivers.osdp_line import OsdpLine
from drivers.osdp_reader import OsdpDisplay, OsdpReader, OsdpSignal
from drivers.serial_display import SerialDisplay
from drivers.serial_reader import SerialReader

InputName = TypeVar("InputName", bound=StrEnum)

OsdpLines = Mapping[str, OsdpLine]
"""The lines of OSDP readers, by port."""


def open_lock(wiring: LockSettings, closing: ExitStack) -> GpioLock:
    """Secured from the first moment. Raises DeviceError."""
    lock = GpioLock(
        wiring.pin,
        fail_safe=wiring.kind == "fail-safe",
        active_high=wiring.active_high,
        max_on_s=wiring.pulse_s,
    )
    closing.callback(lock.close)
    return lock


def open_lines(settings: Settings, closing: ExitStack) -> OsdpLines:
    """A line for each port with OSDP readers, by that port.

    Raises SecretMissing, and DeviceError where libosdp is not installed.
    """
    found: dict[str, dict[int, bytes | None]] = {}
    bauds: dict[str, int] = {}
    for door, reader in settings.readers():
        if reader.is_osdp:
            name = credentials.reader_key(door.id, reader.id)
            key = reader_key.raw(credentials.read(name), name) if reader.needs_key else None
            found.setdefault(reader.port, {})[reader.address] = key
            bauds[reader.port] = reader.baud
    lines = {port: OsdpLine(port, bauds[port], readers) for port, readers in found.items()}
    for line in lines.values():
        closing.callback(line.close)
    return lines


def open_reader(reader: Reader, lines: OsdpLines) -> CardReader:
    """Raises DeviceLost."""
    if reader.is_osdp:
        return OsdpReader(lines[reader.port], reader.address)
    return SerialReader(reader.port, reader.baud)


def door_parts(
    door: Door,
    lock: GpioLock,
    texts: Mapping[str, Lines],
    lines: OsdpLines,
    post: Callable[[Happening], None],
    closing: ExitStack,
) -> DoorParts:
    """The lock with the contacts and panels of its door. post: takes the edges, from other threads."""
    contacts = open_inputs(door, DoorInput, lambda name: post(DoorEdge(door.id, name)), closing)
    panels = {reader.id: _open_panel(reader, texts, lines, closing) for reader in door.readers}
    return DoorParts(lock, contacts, panels)


def _open_panel(reader: Reader, texts: Mapping[str, Lines], lines: OsdpLines, closing: ExitStack) -> Panel:
    signal = _open_signal(reader, lines)
    closing.callback(signal.close)
    if reader.display is None:
        own = OsdpDisplay(lines[reader.port], reader.address) if reader.is_osdp else None
        return Panel(signal, own, texts)
    wiring = reader.display
    display = SerialDisplay(
        wiring.port,
        wiring.baud,
        columns=wiring.columns,
        rows=wiring.rows,
        protocol=wiring.protocol,
        idle=text(IDLE, own=texts),
        left=text(Outcome.OUT_OF_ORDER, own=texts),
    )
    closing.callback(display.close)
    return Panel(signal, display, texts)


def _open_signal(reader: Reader, lines: OsdpLines) -> Signal:
    """An OSDP reader has lamps and buzzer of its own, unless others are fitted beside it."""
    lamps = reader.signal
    if reader.is_osdp and lamps == SignalSettings():
        return OsdpSignal(lines[reader.port], reader.address)
    return GpioSignal(green_pin=lamps.green_pin, red_pin=lamps.red_pin, buzzer_pin=lamps.buzzer_pin)


def open_outputs(settings: Iterable[OutputSettings], closing: ExitStack) -> dict[str, GpioOutput]:
    """The relays that follow the branch, by id. None is driven yet."""
    outputs = {each.id: GpioOutput(each.pin, active_high=each.active_high) for each in settings}
    for output in outputs.values():
        closing.callback(output.close)
    return outputs


def open_inputs(
    section: Section, names: type[InputName], post: Callable[[InputName], None], closing: ExitStack
) -> Contacts[InputName]:
    """The inputs of a table that are set. names: what they may be called, which are keys of the table."""
    devices: dict[InputName, DigitalInput] = {}
    for name in names:
        wiring = getattr(section, name.value)
        if wiring is not None:
            device = GpioInput(wiring.pin, active_low=wiring.active_low)
            closing.callback(device.close)
            devices[name] = device
    return Contacts(devices, post)
