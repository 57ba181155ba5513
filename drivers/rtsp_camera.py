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
from drivers.parameter_sets import annex_b, completed, parameter_sets

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 4.0
"""When nothing at all comes for twice as long, the camera is given up: the first time-out only brings the
last picture, which FFmpeg held back until the next would come.

FFmpeg's own time-out, not PyAV's: that calls Python for each of the ten or so reads that a picture takes,
which is a third of what recording costs.
"""

FIRST_KEYFRAME_S = 15.0
"""How long an H.265 camera may take to its first keyframe, without which its format is not known."""

LATEST_SHOWN = 10 * TICKS_PER_S
"""No picture is shown further than this from when it is decoded: such a stamp may be any number."""

CODECS = {"h264": "H.264", "hevc": "H.265"}


class RtspCamera:
    """See ``controller.devices.Camera``."""

    format: VideoFormat

    def __init__(self, url: str, username: str = "", password: str = "") -> None:
        """url: without user or password. Raises DeviceLost; its message never holds the password.

        Nor the path: some makers' cameras take a login there. (What has no host is a file, in tests.)
        """
        place = urlsplit(url).netloc or url
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
                    "timeout": str(round(READ_TIMEOUT_S * 1_000_000)),
                },
                metadata_errors="replace",
                timeout=(OPEN_TIMEOUT_S, None),
            )
        except (av.FFmpegError, OSError) as error:
            # The original names the address with the password in it: it goes no further than here.
            # What FFmpeg says of a time-out is "Invalid data" or "Operation not permitted".
            silent = time.monotonic() - began_s >= OPEN_TIMEOUT_S
            why = f"no answer within {OPEN_TIMEOUT_S:.0f} s" if silent else _words(error)
            raise DeviceLost(f"{place}: {why}") from None
        self._coming = self._demux()
        self._first: VideoPacket | None = None
        self._sets: tuple[bytes, ...] = ()
        try:
            self.format = self._video_format(place)
            if self.format.codec == "hevc":
                self.format = self._format_in_band(place, self.format)
        except DeviceLost:
            self._container.close()
            raise
        except (av.FFmpegError, OSError) as error:
            self._container.close()
            raise DeviceLost(f"{place}: {_words(error)}") from None

    def _video_format(self, place: str) -> VideoFormat:
        if not self._container.streams.video:
            raise DeviceLost(f"{place}: the camera sends no video")
        codec = self._container.streams.video[0].codec_context
        if codec.name not in CODECS:
            raise DeviceLost(f"{place}: the camera sends {codec.name}; set it to H.264 or H.265")
        if not codec.extradata or not codec.width:
            raise DeviceLost(f"{place}: the camera's {CODECS[codec.name]} came without parameter sets")
        return VideoFormat(codec.name, codec.width, codec.height, bytes(codec.extradata))

    def _format_in_band(self, place: str, described: VideoFormat) -> VideoFormat:
        """The format by the first keyframe, which counts for more than what the session was said to be.

        MP4 files of H.265 that play everywhere (``hvc1``) have the parameter sets in their head and not
        with the pictures. Some cameras describe other sets than they send.
        """
        limit_s = time.monotonic() + FIRST_KEYFRAME_S
        for packet in self._coming:
            if packet.keyframe:
                break
            if time.monotonic() > limit_s:
                raise DeviceLost(
                    f"{place}: no keyframe within {FIRST_KEYFRAME_S:.0f} s; "
                    "set the camera to one every second or two"
                )
        else:
            raise DeviceLost(f"{place}: the camera ended the stream")
        self._first = packet
        said = parameter_sets(described.extradata, "hevc")
        self._sets = completed(said, parameter_sets(packet.payload, "hevc"), "hevc")
        if self._sets == said:
            return described
        width, height = _size(annex_b(self._sets) + packet.payload) or (described.width, described.height)
        return VideoFormat("hevc", width, height, annex_b(self._sets))

    def packets(self) -> Iterator[VideoPacket]:
        with self._lock:
            if self._closing.is_set():
                raise DeviceLost("closed")
            self._reading = True
        try:
            if self._first is not None:
                yield self._first
                self._first = None
            for packet in self._coming:
                if self._closing.is_set():
                    break
                if packet.keyframe and self._sets and not self._fits(packet):
                    raise DeviceLost("the camera changed its picture format")
                yield packet
        except (av.FFmpegError, OSError) as error:
            raise DeviceLost(_words(error)) from None
        finally:
            self._container.close()
        # A dropped connection ends the iteration without a word.
        raise DeviceLost("closed" if self._closing.is_set() else "the camera ended the stream")

    def _fits(self, keyframe: VideoPacket) -> bool:
        return set(parameter_sets(keyframe.payload, "hevc")) <= set(self._sets)

    def _demux(self) -> Iterator[VideoPacket]:
        stream = self._container.streams.video[0]
        ticks = (stream.time_base or Fraction(1, TICKS_PER_S)) * TICKS_PER_S
        # Integers, because this loop is most of what recording costs.
        scale, unit = ticks.numerator, ticks.denominator
        reordered, last = stream.codec_context.has_b_frames, 0
        for packet in self._container.demux(stream):
            dts, pts = packet.dts, packet.pts
            # The first packet, a keyframe, comes without a time: FFmpeg knows its origin only later. Where
            # pictures lean on later ones, it knows when to decode them a few pictures later still.
            if dts is None:
                dts = (last + 1 if reordered else pts) if pts is not None else last
            last = dts
            payload = bytes(packet)
            # PyAV ends a stream with an empty packet.
            if payload and not packet.is_corrupt:
                reorder = 0 if pts is None else (pts - dts) * scale // unit
                decoded = dts * scale // unit
                shown = decoded + (reorder if -LATEST_SHOWN < reorder < LATEST_SHOWN else 0)
                yield VideoPacket(payload, shown, decoded, packet.is_keyframe)

    def close(self) -> None:
        # PyAV's containers belong to one thread: a reading one sees this with its next packet or time-out.
        with self._lock:
            self._closing.set()
            if not self._reading:
                self._container.close()


def _size(keyframe: bytes) -> tuple[int, int] | None:
    """Width and height of the picture, None if it cannot be decoded."""
    decoder = av.VideoCodecContext.create("hevc", "r")
    decoder.thread_count = 1
    try:
        pictures = [*decoder.decode(av.Packet(keyframe)), *decoder.decode(None)]
    except av.FFmpegError:
        return None
    return (pictures[0].width, pictures[0].height) if pictures else None


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
