"""What an H.265 picture carries of its own decoding: VPS, SPS and PPS (ITU-T H.265, section 7.3.1).

Pure: bytes in Annex B form in, bytes out. Never here: what the sets say.
"""

from __future__ import annotations

from collections.abc import Iterator

START_CODE = b"\0\0\0\1"
VPS, PPS = 32, 34
_FIRST_BEYOND_SLICES = 32


def parameter_sets(stream: bytes) -> tuple[bytes, ...]:
    """The parameter sets before the first slice, without start codes. Looks no further than that."""
    return tuple(nal for nal in _before_slices(stream) if VPS <= _kind(nal) <= PPS)


def completed(described: tuple[bytes, ...], carried: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """What a decoder needs: what the picture carried, and of what it lacks, what was said of the session."""
    kinds = {_kind(nal) for nal in carried}
    return tuple(sorted((*(nal for nal in described if _kind(nal) not in kinds), *carried), key=_kind))


def annex_b(sets: tuple[bytes, ...]) -> bytes:
    return b"".join(START_CODE + nal for nal in sets)


def _kind(nal: bytes) -> int:
    return nal[0] >> 1 & 0x3F


def _before_slices(stream: bytes) -> Iterator[bytes]:
    start = stream.find(b"\0\0\1")
    while 0 <= start < len(stream) - 3 and stream[start + 3] >> 1 & 0x3F >= _FIRST_BEYOND_SLICES:
        following = stream.find(b"\0\0\1", start + 3)
        # A NAL unit never ends with a zero: those are padding, or belong to the next start code.
        if nal := stream[start + 3 : following if following >= 0 else len(stream)].rstrip(b"\0"):
            yield nal
        start = following
