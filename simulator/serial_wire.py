"""A serial line with a card reader at the far end: a pseudo-terminal, paced to its baud rate.

Here: bytes as they would travel on the wire, and a plug that can be pulled. A pseudo-terminal takes
any baud rate and paces none, so the pace is kept here: ten bits a byte (8N1). The controller opens
``path``, a symbolic link as in /dev/serial/by-id, which is gone while the reader is unplugged. Never
here: what a card number means.
"""

from __future__ import annotations

import os
import time
import tty
from contextlib import suppress
from pathlib import Path

from simulator.closing import Closing

BITS_A_BYTE = 10
"""8N1: a start bit, eight data bits, a stop bit."""


class SerialWire(Closing):
    """A reader plugged in at ``path`` from construction until ``unplug`` or ``close``."""

    def __init__(self, path: Path, baud: int = 9600, terminator: bytes = b"\r") -> None:
        self.path = path
        self._byte_s = BITS_A_BYTE / baud
        self._terminator = terminator
        self._far_end: int | None = None
        self.plug()

    def send(self, data: bytes) -> None:
        """Put bytes on the wire; returns when the last would have arrived.

        What the controller doesn't take is lost, as on a wire. Raises RuntimeError while unplugged.
        """
        if self._far_end is None:
            raise RuntimeError(f"the reader at {self.path} is unplugged")
        start = time.monotonic()
        for count, byte in enumerate(data, start=1):
            # Nobody reads and the terminal's buffer is full: a real line would lose the byte.
            with suppress(BlockingIOError):
                os.write(self._far_end, bytes([byte]))
            ahead_s = start + count * self._byte_s - time.monotonic()
            if ahead_s > 0:
                time.sleep(ahead_s)

    def swipe(self, card: str) -> None:
        """A card is read: its number, and the reader's terminator."""
        self.send(card.encode("ascii") + self._terminator)

    @property
    def plugged(self) -> bool:
        return self._far_end is not None

    def unplug(self) -> None:
        """Pull the plug: whoever has the port open gets an error at its next read, and the path is gone."""
        if self._far_end is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._far_end)
            self._far_end = None

    def plug(self) -> None:
        """Plug in. The device behind the path may be another than before, as with ttyACM numbers."""
        if self._far_end is not None:
            return
        self._far_end, near_end = os.openpty()
        tty.setraw(near_end)
        os.set_blocking(self._far_end, False)
        device = os.ttyname(near_end)
        # A near end kept open here would go on taking bytes when whoever reads the port has closed it.
        os.close(near_end)
        self.path.symlink_to(device)

    def close(self) -> None:
        """Unplug for good. Safe to call twice."""
        self.unplug()
