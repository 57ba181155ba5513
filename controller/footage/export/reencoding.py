"""The pictures of a segment encoded anew in H.264: with masks filled in, or for players that know no other.

Slow, and no longer what the camera sent; the manifest says so. Never here: whether it is called for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
import av.container
import numpy as np
from av.video.frame import PictureType

from controller.devices import TICKS_PER_S, VideoFormat
from controller.footage.export.copying import packets
from controller.footage.export.film import CodedPicture
from controller.footage.masks import Corners, fill

_US_PER_S = 1_000_000
_GLOBAL_HEADER = 1 << 22
_BLACK, _NO_COLOUR = 16, 128
"""In YUV, limited range."""
QUALITY = "20"
"""x264's crf: what it leaves out is not seen at this size."""
LONGEST_GROUP = 250


class Reencoder:
    """For one film. masks: corners as shares of width and height. Raises av.FFmpegError."""

    def __init__(self, width: int, height: int, masks: Sequence[Corners]) -> None:
        self._masks = masks
        self._width, self._height = width // 2 * 2, height // 2 * 2  # chroma is halved, so sides are even
        encoder = av.VideoCodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = self._width, self._height, "yuv420p"
        encoder.time_base = Fraction(1, TICKS_PER_S)
        encoder.gop_size, encoder.max_b_frames = LONGEST_GROUP, 0
        encoder.flags |= _GLOBAL_HEADER
        encoder.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "crf": QUALITY,
            "forced-idr": "1",
            "sc_threshold": "0",
        }
        encoder.open()
        self._encoder = encoder
        self._last_pts = -1
        self.format = VideoFormat("h264", self._width, self._height, bytes(encoder.extradata or b""))

    def pictures(
        self, source: av.container.InputContainer, start_us: int, begins_us: int, ends_us: int
    ) -> Iterator[CodedPicture]:
        """Those from ``begins_us`` to before ``ends_us``. What cannot be decoded is left out.

        start_us: where the segment begins.
        """
        from_pts = self._last_pts + 1
        stream = source.streams.video[0]
        base = stream.time_base or Fraction(1, TICKS_PER_S)
        first = True
        for frame in _decoded(source, start_us, ends_us):
            shown_us = start_us + int((frame.pts or 0) * base * _US_PER_S)
            if shown_us < begins_us:
                continue
            picture = self._masked(frame)
            # A group begins where one was recorded, and with each segment.
            picture.pict_type = PictureType.I if first or frame.key_frame else PictureType.NONE
            first = False
            at = int((frame.pts or 0) * base * TICKS_PER_S)
            picture.pts = self._last_pts = max(self._last_pts + 1, from_pts + at)
            picture.time_base = Fraction(1, TICKS_PER_S)
            duration = int((frame.duration or 0) * base * TICKS_PER_S)
            for packet in self._encoder.encode(picture):
                yield CodedPicture(bytes(packet), packet.is_keyframe, shown_us, packet.pts or 0, 0, duration)

    def _masked(self, frame: av.VideoFrame) -> av.VideoFrame:
        pixels = frame.reformat(self._width, self._height, "yuv420p").to_ndarray()
        height, half = self._height, (self._height // 2, self._width // 2)
        whole = np.ascontiguousarray(pixels, dtype=np.uint8)
        colours = whole[height:].reshape(2, *half)
        for corners in self._masks:
            fill(whole[:height], corners, _BLACK)
            fill(colours[0], corners, _NO_COLOUR)
            fill(colours[1], corners, _NO_COLOUR)
        return av.VideoFrame.from_ndarray(whole, format="yuv420p")


def _decoded(source: av.container.InputContainer, start_us: int, ends_us: int) -> Iterator[av.VideoFrame]:
    codec = source.streams.video[0].codec_context
    for packet, _ in packets(source, start_us, ends_us):
        try:
            yield from codec.decode(packet)
        except av.InvalidDataError:
            continue
    yield from codec.decode(None)
