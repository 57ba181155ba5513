"""Readers that send a card number as a line: barcode, QR and magnetic stripe readers on a serial line.

Frames are found by their terminator (CR, LF or both), never by how the bytes were chopped up on their
way. Whatever is not clean comes out as Garbage, without the bytes; a line without end costs no memory.
"""

from __future__ import annotations

import re

from controller.core.framing.framer import Garbage

TERMINATOR = re.compile(rb"[\r\n]")
PRINTABLE = re.compile(rb"[ -~]+")


class LineFramer:
    """A ``Framer``: whole lines, without prefix and suffix."""

    def __init__(self, prefix: bytes, suffix: bytes, cap: int = 256) -> None:
        """cap: bytes a line may have.

        Raises ValueError if prefix or suffix holds a terminator, or leaves no room for a card.
        """
        if TERMINATOR.search(prefix + suffix):
            raise ValueError("CR and LF end a line, so they can be in neither prefix nor suffix")
        if len(prefix) + len(suffix) >= cap:
            raise ValueError("prefix and suffix leave no room for a card number")
        self._prefix = prefix
        self._suffix = suffix
        self._cap = cap
        self._line = bytearray()
        self._overflowed = False

    def feed(self, data: bytes) -> list[str | Garbage]:
        """What these bytes complete, in order. Too long a line is told at once, then skipped to its end."""
        found: list[str | Garbage] = []
        *ends, rest = TERMINATOR.split(data)
        for end in ends:
            self._append(end, found)
            if self._line:
                found.append(self._read(bytes(self._line)))
            self._line.clear()
            self._overflowed = False
        self._append(rest, found)
        return found

    def _append(self, piece: bytes, found: list[str | Garbage]) -> None:
        if self._overflowed:
            return
        if len(self._line) + len(piece) > self._cap:
            found.append(Garbage.TOO_LONG)
            self._line.clear()
            self._overflowed = True
            return
        self._line += piece

    def _read(self, line: bytes) -> str | Garbage:
        end = len(line) - len(self._suffix)
        if end <= len(self._prefix) or not line.startswith(self._prefix) or not line.endswith(self._suffix):
            return Garbage.NOT_FRAMED
        content = line[len(self._prefix) : end]
        return content.decode("ascii") if PRINTABLE.fullmatch(content) else Garbage.NOT_TEXT
