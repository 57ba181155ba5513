"""125 kHz readers of the kinds RDM6300 and ID-12: STX, ten hex digits, a checksum of two, ETX.

The checksum is the exclusive or of the five bytes that the ten digits are. ID-12 sends CR and LF before
ETX. The first byte is a version or a customer's code and is not printed on cards. A card that is held
there comes every 50 ms: leaving repeats out is for ``repeats``.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import xor

from controller.core.framing.framer import Garbage, Noise
from controller.core.framing.number import Layout, NumberAs

STX, ETX = 0x02, 0x03
CAP = 14
NOISE_CAP = 256
CONTENT = re.compile(rb"([0-9A-Fa-f]{10})([0-9A-Fa-f]{2})(?:\r\n)?")
LAYOUTS: dict[NumberAs, Layout] = {
    "decimal": Layout(16, 16),
    "hex": Layout(24, 16),
    "facility": Layout(8, 16),
}
"""The lowest bits that make a card number: four bytes in decimal, all five in hex, three in two parts."""


def card_length(number_as: NumberAs) -> int:
    return LAYOUTS[number_as].length(number_as)


class Rdm6300Framer:
    """A ``Framer``."""

    def __init__(self, number_as: NumberAs = "decimal") -> None:
        self._number_as = number_as
        self._layout = LAYOUTS[number_as]
        self._frame: bytearray | None = None
        self._noise = Noise(NOISE_CAP)

    def feed(self, data: bytes) -> list[str | Garbage]:
        found: list[str | Garbage] = []
        for byte in data:
            if byte == STX:
                if self._frame is not None:
                    found.append(Garbage.NOT_FRAMED)
                self._frame = bytearray()
                self._noise.forget()
            elif self._frame is None:
                found += self._noise.hear(byte)
            elif byte == ETX:
                found.append(self._card(bytes(self._frame)))
                self._end()
            elif len(self._frame) == CAP:
                found.append(Garbage.TOO_LONG)
                self._end()
            else:
                self._frame.append(byte)
        return found

    def _end(self) -> None:
        self._frame = None
        self._noise.skip_line()

    def _card(self, content: bytes) -> str | Garbage:
        match = CONTENT.fullmatch(content)
        if match is None:
            return Garbage.SHAPE
        tag = bytes.fromhex(match[1].decode("ascii"))
        if reduce(xor, tag) != int(match[2], 16):
            return Garbage.BAD_CHECK
        value = int.from_bytes(tag, "big") & ((1 << self._layout.bits) - 1)
        return self._layout.write(value, self._number_as)
