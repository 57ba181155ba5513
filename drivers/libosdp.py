"""libosdp's Python binding: the only file that touches it, and gives it types.

Through ``osdp_sys`` and not through its ``osdp`` package, whose thread sleeps 20 ms at a time, prints
exceptions, and keeps every event in a queue that nobody may want (docs/decisions/0016).

Here: a control panel, what it can be told and what it says. Never here: when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from controller.devices import CardBits, DeviceError, KeyPress
from drivers import osdp_random
from drivers.osdp_signal import Blink, Tones

try:
    import osdp_sys
except ImportError:
    osdp_sys = None

KEY_BYTES = 16
CHANNEL = 1
"""libosdp takes 0 for "no channel" and would let readers on one line talk at the same time."""
EMERGENCY = 0
ENFORCE_SECURE = 0x10000
NOTIFY = 0x80000
RAW_FORMATS = (0, 1)
"""Unspecified and Wiegand. With any other, the binding copies more than the reader had sent."""
KEYPAD_MARKS = {0x7F: "*", 0x0D: "#", ord("*"): "*", ord("#"): "#"}
"""The first two are the standard's; readers send the others all the same."""


class Channel(Protocol):
    """What libosdp reads from and writes to. None of the three may raise: libosdp would go on regardless."""

    id: int

    def read(self, most: int) -> bytes:
        """One whole frame, or nothing: libosdp forgets half a frame."""

    def write(self, data: bytes) -> int: ...

    def flush(self) -> None: ...


class Panel(Protocol):
    """libosdp's control panel. A reader is named by its place in the list it was made with."""

    def refresh(self) -> None: ...
    def submit_command(self, reader: int, command: dict[str, object], /) -> bool: ...
    def flush_commands(self, reader: int, /) -> int: ...
    def sc_status(self) -> int: ...
    def check_capability(self, reader: int, capability: int, /) -> tuple[int, int]: ...
    def disable_pd(self, reader: int, /) -> bool: ...
    def enable_pd(self, reader: int, /) -> bool: ...
    def is_pd_enabled(self, reader: int, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Online:
    """The reader can be asked for cards, or no longer."""

    up: bool


@dataclass(frozen=True, slots=True)
class LocalStatus:
    """The reader's housing is open, or closed."""

    tamper: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """What was pressed since the reader was last asked."""

    presses: tuple[KeyPress, ...] = field(repr=False)


Said = Online | LocalStatus | CardBits | Keys


def panel(
    channel: Channel,
    readers: Mapping[int, bytes | None],
    said: Callable[[int, Said], None],
    *,
    enforce: bool = True,
) -> Panel:
    """A control panel for these addresses, each with its key; None is a reader without secure channel.

    enforce: with a key, nothing but a secure channel with that key will do. said: called within
    ``refresh``; must not raise. Raises DeviceError.
    """
    if osdp_sys is None:
        raise DeviceError("an OSDP reader needs libosdp: pip install 'libraries-unlocked[osdp]'")
    osdp_random.take_over()
    osdp_sys.set_loglevel(EMERGENCY)
    infos: list[dict[str, object]] = []
    for address, key in readers.items():
        info: dict[str, object] = {"name": f"reader {address}", "address": address, "channel": channel}
        info["flags"] = NOTIFY | (ENFORCE_SECURE if key is not None and enforce else 0)
        if key is not None:
            info["scbk"] = key
        infos.append(info)
    made = osdp_sys.ControlPanel(infos)

    def happened(reader: int, event: dict[str, object]) -> int:
        parsed = _parse(event)
        # The binding never gives the dictionary back, and it may hold a card.
        event.clear()
        if parsed is not None:
            said(reader, parsed)
        return 0

    made.set_event_callback(happened)
    opened: Panel = made
    return opened


def _parse(event: Mapping[str, object]) -> Said | None:
    match event:
        case {"event": 1, "format": int(kind), "length": int(bits), "data": bytes(data)}:
            if kind not in RAW_FORMATS or not 0 < bits <= len(data) * 8:
                return None
            return CardBits(int.from_bytes(data, "big") >> (len(data) * 8 - bits), bits)
        case {"event": 2, "data": bytes(data)}:
            return Keys(tuple(KeyPress(symbol) for byte in data if (symbol := _symbol(byte))))
        case {"event": 4, "type": 2, "report": bytes(report)} if report:
            return LocalStatus(report[0] != 0)
        case {"event": 5, "type": 2, "arg0": int(up)}:
            return Online(bool(up))
        case _:
            return None


def _symbol(byte: int) -> str | None:
    return chr(byte) if chr(byte) in "0123456789" else KEYPAD_MARKS.get(byte)


# --- commands ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """code: the standard's. capability: what the reader must have said that it can do.

    libosdp gives up a reader that refuses a command, so none is sent to a reader that cannot obey it.
    """

    code: int
    capability: int | None
    fields: Mapping[str, object] = field(repr=False)


LAMP, BUZZER, TEXT = 4, 5, 6
"""Function codes of capabilities."""
ROWS = {1: 1, 2: 2, 3: 4}
"""Of 16 characters, by the level of text output that a reader says it has."""
ASK_LOCAL_STATUS = Command(0x64, None, {"command": 9, "type": 2})
QUIET = Command(
    0x6A,
    BUZZER,
    {"command": 3, "reader": 0, "control_code": 1, "on_count": 0, "off_count": 0, "rep_count": 0},
)


def _lamp(**fields: int | bool) -> Command:
    return Command(0x69, LAMP, {"command": 2, "reader": 0, "led_number": 0, **fields})


DARK = _lamp(temporary=False, control_code=1, on_color=0, on_count=1, off_color=0, off_count=0)
NO_PATTERN = _lamp(
    temporary=True, control_code=1, on_color=0, on_count=0, off_color=0, off_count=0, timer_count=0
)


def told(what: Blink | Tones) -> Command:
    if isinstance(what, Blink):
        return _lamp(
            temporary=True,
            control_code=2,
            on_color=int(what.on),
            on_count=what.on_tenths,
            off_color=int(what.off),
            off_count=what.off_tenths,
            timer_count=what.tenths,
        )
    counts = {"on_count": what.on_tenths, "off_count": what.off_tenths, "rep_count": what.times}
    return Command(0x6A, BUZZER, {"command": 3, "reader": 0, "control_code": 2, **counts})


def text(row: int, line: str, duration_s: int) -> Command:
    """row: from 0. line: printable ASCII, 32 characters at most. duration_s: 1 to 255."""
    place = {"offset_row": row + 1, "offset_col": 1}
    shown = {"control_code": 3, "temp_time": duration_s, "data": line}
    return Command(0x6B, TEXT, {"command": 4, "reader": 0, **place, **shown})


def can(panel: Panel, reader: int, capability: int | None) -> bool:
    return capability is None or panel.check_capability(reader, capability)[0] > 0


def rows_of_text(panel: Panel, reader: int) -> int:
    """Of its display; 0 without one, or as long as the reader has not been asked."""
    return ROWS.get(panel.check_capability(reader, TEXT)[0], 0)
