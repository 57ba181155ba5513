"""An OSDP reader, played by libosdp: what people do at it, and what they see and hear of it.

Its line is simulator.osdp_cable's. Never here: what a card number means.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

import osdp_sys

from drivers import osdp_random

KEYPAD = {"*": 0x7F, "#": 0x0D}
ENFORCE_SECURE, INSTALL_MODE = 0x10000, 0x20000
CAPABILITIES = {4: (4, 1), 5: (2, 1), 6: (2, 1)}
"""One lamp of three colours that blinks by itself, a buzzer that counts, a display of two rows."""
OFF = 1

Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Lamp:
    """What the lamp was told: two colours (0 dark, 1 red, 2 green, 3 amber) in turn; tenths of a second."""

    on_colour: int
    on: int
    off_colour: int
    off: int
    for_: int


@dataclass(frozen=True, slots=True)
class Buzzer:
    """What the buzzer was told: so many tones of so many tenths of a second; none to be quiet."""

    tones: int
    on: int
    off: int


@dataclass(slots=True)
class _Mouth:
    """libosdp's channel at the reader: a frame at a time."""

    id: int = 1
    heard: deque[bytes] = field(default_factory=deque)
    said: list[bytes] = field(default_factory=list)

    def read(self, most: int) -> bytes:
        if not self.heard:
            return b""
        frame = self.heard.popleft()
        if len(frame) >= most:
            # libosdp asks again after a full read, and must then not be given another frame.
            self.heard.appendleft(frame[most:])
        return frame[:most]

    def write(self, data: bytes) -> int:
        self.said.append(bytes(data))
        return len(data)

    def flush(self) -> None: ...


class OsdpReader:
    """A reader at an address. key: None for one in install mode, which takes the first key it is given.

    secure: False is a reader that also obeys in clear text.
    """

    def __init__(self, address: int = 0, key: bytes | None = None, *, secure: bool = True) -> None:
        self.address = address
        self.key = key
        self.lamps: list[Lamp] = []
        self.buzzes: list[Buzzer] = []
        self.texts: list[tuple[int, str]] = []
        self._secure = secure
        self._mouth = _Mouth()
        self._lock = threading.RLock()
        self._device = self._powered()

    def paired(self, key: bytes) -> None:
        """Fitted with this key, which the controller has too."""
        with self._lock:
            self.key = key
            self.power_cycle()

    def power_cycle(self) -> None:
        """Lose what it kept, and the session with the controller, but not its key."""
        with self._lock:
            self._device = self._powered()

    def _powered(self) -> osdp_sys.PeripheralDevice:
        info: Fields = {"name": f"simulated {self.address}", "address": self.address, "channel": self._mouth}
        info |= {"version": 1, "model": 1, "vendor_code": 1, "serial_number": 1, "firmware_version": 1}
        if self.key is None:
            info["flags"] = INSTALL_MODE
        else:
            info |= {"flags": ENFORCE_SECURE if self._secure else 0, "scbk": self.key}
        capabilities = [
            {"function_code": code, "compliance_level": level, "num_items": items}
            for code, (level, items) in CAPABILITIES.items()
        ]
        osdp_sys.set_loglevel(0)
        device = osdp_sys.PeripheralDevice(info, capabilities=capabilities)
        device.set_command_callback(self._told)
        return device

    # --- what people do -------------------------------------------------------------------------

    def card(self, value: int, bits: int) -> None:
        """Hold a card of these bits to it."""
        size = -(-bits // 8)
        data = (value << (size * 8 - bits)).to_bytes(size, "big")
        self._keep(event=1, reader_no=0, format=1, direction=0, length=bits, data=data)

    def press(self, keys: str) -> None:
        """Press digits, * and #."""
        self._keep(event=2, reader_no=0, data=bytes(KEYPAD.get(key, ord(key)) for key in keys))

    def tamper(self, opened: bool) -> None:
        """Open its housing, or close it."""
        self._keep(event=4, type=2, report=bytes((opened, 0)))

    @property
    def in_secure_channel(self) -> bool:
        with self._lock:
            return bool(self._device.is_sc_active())

    def _keep(self, **event: object) -> None:
        with self._lock:
            self._device.submit_event(event)

    # --- on the line ----------------------------------------------------------------------------

    def hear(self, frame: bytes | None) -> list[bytes]:
        """What it answers to a frame. None is silence, in which time passes for it too."""
        with self._lock:
            osdp_random.refill()
            if frame is not None:
                self._mouth.heard.append(frame)
            self._device.refresh()
            said, self._mouth.said = self._mouth.said, []
        return said

    def _told(self, command: Fields) -> tuple[int, Fields | None]:
        match command:
            case {"command": 2, "temporary": True, "control_code": code, "timer_count": int(tenths)}:
                on_colour, on, off_colour, off = (
                    _number(command, key) for key in ("on_color", "on_count", "off_color", "off_count")
                )
                played = Lamp(on_colour, on, off_colour, off, tenths)
                self.lamps.append(played if code != OFF else Lamp(0, 0, 0, 0, 0))
            case {"command": 3, "control_code": code}:
                tones, on, off = (_number(command, key) for key in ("rep_count", "on_count", "off_count"))
                self.buzzes.append(Buzzer(tones, on, off) if code != OFF else Buzzer(0, 0, 0))
            case {"command": 4, "offset_row": int(row), "data": str(text)}:
                self.texts.append((row - 1, text))
            case {"command": 5, "data": bytes(key)}:
                self.key = key
        return 0, None


def _number(command: Fields, key: str) -> int:
    value = command[key]
    assert isinstance(value, int)
    return value
