"""Video for the recorder's tests: a square that moves or stands, encoded once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import pytest

from controller.core.event import Stamp
from controller.devices import DeviceLost, VideoFormat, VideoPacket
from controller.recorder.segments.segment_name import SegmentName

FPS, GOP, WIDTH, HEIGHT = 10, 10, 320, 180
TICKS = 90_000 // FPS


@dataclass(frozen=True)
class Video:
    """packets: 10 a second, a keyframe each second."""

    format: VideoFormat
    packets: list[VideoPacket]


ENCODERS = {"h264": "libx264", "hevc": "libx265"}
X265 = (
    f"log-level=none:scenecut=0:keyint={GOP}:min-keyint={GOP}:open-gop=0:repeat-headers=1"
    ":pools=none:frame-threads=1"
)


def encode(positions: list[int | None], codec: str = "h264") -> Video:
    """A picture for each position of the square (pixels from the left; None: no square)."""
    encoder = av.VideoCodecContext.create(ENCODERS[codec], "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
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
        picture = noise.integers(90, 96, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        if position is not None:
            picture[60:140, position : position + 40] = 230
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = number * TICKS, Fraction(1, 90_000)
        packets += [VideoPacket(bytes(p), p.pts, p.dts, p.is_keyframe) for p in encoder.encode(frame)]
    assert encoder.extradata
    return Video(VideoFormat(codec, WIDTH, HEIGHT, bytes(encoder.extradata)), packets)


@pytest.fixture(scope="session")
def encoded() -> Callable[..., Video]:
    return encode


@pytest.fixture(scope="session")
def video() -> Video:
    """Six seconds in which a square crosses the picture."""
    return encode([n * 4 % 280 for n in range(60)])


@pytest.fixture(scope="session")
def hevc() -> Video:
    """The same six seconds in H.265."""
    return encode([n * 4 % 280 for n in range(60)], "hevc")


@pytest.fixture
def name() -> SegmentName:
    return SegmentName(
        "entrance", 1_790_000_000_000_000, 5_000_000, "b0075f2c-0000-4000-8000-1b2c3d4e5f60", True
    )


@pytest.fixture(scope="session")
def pictures_in() -> Callable[..., list[int]]:
    """The pts of the pictures that a player gets out of a file, each really decoded."""

    def read(path: object) -> list[int]:
        with av.open(str(path)) as container:
            return [frame.pts or 0 for frame in container.decode(video=0)]

    return read


class ManualClock:
    """Time that only tests move: both clocks and the trust in them."""

    def __init__(self) -> None:
        self.wall_us = 1_790_000_000_000_000
        self.mono_us = 100_000_000
        self.trusted = True
        self.boot_id = "b0075f2c-0000-4000-8000-1b2c3d4e5f60"

    def __call__(self) -> Stamp:
        return Stamp(self.wall_us, self.mono_us, self.boot_id, self.trusted)

    def sleep(self, seconds: float) -> None:
        self.wall_us += round(seconds * 1_000_000)
        self.mono_us += round(seconds * 1_000_000)


@pytest.fixture
def now() -> ManualClock:
    return ManualClock()


class ScriptedCamera:
    """Plays packets, a tenth of a second apart on the manual clock, then is lost or waits to be closed.

    between: called before each packet with its number; it may raise.
    """

    def __init__(
        self,
        video: Video,
        now: ManualClock,
        *,
        lost_after: int | None = None,
        between: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.format = video.format
        self._packets = video.packets
        self._now = now
        self._lost_after = len(video.packets) if lost_after is None else lost_after
        self._between = between
        self.closed = threading.Event()

    def packets(self) -> Iterator[VideoPacket]:
        for number, packet in enumerate(self._packets[: self._lost_after]):
            if self.closed.is_set():
                break
            self._between(number)
            yield packet
            self._now.sleep(0.1)
        raise DeviceLost("the script is over")

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def scripted() -> type[ScriptedCamera]:
    return ScriptedCamera
