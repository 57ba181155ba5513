"""A camera's packets to small grey pictures, in which they are looked at. Never here: what they show."""

from __future__ import annotations

from collections.abc import Mapping

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from controller.devices import VideoFormat, VideoPacket

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 160, 90
"""Size in which pictures are compared, pixels: small enough to swallow noise and compression."""

_PLAIN = ("yuv420p", "yuvj420p", "nv12")
"""Formats whose first plane is the picture in shades of grey, a byte a pixel."""

_STRETCHED = np.rint(np.clip((np.arange(256) - 16) * 255 / 219, 0, 255)).astype(np.uint8)
"""Most cameras keep to 16 to 235 (ITU-R BT.601)."""


MOST_PIXELS = 7680 * 4320
"""Of a picture that is decoded, at two bytes each. A few bytes can say that it has 268 million."""


def _decoder(video: VideoFormat, options: Mapping[str, str]) -> av.VideoCodecContext:
    codec = av.CodecContext.create(video.codec, "r")
    assert isinstance(codec, av.VideoCodecContext)
    codec.extradata = video.extradata
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MOST_PIXELS), **options}
    return codec


class KeyframeDecoder:
    """Keyframes to small grey pictures. Used by one thread."""

    def __init__(self, video: VideoFormat) -> None:
        self._codec = _decoder(video, {})

    def decode(self, packet: VideoPacket) -> Picture | None:
        """None when the packet holds no picture that can be decoded."""
        frame = self.frame(packet)
        return None if frame is None else small(frame)

    def frame(self, packet: VideoPacket) -> av.VideoFrame | None:
        """The picture as the camera sent it; None when there is none that can be decoded."""
        try:
            frames = [*self._codec.decode(av.Packet(packet.payload)), *self._codec.decode(None)]
        except av.FFmpegError:
            return None
        finally:
            self._codec.flush_buffers()  # each keyframe stands alone; nothing is waited for
        return frames[0] if frames else None


class StreamDecoder:
    """Every picture of a stream decoded in turn, and those that are wanted made small and grey.

    Without the loop filter, which costs a third and changes no pixel by more than a few levels of grey.
    Used by one thread.
    """

    def __init__(self, video: VideoFormat) -> None:
        self._codec = _decoder(video, {"skip_loop_filter": "all"})
        self._codec.flags |= Flags.low_delay
        self._begun = False

    def decode(self, packet: VideoPacket, *, wanted: bool) -> Picture | None:
        """None when it is not wanted, before the first keyframe, and when it cannot be decoded."""
        frame = self.frame(packet)
        return small(frame) if frame is not None and wanted else None

    def frame(self, packet: VideoPacket) -> av.VideoFrame | None:
        """The same picture in its own size and colours."""
        self._begun |= packet.keyframe
        if not self._begun:
            return None
        try:
            frames = self._codec.decode(av.Packet(packet.payload))
        except av.FFmpegError:
            return None
        return frames[-1] if frames else None


def small(frame: av.VideoFrame) -> Picture:
    """The picture in shades of grey, black 0 and white 255, in the size in which pictures are compared."""
    if frame.format.name not in _PLAIN:
        return _converted(frame)
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    grey = _smaller(rows[: frame.height, : frame.width])
    if frame.format.name != "yuvj420p" and frame.color_range != ColorRange.JPEG:
        grey = np.asarray(cv2.LUT(grey, _STRETCHED), np.uint8)
    return grey


def _smaller(grey: Picture) -> Picture:
    """By halves as far as that goes, each pixel the mean of four: less than half of what one step costs."""
    height, width = grey.shape
    while height >= 2 * HEIGHT and width >= 2 * WIDTH:
        height, width = height // 2, width // 2
        grey = np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def colour(frame: av.VideoFrame) -> float:
    """How far its colours are from grey, of 128 levels: the mean over the picture."""
    if frame.format.name not in _PLAIN:
        frame = frame.reformat(width=WIDTH, height=HEIGHT, format="yuv420p")
    planes = [
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[::4, : plane.width : 4]
        for plane in frame.planes[1:]
    ]
    return float(np.mean([np.mean(np.abs(plane.astype(np.int16) - 128)) for plane in planes]))


def _converted(frame: av.VideoFrame) -> Picture:
    grey = frame.reformat(width=WIDTH, height=HEIGHT, format="gray").to_ndarray()
    return np.ascontiguousarray(grey, dtype=np.uint8)
