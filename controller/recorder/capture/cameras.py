"""All cameras of the branch, a thread each: started, watched over, and stopped together.

Used by the acting thread. Never here: what a camera's thread does (``camera_thread``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from controller.core.event import Stamp
from controller.devices import Camera
from controller.recorder.activity import Activity
from controller.recorder.capture.camera_account import CameraAccount, LastRun
from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.capture.reader_watch import ReaderWatch
from controller.recorder.capture.sub_stream import SubStream
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import Happening, Reason
from controller.recorder.watching.health import HealthWatch
from controller.recorder.watching.movement import Movement

STOP_S = 3.0
"""How long the cameras together may take to close their segments; repair finishes what is left."""

LONGEST_ROUND_US = 2_000_000
"""As more than this no time between two checks counts: this process was stopped, or the machine asleep."""


class Cameras:
    """open_camera, healths: by camera id. open_sub: likewise, of those with a smaller stream.

    tell: takes what happened, from the cameras' threads; it may only enqueue.
    allowed: cleared while nothing may be recorded. now: called by the cameras' threads.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        open_camera: Mapping[str, Callable[[], Camera]],
        open_sub: Mapping[str, Callable[[], Camera]],
        healths: Mapping[str, HealthWatch],
        now: Callable[[], Stamp],
        tell: Callable[[Happening], None],
        allowed: threading.Event,
    ) -> None:
        self._recordings = recordings
        self._open_camera = open_camera
        self._healths = healths
        self._now = now
        self._tell = tell
        self._allowed = allowed
        self._readers: list[ReaderWatch] = []
        self._checked_us = 0
        self._movements = {
            recording.camera: Movement(recording.camera, tell, Activity()) for recording in recordings
        }
        self._sub_streams = [
            SubStream(
                recording.camera,
                open_sub[recording.camera],
                now,
                recording.view,
                self._movements[recording.camera],
            )
            for recording in recordings
            if recording.motion and recording.camera in open_sub
        ]

    def happened_at_the_door(self, mono_us: int) -> None:
        """A reason to record every camera. mono_us: when."""
        for movement in self._movements.values():
            movement.activity.happened(Reason.DOOR, mono_us)

    def start(self, last_runs: Mapping[str, LastRun]) -> None:
        """last_runs: by camera id, of those that have footage."""
        self._readers = [self._reader(recording, last_runs) for recording in self._recordings]
        for one in self._all():
            one.start()

    def _reader(self, recording: Recording, last_runs: Mapping[str, LastRun]) -> ReaderWatch:
        room = threading.Event()
        room.set()
        thread = CameraThread(
            recording,
            self._open_camera[recording.camera],
            self._now,
            CameraAccount(recording.camera, self._tell, last_runs.get(recording.camera)),
            self._allowed,
            self._movements[recording.camera],
            self._healths[recording.camera],
            room=room,
        )
        return ReaderWatch(thread, room)

    def check(self, now: Stamp) -> None:
        """Replace readers that hang. Raises CameraThreadDied. A smaller stream that hangs is done without."""
        elapsed_us, self._checked_us = now.mono_us - self._checked_us, now.mono_us
        for reader in self._readers:
            reader.check(min(elapsed_us, LONGEST_ROUND_US))

    def stop(self) -> None:
        """End them, each with its segment closed, also where a reader hangs."""
        for one in self._all():
            one.stop()
        until_s = time.monotonic() + STOP_S
        for one in self._all():
            one.join(max(0.0, until_s - time.monotonic()))

    def _all(self) -> list[ReaderWatch | SubStream]:
        return [*self._readers, *self._sub_streams]
