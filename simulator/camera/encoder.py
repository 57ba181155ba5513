"""Pictures to access units of H.264 or H.265, as a camera's own chip would make them.

Here: PyAV's libx264 and libx265 with short groups of pictures, and the cutting of their output into NAL
units. Never here: networks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext

from simulator.camera.scene import Picture

CLOCK_HZ = 90_000
"""RTP's clock for video, and ours for pts."""


class Codec(Enum):
    """The value is the name of FFmpeg's encoder."""

    H264 = "libx264"
    H265 = "libx265"

    def nal_type(self, nal: bytes) -> int:
        return nal[0] & 0x1F if self is Codec.H264 else nal[0] >> 1 & 0x3F


PARAMETER_SETS = {Codec.H264: (7, 8), Codec.H265: (32, 33, 34)}
"""Types of the NAL units without which no picture is decoded: SPS and PPS, in H.265 behind a VPS."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One compressed picture. nals: without start codes. pts: 1/90,000 s."""

    nals: tuple[bytes, ...]
    pts: int
    keyframe: bool
    codec: Codec = Codec.H264


class Encoder:
    """gop: pictures from one keyframe to the next. bitrate: bits a second."""

    def __init__(
        self,
        width: int,
        height: int,
        fps: int,
        gop: int,
        bitrate: int = 800_000,
        codec: Codec = Codec.H264,
    ) -> None:
        context = av.CodecContext.create(codec.value, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p"
        context.framerate = Fraction(fps, 1)
        context.time_base = Fraction(1, CLOCK_HZ)
        context.gop_size = gop
        context.bit_rate = bitrate
        context.thread_count = 1
        own = {
            Codec.H264: {"x264-params": "scenecut=0"},
            # x265 would open threads for each core, and groups that lean on the one before.
            Codec.H265: {
                "x265-params": f"scenecut=0:keyint={gop}:min-keyint={gop}:open-gop=0:repeat-headers=1"
                ":pools=none:frame-threads=1:log-level=none"
            },
        }
        context.options = {"preset": "ultrafast", "tune": "zerolatency", **own[codec]}
        self._context = context
        self._codec = codec

    def encode(self, picture: Picture, pts: int) -> AccessUnit:
        """zerolatency: every picture gives its access unit at once."""
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = pts
        (packet,) = self._context.encode(frame)
        return AccessUnit(tuple(nal_units(bytes(packet))), pts, packet.is_keyframe, self._codec)


def nal_units(stream: bytes) -> Iterator[bytes]:
    """Cut a byte stream (annex B of H.264 and of H.265) at its start codes of three or four bytes."""
    start = stream.find(b"\0\0\1")
    while start >= 0:
        following = stream.find(b"\0\0\1", start + 3)
        nal = stream[start + 3 : following if following >= 0 else len(stream)]
        # The fourth zero of the next start code, or padding: a NAL unit itself never ends with a zero.
        yield nal.rstrip(b"\0")
        start = following


def parameter_sets(unit: AccessUnit) -> tuple[bytes, ...]:
    """The parameter sets of a keyframe, a NAL unit each. Raises ValueError when one is not in it."""
    found = {unit.codec.nal_type(nal): nal for nal in unit.nals}
    try:
        return tuple(found[kind] for kind in PARAMETER_SETS[unit.codec])
    except KeyError as error:
        raise ValueError("the keyframe carries no parameter sets") from error
