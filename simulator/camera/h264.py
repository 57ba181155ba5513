"""Pictures to H.264 access units, as a camera's own chip would make them.

Here: PyAV's libx264 with short groups of pictures, and the cutting of its output into NAL units.
Never here: networks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext

from simulator.camera.scene import Picture

CLOCK_HZ = 90_000
"""RTP's clock for video, and ours for pts."""
SPS, PPS = 7, 8


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One compressed picture. nals: without start codes. pts: 1/90,000 s."""

    nals: tuple[bytes, ...]
    pts: int
    keyframe: bool


class Encoder:
    """gop: pictures from one keyframe to the next. bitrate: bits a second."""

    def __init__(self, width: int, height: int, fps: int, gop: int, bitrate: int = 800_000) -> None:
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p"
        context.framerate = Fraction(fps, 1)
        context.time_base = Fraction(1, CLOCK_HZ)
        context.gop_size = gop
        context.bit_rate = bitrate
        context.thread_count = 1
        context.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "scenecut=0"}
        self._context = context

    def encode(self, picture: Picture, pts: int) -> AccessUnit:
        """zerolatency: every picture gives its access unit at once."""
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = pts
        (packet,) = self._context.encode(frame)
        return AccessUnit(tuple(nal_units(bytes(packet))), pts, packet.is_keyframe)


def nal_units(stream: bytes) -> Iterator[bytes]:
    """Cut a byte stream (H.264 annex B) at its start codes of three or four bytes."""
    start = stream.find(b"\0\0\1")
    while start >= 0:
        following = stream.find(b"\0\0\1", start + 3)
        nal = stream[start + 3 : following if following >= 0 else len(stream)]
        # The fourth zero of the next start code, or padding: a NAL unit itself never ends with a zero.
        yield nal.rstrip(b"\0")
        start = following


def parameter_sets(unit: AccessUnit) -> tuple[bytes, bytes]:
    """The sequence and picture parameter sets of a keyframe. Raises ValueError when it carries none."""
    found = {nal[0] & 0x1F: nal for nal in unit.nals}
    try:
        return found[SPS], found[PPS]
    except KeyError as error:
        raise ValueError("the keyframe carries no parameter sets") from error
