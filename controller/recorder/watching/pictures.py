"""A camera's packets to small grey pictures, in which they are looked at. Never here: what they show."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from controller.devices import VideoFormat, VideoPacket

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 160, 90
"""Size in which pictures are compared, pixels: small enough to swallow noise and compression."""


class KeyframeDecoder:
    """Keyframes to small grey pictures. Used by one thread."""

    def __init__(self, video: VideoFormat) -> None:
        codec = av.CodecContext.create(video.codec, "r")
        assert isinstance(codec, av.VideoCodecContext)
        self._codec = codec
        self._codec.extradata = video.extradata
        self._codec.thread_count = 1

    def decode(self, packet: VideoPacket) -> Picture | None:
        """None when the packet holds no picture that can be decoded."""
        try:
            frames = [*self._codec.decode(av.Packet(packet.payload)), *self._codec.decode(None)]
        except av.FFmpegError:
            return None
        finally:
            self._codec.flush_buffers()  # each keyframe stands alone; nothing is waited for
        if not frames:
            return None
        grey = frames[0].reformat(width=WIDTH, height=HEIGHT, format="gray").to_ndarray()
        return np.ascontiguousarray(grey, dtype=np.uint8)
