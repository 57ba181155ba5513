"""The pictures of a segment as they were recorded, from the keyframe that the first of them needs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import av.container

from controller.devices import TICKS_PER_S, VideoFormat
from controller.footage.export.film import CodedPicture

_US_PER_S = 1_000_000


def format_of(source: av.container.InputContainer) -> VideoFormat:
    """Raises LookupError where the file holds no video."""
    codec: av.VideoCodecContext | None = source.streams.video[0].codec_context
    if codec is None:
        raise LookupError("its pictures are of no kind that is known")
    return VideoFormat(codec.name, codec.width, codec.height, bytes(codec.extradata or b""))


def copied(
    source: av.container.InputContainer, start_us: int, begins_us: int, ends_us: int
) -> Iterator[CodedPicture]:
    """From the last keyframe at or before ``begins_us``, since no picture before one can be shown.

    start_us: where the segment begins.
    """
    pending: list[CodedPicture] = []
    for packet, shown_us in packets(source, start_us, ends_us):
        picture = _picture(packet, shown_us)
        if shown_us <= begins_us:
            if picture.keyframe:
                pending.clear()
            pending.append(picture)
            continue
        yield from pending
        pending.clear()
        yield picture
    yield from pending


def packets(
    source: av.container.InputContainer, start_us: int, ends_us: int
) -> Iterator[tuple[av.Packet[av.VideoStream], int]]:
    """Those before ``ends_us``, with their wall time."""
    stream = source.streams.video[0]
    base = stream.time_base or Fraction(1, TICKS_PER_S)
    for packet in source.demux(stream):
        if packet.pts is None or packet.dts is None or not packet.size:
            continue
        shown_us = start_us + int(packet.dts * base * _US_PER_S)
        if shown_us >= ends_us:
            return
        yield packet, shown_us


def _picture(packet: av.Packet[av.VideoStream], shown_us: int) -> CodedPicture:
    assert packet.dts is not None
    assert packet.pts is not None
    scale = (packet.time_base or Fraction(1, TICKS_PER_S)) * TICKS_PER_S
    return CodedPicture(
        bytes(packet),
        packet.is_keyframe,
        shown_us,
        int(packet.dts * scale),
        int((packet.pts - packet.dts) * scale),
        int((packet.duration or 0) * scale),
    )
