"""A card reader on a serial line, RS-232 or USB.

Bytes only: what they mean is ``core.framing``'s business. Whatever waited in the line when it was
opened is thrown away, because a card that was swiped while nobody listened must not open a door later.
"""

from __future__ import annotations

import errno
import termios
import time
from contextlib import suppress

import serial

from controller.devices import DeviceLost, DeviceTaken

POLL_S = 0.2
"""How long ``read`` blocks without bytes: the time in which a reading thread notices that it is to stop."""

SILENCE_S = 0.03
DISCARD_S = 0.5
"""A line that is never silent is listened to after this time all the same."""
BITS_A_BYTE = 10

# An unplugged reader shows as any of these (pyserial 3.5): termios.error is not an OSError.
LOST = (serial.SerialException, OSError, termios.error)
LOCKED = (errno.EAGAIN, errno.EBUSY)
"""The first is what the advisory lock of another process gives."""


class SerialReader:
    """A ``controller.devices.CardReader``. Opened by construction. Raises DeviceLost, or DeviceTaken."""

    def __init__(self, port: str, baud: int) -> None:
        try:
            self._serial = serial.Serial(port, baud, timeout=POLL_S, exclusive=True)
        except LOST as error:
            if isinstance(error, OSError) and error.errno in LOCKED:
                raise DeviceTaken(f"reader: {error}") from error
            raise DeviceLost(f"reader: {error}") from error
        try:
            self._discard(silence_s=max(SILENCE_S, 3 * BITS_A_BYTE / baud))
        except LOST as error:
            self.close()
            raise DeviceLost(f"reader: {error}") from error

    def _discard(self, silence_s: float) -> None:
        """Read past what waits in the line, and past the card that is being sent just now."""
        self._serial.reset_input_buffer()
        self._serial.timeout = silence_s
        end_s = time.monotonic() + DISCARD_S
        while self._serial.read(1) and time.monotonic() < end_s:
            self._serial.reset_input_buffer()
        self._serial.timeout = POLL_S

    def read(self) -> bytes:
        try:
            first = self._serial.read(1)
            return first + self._serial.read(self._serial.in_waiting) if first else b""
        except LOST as error:
            raise DeviceLost(f"reader: {error}") from error

    def close(self) -> None:
        with suppress(*LOST):
            self._serial.close()
