"""A camera's smaller stream, in which motion is looked for five times a second, on a thread of its own.

It connects by itself, again and again, and is never recorded. Nothing waits for it: while it is away, motion
is looked for in the recorded stream's keyframes (``movement``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from controller.core.event import Stamp
from controller.devices import Camera, DeviceError
from controller.recorder.capture.lease import close_aside
from controller.recorder.watching.motion import MotionDetector
from controller.recorder.watching.movement import Movement
from controller.recorder.watching.pictures import StreamDecoder
from controller.recorder.watching.zones import View

LOOK_US = 200_000
"""Often enough for somebody who runs past a door; every picture has to be decoded all the same."""
_EARLY_US = 20_000
"""Pictures come with a little jitter: one that is early by so much is taken, not the one after it."""
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0

log = logging.getLogger(__name__)


class Pace:
    """Which of the pictures that come are looked at."""

    def __init__(self, look_us: int = LOOK_US) -> None:
        self._look_us = look_us
        self._next_us = 0

    def due(self, mono_us: int) -> bool:
        if mono_us < self._next_us - _EARLY_US:
            return False
        self._next_us += self._look_us
        if self._next_us <= mono_us:
            self._next_us = mono_us + self._look_us
        return True


class SubStream(threading.Thread):
    """Looks from ``start`` until ``stop``."""

    def __init__(
        self,
        camera: str,
        open_camera: Callable[[], Camera],
        now: Callable[[], Stamp],
        view: View,
        movement: Movement,
    ) -> None:
        super().__init__(name=f"sub stream of camera {camera}", daemon=True)
        self._camera_id = camera
        self._open_camera = open_camera
        self._now = now
        self._detector = MotionDetector(view)
        self._movement = movement
        self._stopping = threading.Event()
        self._camera: Camera | None = None
        self._warned_of = ""

    def stop(self) -> None:
        """End soon. Join afterwards; a silent camera can take its time-out to notice."""
        self._stopping.set()
        if (camera := self._camera) is not None:
            close_aside(camera, self.name)

    def run(self) -> None:
        retry_s = FIRST_RETRY_S
        while not self._stopping.is_set():
            retry_s = FIRST_RETRY_S if self._attempt() else min(retry_s * 2, LONGEST_RETRY_S)
            self._stopping.wait(retry_s)

    def _attempt(self) -> bool:
        """Connect and look until something ends it; whether anything was seen."""
        try:
            camera = self._open_camera()
        except DeviceError as error:
            self._warn(error)
            return False
        self._camera = camera
        looked = False
        decoder, pace = StreamDecoder(camera.format), Pace()
        try:
            for packet in camera.packets():
                if self._stopping.is_set():
                    break
                now = self._now()
                picture = decoder.decode(packet, wanted=pace.due(now.mono_us))
                if picture is not None:
                    looked, self._warned_of = True, ""
                    self._movement.in_sub_stream(self._detector.look(picture, now.mono_us).moving, now)
        except DeviceError as error:
            self._warn(error)
        finally:
            self._camera = None
            camera.close()
            self._movement.sub_stream_gone()
        return looked

    def _warn(self, error: DeviceError) -> None:
        # Once, not at every attempt: a stream may be away for weeks.
        if not self._stopping.is_set() and str(error) != self._warned_of:
            self._warned_of = str(error)
            log.warning("camera %s: its smaller stream: %s", self._camera_id, error)
