"""An RS-485 line with OSDP readers: a pseudo-terminal, paced to its baud rate in both directions.

Here: the line, which can be cut, mended, unplugged, disturbed and listened to. The controller opens ``path``.
Never here: what a reader does.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from drivers import osdp_random
from simulator.closing import Closing
from simulator.osdp_reader import OsdpReader
from simulator.plug import Plug

BITS_A_BYTE = 10
"""8N1: a start bit, eight data bits, a stop bit."""
TICK_S = 0.02
CHUNK = 4096
KEPT = 1 << 20
"""Bytes that are kept for whoever listens."""
START, HEADER, LONGEST = 0x53, 5, 256

Middle = Callable[[bytes], bytes]
"""What somebody in the middle makes of a frame that a reader sends."""


def bits_of_text(card: str) -> tuple[int, int]:
    """A card whose bits are a text."""
    data = card.encode("ascii")
    return int.from_bytes(data, "big"), len(data) * 8


class OsdpCable(Closing):
    """Plugged in at ``path`` from construction until ``unplug`` or ``close``, with these readers on it."""

    def __init__(
        self,
        path: Path,
        readers: Sequence[OsdpReader],
        baud: int = 9600,
        bits: Callable[[str], tuple[int, int]] = bits_of_text,
    ) -> None:
        """bits: what the first reader says for a card number, and how many they are."""
        self.path = path
        self._bits = bits
        self.readers = tuple(readers)
        self.middle: Middle | None = None
        self._byte_s = BITS_A_BYTE / baud
        self._plug = Plug(path)
        self._whole = True
        self._heard = bytearray()
        self._kept: deque[int] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        osdp_random.take_over()
        self._thread = threading.Thread(target=self._run, name="osdp readers", daemon=True)
        self._thread.start()

    # --- what happens to it ---------------------------------------------------------------------

    def swipe(self, card: str) -> None:
        """A card is read at the first reader."""
        self.readers[0].card(*self._bits(card))

    def misread(self, card: str) -> None:
        """A card is read there, and one bit of it gets lost."""
        value, count = self._bits(card)
        self.readers[0].card(value >> 1, count - 1)

    def send(self, data: bytes) -> None:
        """As ``disturb``, at the line's pace. Raises RuntimeError while unplugged."""
        if not self.plugged:
            raise RuntimeError(f"the line at {self.path} is unplugged")
        self.disturb(data)
        time.sleep(len(data) * self._byte_s)

    def pour(self, data: bytes) -> int:
        """As ``disturb``; returns how many bytes there were."""
        self.disturb(data)
        return len(data)

    @property
    def plugged(self) -> bool:
        return self._plug.far_end is not None

    def unplug(self) -> None:
        """Pull the converter's plug: whoever has the port open gets an error, and the path is gone."""
        with self._lock:
            self._plug.pull()

    def plug(self) -> None:
        with self._lock:
            self._plug.put_in()

    def cut(self) -> None:
        """Cut the two wires behind the converter: the port is there, and nothing comes through."""
        self._whole = False

    def mend(self) -> None:
        self._whole = True

    def disturb(self, data: bytes) -> None:
        """Bytes that no reader sent arrive at the controller, at any pace."""
        with self._lock:
            self._put(data)

    @property
    def listened(self) -> bytes:
        """What somebody with a clip on the line has heard, both directions, in order."""
        with self._lock:
            return bytes(self._kept)

    def close(self) -> None:
        self._closing.set()
        self._thread.join(2)
        self.unplug()

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            data = self._take()
            if not data or not self._whole:
                self._heard.clear()
                for reader in self.readers:
                    reader.hear(None)
                continue
            self._kept.extend(data)
            self._heard += data
            for frame in self._frames():
                self._pass_on(frame)

    def _take(self) -> bytes:
        """What the controller has sent within a tick."""
        far_end = self._plug.far_end
        if far_end is None:
            self._closing.wait(TICK_S)
            return b""
        try:
            if not select.select([far_end], [], [], TICK_S)[0]:
                return b""
            return os.read(far_end, CHUNK)
        except (OSError, ValueError):
            # Nobody has it open, or it was unplugged just now.
            self._closing.wait(TICK_S)
            return b""

    def _frames(self) -> list[bytes]:
        found = []
        while (start := self._heard.find(START)) >= 0:
            del self._heard[:start]
            if len(self._heard) < HEADER:
                break
            length = int.from_bytes(self._heard[2:4], "little")
            if not HEADER < length <= LONGEST:
                del self._heard[:1]
                continue
            if len(self._heard) < length:
                break
            found.append(bytes(self._heard[:length]))
            del self._heard[:length]
        return found

    def _pass_on(self, frame: bytes) -> None:
        """A command to all readers, and the answer of one to the controller, each in the time it takes."""
        self._closing.wait(len(frame) * self._byte_s)
        for reader in self.readers:
            for answer in reader.hear(frame):
                if self._whole:
                    self._send(self.middle(answer) if self.middle is not None else answer)

    def _send(self, answer: bytes) -> None:
        start_s = time.monotonic()
        for count in range(len(answer)):
            with self._lock:
                self._put(answer[count : count + 1])
            ahead_s = start_s + (count + 1) * self._byte_s - time.monotonic()
            if ahead_s > 0:
                time.sleep(ahead_s)

    def _put(self, data: bytes) -> None:
        self._kept.extend(data)
        if self._plug.far_end is not None:
            with suppress(BlockingIOError, OSError):
                os.write(self._plug.far_end, data)
