"""A serial line with a card reader at the far end: a pseudo-terminal, paced to its baud rate.

Here: bytes as they would travel on the wire. A pseudo-terminal takes any baud rate and paces none, so the
pace is kept here: ten bits a byte (8N1). The controller opens ``path``, which is gone while the reader is
unplugged. Never here: how a card is written (``card_formats``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from simulator.card_formats import LINE
from simulator.closing import Closing
from simulator.plug import Plug

BITS_A_BYTE = 10
"""8N1: a start bit, eight data bits, a stop bit."""


class SerialWire(Closing):
    """A reader plugged in at ``path`` from construction until ``unplug`` or ``close``."""

    def __init__(self, path: Path, baud: int = 9600, sent: Callable[[str], bytes] = LINE.sent) -> None:
        """sent: what the reader sends for a card number."""
        self.path = path
        self._byte_s = BITS_A_BYTE / baud
        self._sent = sent
        self._plug = Plug(path)

    def send(self, data: bytes) -> None:
        """Put bytes on the wire; returns when the last would have arrived.

        What the controller doesn't take is lost, as on a wire. Raises RuntimeError while unplugged.
        """
        far_end = self._far_end()
        start = time.monotonic()
        for count, byte in enumerate(data, start=1):
            # Nobody reads and the terminal's buffer is full: a real line would lose the byte.
            with suppress(BlockingIOError):
                os.write(far_end, bytes([byte]))
            ahead_s = start + count * self._byte_s - time.monotonic()
            if ahead_s > 0:
                time.sleep(ahead_s)

    def pour(self, data: bytes) -> int:
        """Put bytes on the wire with no regard to its pace, as a USB reader can; returns how many it took."""
        try:
            return os.write(self._far_end(), data)
        except BlockingIOError:
            return 0

    def swipe(self, card: str) -> None:
        """A card is read."""
        self.send(self._sent(card))

    def misread(self, card: str) -> None:
        """A card is read, and one bit in the middle of it arrives wrong."""
        sent = bytearray(self._sent(card))
        sent[len(sent) // 2] ^= 0x80
        self.send(bytes(sent))

    @property
    def plugged(self) -> bool:
        return self._plug.far_end is not None

    def unplug(self) -> None:
        """Pull the plug: whoever has the port open gets an error at its next read, and the path is gone."""
        self._plug.pull()

    def plug(self) -> None:
        """Plug in. The device behind the path may be another than before, as with ttyACM numbers."""
        self._plug.put_in()

    def close(self) -> None:
        """Unplug for good. Safe to call twice."""
        self.unplug()

    def _far_end(self) -> int:
        if self._plug.far_end is None:
            raise RuntimeError(f"the reader at {self.path} is unplugged")
        return self._plug.far_end
