"""What a picture carries of its own decoding: SPS and PPS, in H.265 a VPS as well (ITU-T H.264 and H.265,
sections 7.3.1 and 7.4.1).

Pure: bytes in Annex B form in, bytes out. Never here: what the sets say.
"""

from __future__ import annotations

from collections.abc import Iterator

START_CODE = b"\0\0\0\1"

_SETS = {"h264": (7, 8), "hevc": (32, 33, 34)}
_SLICES = {"h264": range(1, 6), "hevc": range(32)}


def parameter_sets(stream: bytes, codec: str) -> tuple[bytes, ...]:
    """The parameter sets before the first slice, without start codes. Looks no further than that."""
    return tuple(nal for kind, nal in _to_first_slice(stream, codec) if kind in _SETS[codec])


def holds_slice(stream: bytes, codec: str) -> bool:
    """Whether there is anything of a picture."""
    return any(kind in _SLICES[codec] for kind, _ in _to_first_slice(stream, codec))


def completed(described: tuple[bytes, ...], carried: tuple[bytes, ...], codec: str) -> tuple[bytes, ...]:
    """What a decoder needs: what the picture carried, and of what it lacks, what was said of the session.

    Each once: some cameras repeat theirs.
    """
    kinds = {_kind(nal[0], codec) for nal in carried}
    lacking = (nal for nal in described if _kind(nal[0], codec) not in kinds)
    return tuple(sorted(dict.fromkeys((*lacking, *carried)), key=lambda nal: _kind(nal[0], codec)))


def annex_b(sets: tuple[bytes, ...]) -> bytes:
    return b"".join(START_CODE + nal for nal in sets)


def _kind(first: int, codec: str) -> int:
    return first & 0x1F if codec == "h264" else first >> 1 & 0x3F


def _to_first_slice(stream: bytes, codec: str) -> Iterator[tuple[int, bytes]]:
    """Type and content of each NAL unit, of the first slice only the type."""
    start = stream.find(b"\0\0\1")
    while 0 <= start < len(stream) - 3:
        kind = _kind(stream[start + 3], codec)
        if kind in _SLICES[codec]:
            yield kind, b""
            return
        following = stream.find(b"\0\0\1", start + 3)
        # A NAL unit never ends with a zero: those are padding, or belong to the next start code.
        if nal := stream[start + 3 : following if following >= 0 else len(stream)].rstrip(b"\0"):
            yield kind, nal
        start = following
