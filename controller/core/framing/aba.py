"""Readers of magnetic stripes that send track 2 as text: ``;`` digits, ``=`` between fields, ``?``, LRC.

ISO/IEC 7811 (the ABA's track): at most 40 characters. The LRC is the character that makes the exclusive
or of all characters' four data bits, from ``;`` to itself, zero; many readers check it and leave it out.
Tracks 1 and 3, sent before and after, are skipped. Without an LRC the card is known to be whole only by
the line end, or track 3, after it.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import xor

from controller.core.framing.framer import Garbage, Noise

START, END = ord(";"), ord("?")
CHARACTERS = range(0x30, 0x40)
"""The sixteen characters of the track as text, digits first; 0x30 plus their four data bits."""
WITHOUT_LRC = b"\r\n\x03+"
"""What may follow ``?`` instead of the LRC: a line end, ETX, or the start of track 3."""
CAP = 39
"""All but the LRC."""
NOISE_CAP = 256
CONTENT = re.compile(rb"[0-9]*(?:=[0-9]*)*")


def lrc(frame: bytes) -> int:
    """The character that belongs after ``frame``, which runs from ``;`` to ``?``."""
    return 0x30 | (reduce(xor, frame) & 0x0F)


class AbaFramer:
    """A ``Framer``. field: which of the fields between ``=`` is the card number, from 1."""

    def __init__(self, field: int = 1) -> None:
        if field < 1:
            raise ValueError("fields are counted from 1")
        self._field = field
        self._frame = bytearray()
        self._noise = Noise(NOISE_CAP)

    def feed(self, data: bytes) -> list[str | Garbage]:
        found: list[str | Garbage] = []
        for byte in data:
            if not self._frame:
                found += self._outside(byte)
            elif self._frame[-1] == END:
                found += self._after_end(byte)
            else:
                found += self._inside(byte)
        return found

    def _outside(self, byte: int) -> list[str | Garbage]:
        if byte != START:
            return self._noise.hear(byte)
        self._frame.append(byte)
        self._noise.forget()
        return []

    def _inside(self, byte: int) -> list[str | Garbage]:
        if byte not in CHARACTERS or byte == START:
            return self._told(Garbage.NOT_FRAMED, then=byte)
        if len(self._frame) == CAP:
            return self._told(Garbage.TOO_LONG, then=byte)
        self._frame.append(byte)
        return []

    def _after_end(self, byte: int) -> list[str | Garbage]:
        if byte == lrc(bytes(self._frame)):
            return self._told(self._card())
        if byte in WITHOUT_LRC:
            return self._told(self._card(), then=byte)
        return self._told(Garbage.BAD_CHECK, then=byte)

    def _told(self, what: str | Garbage, then: int | None = None) -> list[str | Garbage]:
        """The frame is done with. then: a byte that is not of it and may begin the next."""
        self._frame.clear()
        self._noise.skip_line()
        return [what] if then is None else [what, *self._outside(then)]

    def _card(self) -> str | Garbage:
        content = bytes(self._frame[1:-1])
        if not CONTENT.fullmatch(content):
            return Garbage.SHAPE
        fields = content.decode("ascii").split("=")
        return (fields[self._field - 1] if self._field <= len(fields) else "") or Garbage.SHAPE
