"""A camera that gives bare pictures: they are masked, encoded to H.264, and stamped with when they came.

What reads from a camera can hang for ever when it is pulled out, so it runs on a thread that is left behind
when it does; ``packets`` notices the silence. Masks are burnt in here, before anything else sees a picture.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import cv2
import numpy as np

from controller.devices import TICKS_PER_S, Clock, DeviceLost, VideoFormat, VideoPacket
from drivers.h264_encoder import Pixels, best_encoder

SILENCE_S = 8.0
"""No picture for this long: the camera is lost."""

PENDING_PICTURES = 8

MOST_LEFT_BEHIND = 4
"""Readers of one camera that may hang. Each is a thread for as long as the process lives."""

_readers: dict[str, list[threading.Thread]] = {}
"""Of each camera: those that were begun, until they are found to have ended."""

Mask = Sequence[tuple[float, float]]
"""Corners of what is not to be seen, as shares of the picture's width and height from its upper left."""


class Pictures(Protocol):
    """What a kind of camera must do. Used by one thread."""

    def read(self) -> Pixels | None:
        """The next picture, BGR; None when there are no more. May hang. Raises DeviceLost."""
        ...

    def close(self) -> None: ...


class EncodedCamera:
    """See ``controller.devices.Camera``."""

    format: VideoFormat

    def __init__(
        self, name: str, open_pictures: Callable[[], Pictures], fps: int, clock: Clock, masks: Sequence[Mask]
    ) -> None:
        """name: for messages. open_pictures: called on the reading thread. Raises DeviceLost."""
        self._name = name
        self._clock = clock
        alive = _readers[name] = [reader for reader in _readers.get(name, []) if reader.is_alive()]
        if len(alive) >= MOST_LEFT_BEHIND:
            raise DeviceLost(
                f"{name}: {len(alive)} readers hang in it; plug it in again, and restart the recorder"
            )
        self._closing = threading.Event()
        self._taken: queue.Queue[tuple[Pixels, int] | DeviceLost | None] = queue.Queue(PENDING_PICTURES)
        self._thread = threading.Thread(target=self._read, args=(open_pictures,), name=name, daemon=True)
        alive.append(self._thread)
        self._thread.start()
        try:
            self._first = self._next_picture()  # only a picture tells the size that the camera really gives
            height, width = self._first[0].shape[:2]
            self._encoder = best_encoder(width, height, fps)
        except DeviceLost:
            self._closing.set()  # nobody will call close: the thread must let go of the camera
            raise
        # A mask that ends at a picture's edge covers its last row and column as well.
        self._masks = [
            np.clip(np.rint(np.array(mask) * (width, height)), 0, (width - 1, height - 1)).astype(np.int32)
            for mask in masks
        ]
        self.format = VideoFormat("h264", self._encoder.width, self._encoder.height, self._encoder.extradata)

    def packets(self) -> Iterator[VideoPacket]:
        pixels, mono_us = self._first
        origin_us, last_pts = mono_us, -1
        while True:
            last_pts = max(last_pts + 1, (mono_us - origin_us) * TICKS_PER_S // 1_000_000)
            if self._masks:
                cv2.fillPoly(pixels, self._masks, (0, 0, 0))
            yield from self._encoder.encode(pixels, last_pts)
            pixels, mono_us = self._next_picture()

    def close(self) -> None:
        self._closing.set()

    def _next_picture(self) -> tuple[Pixels, int]:
        try:
            picture = self._taken.get(timeout=SILENCE_S)
        except queue.Empty:
            self._closing.set()
            raise DeviceLost(f"{self._name}: no picture for {SILENCE_S:.0f} s") from None
        if isinstance(picture, DeviceLost):
            raise picture
        if picture is None:
            raise DeviceLost(f"{self._name}: {'closed' if self._closing.is_set() else 'no picture'}")
        return picture

    def _read(self, open_pictures: Callable[[], Pictures]) -> None:
        """The thread that may hang. Whatever ends it is said last."""
        end: DeviceLost | None = None
        try:
            pictures = open_pictures()
        except DeviceLost as error:
            self._say_it_ended(error)
            return
        try:
            while not self._closing.is_set() and (pixels := pictures.read()) is not None:
                # An encoder that falls behind drops pictures rather than time.
                if not self._taken.full():
                    self._taken.put((pixels, self._clock.since_boot_us()))
        except DeviceLost as error:
            end = error
        finally:
            pictures.close()
            self._say_it_ended(end)

    def _say_it_ended(self, why: DeviceLost | None) -> None:
        while True:
            try:
                self._taken.put_nowait(why)
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._taken.get_nowait()  # the end matters more than one more picture
            else:
                return
