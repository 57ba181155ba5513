"""Parts of a file, as a browser asks for them to seek in a film (RFC 9110, section 14). Pure.

Only a single range of bytes is answered; whoever asks for several is given all, as the section allows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PIECE = 768 * 1024
"""Bytes of an answer: so much the web server keeps in memory rather than in a file of its own."""
_ONE = re.compile(r"bytes=\s*(\d{0,15})-(\d{0,15})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Piece:
    """first, last: bytes, both within the file."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def header(self, size: int) -> str:
        """``Content-Range``."""
        return f"bytes {self.first}-{self.last}/{size}"


class NotSatisfiable(Exception):
    """The range begins behind the end of the file."""


def piece_of(asked: str, size: int, most: int = PIECE) -> Piece | None:
    """What to answer to the header ``Range``; None: the whole file. Never more than ``most`` bytes.

    Raises NotSatisfiable.
    """
    found = _ONE.fullmatch(asked)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        wanted = int(found[2])
        if not wanted or not size:
            raise NotSatisfiable
        first, last = max(0, size - wanted), size - 1
    else:
        first = int(found[1])
        last = min(int(found[2]), size - 1) if found[2] else size - 1
        if found[2] and int(found[2]) < first:
            return None
        if first >= size:
            raise NotSatisfiable
    return Piece(first, min(last, first + most - 1))
