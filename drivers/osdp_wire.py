"""What libosdp sees of a line: whole frames that may be believed, from the reader that was asked.

Here: the serial port as libosdp's channel, and when each reader was last heard. None of libosdp's three
calls raises; what a port met is kept until the line's thread asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

import serial

from drivers import libosdp
from drivers.osdp_frame import POLL, Frames, Reply, asked, believable, refuses
from drivers.serial_reader import LOST


class OsdpWire:
    """A ``drivers.libosdp.Channel``. secure: the addresses whose readers need a secure channel.

    pairing: a new key may be acknowledged in clear text.
    """

    id = libosdp.CHANNEL

    def __init__(self, secure: Collection[int], *, pairing: bool) -> None:
        self._secure = secure
        self._pairing = pairing
        self._port: serial.Serial | None = None
        self._frames = Frames()
        self._whole: deque[bytes] = deque()
        self._rest = b""
        self._asks_again = False
        self._asked = (-1, 0)
        self._failure: BaseException | None = None
        self.heard_s: dict[int, float] = {}
        self.drained: set[int] = set()
        """Addresses that have said, since they were last removed, that they keep nothing from before."""
        self.refused: set[tuple[int, int]] = set()
        """Address and code of commands that readers have refused."""

    def plug(self, port: serial.Serial | None) -> None:
        """Use this port from now on."""
        self._port, self._failure = port, None
        self._forget()

    def take(self, data: bytes, now_s: float) -> bool:
        """Bytes from the line; returns whether there is something for libosdp now."""
        address, command = self._asked
        for frame in self._frames.feed(data):
            if frame.address != address:
                continue
            self.heard_s[address] = now_s
            if believable(frame, secure=address in self._secure, pairing=self._pairing):
                if command == POLL and frame.reply == Reply.ACK:
                    self.drained.add(address)
                elif refuses(frame):
                    self.refused.add((address, command))
                self._whole.append(frame.sent)
        return bool(self._whole)

    def check(self) -> None:
        """Raises what the port has met."""
        if self._failure is not None:
            raise self._failure

    # --- for libosdp ------------------------------------------------------------------------------

    def read(self, most: int) -> bytes:
        """The next frame, in pieces: libosdp asks again after a piece of this length, and after no other."""
        if not self._rest and self._whole and not self._asks_again:
            self._rest = self._whole.popleft()
        piece, self._rest = self._rest[:most], self._rest[most:]
        self._asks_again = len(piece) == most
        return piece

    def write(self, data: bytes) -> int:
        self._asked = asked(data)
        try:
            if self._port is not None:
                self._port.write(data)
        except LOST as error:
            self._failure = error
        return len(data)

    def flush(self) -> None:
        self._forget()
        try:
            if self._port is not None:
                self._port.reset_input_buffer()
        except LOST as error:
            self._failure = error

    def _forget(self) -> None:
        self._frames.forget()
        self._whole.clear()
        self._rest = b""
