"""What is fitted at the branch and how it is now: the settings beside what the page of today knows.

Never here: finding out how things are (``today``), or laying it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.console.today.shown import Board, Row
from controller.core.access import Side
from controller.settings.door import Door
from controller.settings.model import Settings
from controller.settings.reader import Reader
from controller.settings.recording import CameraSettings
from controller.settings.shown import without_query

KINDS = {"rtsp": "Network camera", "usb": "USB camera", "pi": "Camera of the controller itself"}
MODES = {"continuous": "all the time", "activity": "when something happens", "off": "never"}


@dataclass(frozen=True, slots=True)
class Device:
    """name: what it is called. what: what it is, in sentences of the settings. how: None where nobody knows.

    id: of a reader or a camera, for the page about it; else empty.
    """

    name: str
    what: str
    how: Row | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Devices:
    """doors: by id."""

    doors: tuple[tuple[str, tuple[Device, ...]], ...]
    building: tuple[Device, ...]
    cameras: tuple[Device, ...]


def devices(settings: Settings, board: Board) -> Devices:
    rows = {door.id: {row.name: row for row in door.rows} for door in board.doors}
    cameras = {row.name: row for row in board.cameras}
    return Devices(
        tuple((door.id, tuple(_of_door(door, rows.get(door.id, {})))) for door in settings.doors),
        tuple(_of_building(settings)),
        tuple(_camera(camera, cameras.get(camera.id)) for camera in settings.cameras),
    )


def _of_door(door: Door, how: dict[str, Row]) -> Iterator[Device]:
    lock = door.lock
    yield Device(
        "Lock", f"{lock.kind}, GPIO {lock.pin}, released for {lock.pulse_s:g} s at a time", how.get("Lock")
    )
    if door.contact is not None:
        yield Device("Door contact", f"GPIO {door.contact.pin}", how.get("Door contact"))
    for reader in door.readers:
        name = f"Reader {reader.id}"
        yield Device(name, _reader(reader), how.get(name), reader.id)
    for name, fitted in (
        ("Exit button", door.exit_button),
        ("Sensor of the bolt", door.lock_sensor),
        ("Tamper contact", door.tamper),
        ("Help button", door.help),
        ("Counter of who comes in", door.counter_in),
        ("Counter of who leaves", door.counter_out),
    ):
        if fitted is not None:
            yield Device(name, f"GPIO {fitted.pin}")


def _reader(reader: Reader) -> str:
    way = "coming in" if reader.side is Side.IN else "leaving"
    parts = [f"For {way}. Format {reader.format}, {reader.port}, {reader.baud} baud"]
    if reader.is_osdp:
        parts.append(f"address {reader.address}, {'secure channel' if reader.secure else 'in the clear'}")
    if reader.keypad != "none":
        parts.append("keypad")
    lamps = [pin for pin in (reader.signal.green_pin, reader.signal.red_pin) if pin is not None]
    if lamps:
        parts.append(f"lamps at GPIO {', '.join(map(str, lamps))}")
    if reader.signal.buzzer_pin is not None:
        parts.append(f"buzzer at GPIO {reader.signal.buzzer_pin}")
    if reader.display is not None:
        parts.append(f"display at {reader.display.port}")
    return ", ".join(parts)


def _of_building(settings: Settings) -> Iterator[Device]:
    inputs = settings.inputs
    for name, fitted in (
        ("Fire contact", inputs.fire),
        ("Evacuation switch", inputs.evacuation),
        ("Tamper contact", inputs.tamper),
        ("Mains contact", inputs.mains_lost),
        ("Battery contact", inputs.battery_low),
        ("Help button", inputs.help),
    ):
        if fitted is not None:
            yield Device(name, f"GPIO {fitted.pin}")
    for output in settings.outputs:
        yield Device(f"Output {output.id}", f"GPIO {output.pin}")


def _camera(camera: CameraSettings, how: Row | None) -> Device:
    address = without_query(camera.url) or camera.device
    by_hours = camera.by_hours.model_dump(exclude_none=True)
    modes = ", ".join(f"in {hours} hours {MODES[mode]}" for hours, mode in by_hours.items())
    zones, masks = len(camera.zones), len(camera.masks)
    motion = "none is looked for"
    if camera.motion:
        motion = f"in {zones} {'zone' if zones == 1 else 'zones'}" if zones else "everywhere"
    what = (
        f"{KINDS[camera.kind]} {address}".rstrip() + f". Recorded {MODES[camera.mode]}"
        f"{f', {modes}' if modes else ''}. Motion: {motion}. Masks: {masks or 'none'}"
    )
    return Device(camera.id, what, how, camera.id)
