"""A network camera read over RTSP with PyAV: packets as the camera sent them, never decoded.

TCP only: lost UDP packets would be holes in the footage that nobody notices. Sound is not even asked
for: the session is set up for video alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from urllib.parse import quote, urlsplit, urlunsplit

import av

from controller.devices import TICKS_PER_S, DeviceLost, VideoFormat, VideoPacket

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 4.0
"""PyAV counts a read's time-out twice: a silent camera is given up after about 8 s."""


class RtspCamera:
    """See ``controller.devices.Camera``."""

    format: VideoFormat

    def __init__(self, url: str, username: str = "", password: str = "") -> None:
        """url: without user or password. Raises DeviceLost; its message never holds the password."""
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._reading = False
        began_s = time.monotonic()
        try:
            self._container = av.open(
                _with_login(url, username, password),
                options={
                    "rtsp_transport": "tcp",
                    "allowed_media_types": "video",
                    # Look for parameter sets as long as it takes, and not for the frame rate at all. What is
                    # read meanwhile is kept ("nobuffer" would throw the first keyframe away).
                    "analyzeduration": "5000000",
                    "fpsprobesize": "0",
                },
                timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
            )
        except (av.FFmpegError, OSError) as error:
            # The original names the address with the password in it: it goes no further than here.
            # What FFmpeg says of a time-out is "Invalid data" or "Operation not permitted".
            silent = time.monotonic() - began_s >= OPEN_TIMEOUT_S
            why = f"no answer within {OPEN_TIMEOUT_S:.0f} s" if silent else _words(error)
            raise DeviceLost(f"{url}: {why}") from None
        try:
            self.format = self._video_format(url)
        except DeviceLost:
            self._container.close()
            raise

    def _video_format(self, url: str) -> VideoFormat:
        if not self._container.streams.video:
            raise DeviceLost(f"{url}: the camera sends no video")
        codec = self._container.streams.video[0].codec_context
        if codec.name != "h264":
            raise DeviceLost(f"{url}: the camera sends {codec.name}; set it to H.264")
        if not codec.extradata or not codec.width:
            raise DeviceLost(f"{url}: the camera's H.264 came without parameter sets")
        return VideoFormat("h264", codec.width, codec.height, bytes(codec.extradata))

    def packets(self) -> Iterator[VideoPacket]:
        with self._lock:
            if self._closing.is_set():
                raise DeviceLost("closed")
            self._reading = True
        stream = self._container.streams.video[0]
        ticks = (stream.time_base or Fraction(1, TICKS_PER_S)) * TICKS_PER_S
        # Integers, because this loop is most of what recording costs.
        scale, unit = ticks.numerator, ticks.denominator
        last = 0
        try:
            for packet in self._container.demux(stream):
                if self._closing.is_set():
                    break
                dts, pts = packet.dts, packet.pts
                # The first packet, a keyframe, comes without a time: FFmpeg knows its origin only later.
                if dts is None:
                    dts = last if pts is None else pts
                last = dts
                payload = bytes(packet)
                # PyAV ends a stream with an empty packet.
                if payload and not packet.is_corrupt:
                    shown = dts if pts is None else pts
                    yield VideoPacket(payload, shown * scale // unit, dts * scale // unit, packet.is_keyframe)
        except (av.FFmpegError, OSError) as error:
            raise DeviceLost(_words(error)) from None
        finally:
            self._container.close()
        # A dropped connection ends the iteration without a word.
        raise DeviceLost("closed" if self._closing.is_set() else "the camera ended the stream")

    def close(self) -> None:
        # PyAV's containers belong to one thread: a reading one sees this with its next packet or time-out.
        with self._lock:
            self._closing.set()
            if not self._reading:
                self._container.close()


def _with_login(url: str, username: str, password: str) -> str:
    if not username:
        return url
    parts = urlsplit(url)
    login = f"{quote(username, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))


def _words(error: Exception) -> str:
    """What went wrong, in the library's words but without the address."""
    text = getattr(error, "strerror", None)
    return text if isinstance(text, str) and text else type(error).__name__
