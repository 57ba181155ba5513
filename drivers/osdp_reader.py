"""An OSDP reader: cards, keypad, housing, lamps, buzzer and text, each behind its own protocol of devices.

All of it travels on the reader's line (``drivers.osdp_line``), which goes on while these come and go.
"""

from __future__ import annotations

from queue import Empty

from controller.devices import Reading, SignalStep
from drivers import libosdp
from drivers.osdp_line import OsdpLine
from drivers.osdp_signal import Blink, Tones, plan
from drivers.serial_display import plain
from drivers.serial_reader import POLL_S

ATTACH_S = 1.5
"""A handshake takes half a second at 9600 bits a second."""
COLUMNS = 16
LONGEST_TEXT_S = 255


class OsdpReader:
    """A ``controller.devices.CardReader``. Opened by construction. Raises DeviceLost, or DeviceTaken."""

    def __init__(self, line: OsdpLine, address: int) -> None:
        self._line, self._address = line, address
        # What is held to a reader while it is away is dropped. Whoever reads is told of each such moment.
        self._losses = line.losses(address)
        self._readings = line.attach(address, ATTACH_S)

    def read(self) -> Reading:
        try:
            return self._readings.get(timeout=POLL_S)
        except Empty:
            self._line.check(self._address, self._losses)
            return b""

    def close(self) -> None:
        """The line stays: it is what finds the reader again."""


class OsdpSignal:
    """A ``controller.devices.Signal`` played by the reader itself. Nothing is played while it is lost."""

    def __init__(self, line: OsdpLine, address: int) -> None:
        self._line, self._address = line, address

    def play(self, steps: tuple[SignalStep, ...]) -> None:
        planned = plan(steps)
        commands = [(due.at_s, libosdp.told(due.what)) for due in planned]
        # What the old pattern still has to say, the new one takes back.
        for kind, end in ((Tones, libosdp.QUIET), (Blink, libosdp.NO_PATTERN)):
            if not any(isinstance(due.what, kind) and due.at_s == 0 for due in planned):
                commands.insert(0, (0.0, end))
        self._line.schedule(self._address, "signal", commands)

    def close(self) -> None:
        self.play(())


class OsdpDisplay:
    """A ``controller.devices.Display`` on the reader, if it has one: rows of 16 characters.

    What it shows while there is nothing to tell is the reader's own.
    """

    def __init__(self, line: OsdpLine, address: int) -> None:
        self._line, self._address = line, address

    @property
    def lost(self) -> bool:
        """It goes and comes with the reader, whose loss is told anyway."""
        return False

    def show(self, lines: tuple[str, ...], duration_s: float) -> None:
        rows = self._line.rows(self._address)
        if not rows:
            return
        pages = [lines[start : start + rows] for start in range(0, len(lines), rows)] or [()]
        page_s = duration_s / len(pages)
        shown_s = min(LONGEST_TEXT_S, max(1, round(page_s)))
        self._line.schedule(
            self._address,
            "text",
            [
                (number * page_s, libosdp.text(row, line.ljust(COLUMNS), shown_s))
                for number, page in enumerate(pages)
                for row, line in enumerate(_filled(page, rows))
            ],
        )

    def close(self) -> None:
        """A text on a reader ends by itself."""


def _filled(page: tuple[str, ...], rows: int) -> list[str]:
    return [plain(line)[:COLUMNS] for line in page] + [""] * (rows - len(page))
