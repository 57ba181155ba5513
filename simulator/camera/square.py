"""Packets as a camera sends them, of a square that crosses a room: for tests of what becomes of them.

Never here: a camera that sends them (``camera``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from controller.devices import VideoFormat, VideoPacket

FPS, GOP, WIDTH, HEIGHT = 10, 10, 320, 180
TICKS = 90_000 // FPS


@dataclass(frozen=True)
class Video:
    """packets: 10 a second, a keyframe each second."""

    format: VideoFormat
    packets: list[VideoPacket]


ENCODERS = {"h264": "libx264", "hevc": "libx265"}
X265 = f"log-level=none:scenecut=0:keyint={GOP}:min-keyint={GOP}:open-gop=0:repeat-headers=1"
X265 += ":pools=none:frame-threads=1"


def encode(
    positions: list[int | None], codec: str = "h264", width: int = WIDTH, height: int = HEIGHT
) -> Video:
    """A picture for each position of the square (pixels from the left; None: no square)."""
    encoder = av.VideoCodecContext.create(ENCODERS[codec], "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(FPS)
    encoder.gop_size, encoder.max_b_frames, encoder.thread_count = GOP, 0, 1
    encoder.flags |= 1 << 22
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    if codec == "hevc":
        encoder.options |= {"x265-params": X265}
    encoder.open()
    noise = np.random.default_rng(1)
    packets = []
    for number, position in enumerate(positions):
        picture = noise.integers(90, 96, (height, width, 3), dtype=np.uint8)
        # Shelves: a camera that sees nothing at all is taken for covered.
        picture[height // 9 : height // 6] = picture[height - 26 : height - 18] = 60
        if position is not None:
            picture[60:140, position : position + 40] = 230
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = number * TICKS, Fraction(1, 90_000)
        for packet in encoder.encode(frame):
            pts, dts = packet.pts or 0, packet.dts or 0
            packets.append(VideoPacket(bytes(packet), pts, dts, packet.is_keyframe))
    assert encoder.extradata
    return Video(VideoFormat(codec, width, height, bytes(encoder.extradata)), packets)
