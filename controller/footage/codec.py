"""Which codec the pictures of an MP4 are in, from its headers alone (ISO/IEC 14496-12, section 8.5.2).

Never here: decoders, so that whoever only serves footage needs none.
"""

from __future__ import annotations

import struct
from io import BufferedReader

_HEADER = struct.Struct(">I4s")
_WITHIN = {b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"stsd": 8}
"""Boxes on the way to the sample entries, and how many bytes are before the boxes in them."""
_CODECS = {b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc"}
_MOST = 1024 * 1024
"""Bytes at the beginning of a segment in which its headers are."""


def codec_of(content: BufferedReader) -> str | None:
    """``h264`` or ``hevc``; None for what is neither, or no MP4. Raises OSError."""
    content.seek(0)
    return _find(content.read(_MOST))


def _find(boxes: bytes) -> str | None:
    at = 0
    while at + _HEADER.size <= len(boxes):
        length, kind = _HEADER.unpack_from(boxes, at)
        if kind in _CODECS:
            return _CODECS[kind]
        if length < _HEADER.size:
            return None
        if kind in _WITHIN:
            found = _find(boxes[at + _HEADER.size + _WITHIN[kind] : at + length])
            if found is not None:
                return found
        at += length
    return None
