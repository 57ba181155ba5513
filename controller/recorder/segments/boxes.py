"""Where a fragmented MP4 that was cut off is still whole (ISO/IEC 14496-12, sections 4.2 and 8.8).

Reads box headers only. Never here: decoding, and changing the file.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from controller.footage import reading

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")


def whole_bytes(path: Path) -> int:
    """How many bytes from the beginning make whole fragments; 0 when there is not even one.

    A fragment is a moof box and the mdat box behind it. What follows the last pair is not counted.
    """
    size = path.stat().st_size
    whole = offset = 0
    previous = b""
    with reading.opened(path) as file:
        while (box := _box_at(file, offset)) is not None:
            kind, length = box
            if offset + length > size:
                break
            offset += length
            if kind == b"mdat" and previous == b"moof":
                whole = offset
            previous = kind
    return whole


def _box_at(file: BinaryIO, offset: int) -> tuple[bytes, int] | None:
    """Type and length of the box at ``offset``; None where no box can begin."""
    file.seek(offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    length, kind = _HEADER.unpack(header)
    if length == 1:  # the length did not fit into 32 bits
        large = file.read(_LARGE.size)
        if len(large) < _LARGE.size:
            return None
        (length,) = _LARGE.unpack(large)
        return (kind, length) if length >= _HEADER.size + _LARGE.size else None
    return (kind, length) if length >= _HEADER.size else None
