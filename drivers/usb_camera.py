"""A USB camera read with OpenCV and encoded to H.264 with PyAV, for cameras that cannot do it themselves.

OpenCV's ``read`` can hang for ever when a camera is pulled out, so it runs on a thread that is left
behind when it does; ``packets`` notices the silence.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from controller.devices import TICKS_PER_S, Clock, DeviceLost, VideoFormat, VideoPacket

SILENCE_S = 8.0
"""No picture for this long: the camera is lost."""

_PENDING_PICTURES = 8
_GLOBAL_HEADER = 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: parameter sets apart from the first packet

Picture = tuple[NDArray[np.uint8], int]
"""BGR pixels and the monotonic time at which they were read, microseconds."""


class UsbCamera:
    """See ``controller.devices.Camera``."""

    format: VideoFormat

    def __init__(self, device: str, width: int, height: int, fps: int, clock: Clock) -> None:
        """device: a path such as /dev/v4l/by-id/..., or an index. Raises DeviceLost."""
        self._device = device
        self._clock = clock
        self._closing = threading.Event()
        self._pictures: queue.Queue[Picture | None] = queue.Queue(_PENDING_PICTURES)
        self._thread = threading.Thread(
            target=self._read, args=(width, height, fps), name=f"usb-camera {device}", daemon=True
        )
        self._thread.start()
        try:
            first = self._next_picture()  # only a picture tells the size that the camera really gives
            self._encoder = _encoder(first[0].shape[1], first[0].shape[0], fps)
        except DeviceLost:
            self._closing.set()  # nobody will call close: the thread must let go of the camera
            raise
        self._first = first
        self.format = VideoFormat(
            "h264", self._encoder.width, self._encoder.height, bytes(self._encoder.extradata or b"")
        )

    def packets(self) -> Iterator[VideoPacket]:
        pending: Picture = self._first
        origin_us, last_pts = pending[1], -1
        while True:
            pixels, mono_us = pending
            pts = max(last_pts + 1, (mono_us - origin_us) * TICKS_PER_S // 1_000_000)
            last_pts = pts
            frame = av.VideoFrame.from_ndarray(
                pixels[: self.format.height, : self.format.width], format="bgr24"
            )
            frame.pts = pts
            frame.time_base = Fraction(1, TICKS_PER_S)
            for packet in self._encoder.encode(frame):
                stamp = packet.pts if packet.pts is not None else pts
                yield VideoPacket(
                    bytes(packet), stamp, packet.dts if packet.dts is not None else stamp, packet.is_keyframe
                )
            pending = self._next_picture()

    def close(self) -> None:
        self._closing.set()

    def _next_picture(self) -> Picture:
        try:
            picture = self._pictures.get(timeout=SILENCE_S)
        except queue.Empty:
            self._closing.set()
            raise DeviceLost(f"{self._device}: no picture for {SILENCE_S:.0f} s") from None
        if picture is None:
            raise DeviceLost(f"{self._device}: {'closed' if self._closing.is_set() else 'no picture'}")
        return picture

    def _read(self, width: int, height: int, fps: int) -> None:
        """The thread that may hang. Whatever ends it, a None says so."""
        source: str | int = int(self._device) if self._device.isdecimal() else self._device
        capture = cv2.VideoCapture(source)
        try:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            capture.set(cv2.CAP_PROP_FPS, fps)
            while not self._closing.is_set():
                read, pixels = capture.read()
                if not read or pixels is None:
                    break
                # An encoder that falls behind drops pictures rather than time.
                if not self._pictures.full():
                    self._pictures.put((np.asarray(pixels, dtype=np.uint8), self._clock.since_boot_us()))
        finally:
            capture.release()
            self._say_it_ended()

    def _say_it_ended(self) -> None:
        while True:
            try:
                self._pictures.put_nowait(None)
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._pictures.get_nowait()  # the end matters more than one more picture
            else:
                return


def _encoder(width: int, height: int, fps: int) -> av.VideoCodecContext:
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width = width // 2 * 2  # chroma is halved, so sides are even
    encoder.height = height // 2 * 2
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, TICKS_PER_S)
    encoder.framerate = Fraction(fps, 1)
    encoder.gop_size = fps  # a keyframe a second: what a power cut may cost
    encoder.max_b_frames = 0
    encoder.thread_count = 1
    encoder.flags |= _GLOBAL_HEADER
    encoder.options = {"preset": "superfast", "tune": "zerolatency", "crf": "26", "sc_threshold": "0"}
    try:
        encoder.open()
    except av.FFmpegError as error:
        raise DeviceLost(f"H.264 cannot be encoded here: {error}") from error
    if not encoder.extradata:
        raise DeviceLost("the encoder gave no parameter sets")
    return encoder
