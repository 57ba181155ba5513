"""Motion before one camera, in whichever of its streams it was seen: periods, told once each.

The smaller stream counts while pictures of it come. When they cease, the keyframes of the recorded stream
take over, so that no fault of the one stream makes us blind. Never here: pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from controller.core.event import Stamp
from controller.recorder.activity import Activity
from controller.recorder.happenings import Motion, Reason
from controller.recorder.watching.motion import Change, MotionPeriods

SILENT_US = 3_000_000
"""The smaller stream is not relied on when no picture of it was looked at for so long."""


class Movement:
    """Told by the threads of both streams. tell: takes what begins and ends; it may only enqueue."""

    def __init__(self, camera: str, tell: Callable[[Motion], None], activity: Activity) -> None:
        self._camera = camera
        self._tell = tell
        self.activity = activity
        self.blind = False
        """The camera sees nothing, or not what it should: that nothing moves then says nothing."""
        self._lock = threading.Lock()
        self._periods = MotionPeriods()
        self._sub_us: int | None = None
        self._keyframe_us: int | None = None
        self._last: Stamp | None = None

    def keyframes_count(self, mono_us: int) -> bool:
        """Whether motion has to be looked for in keyframes now, for want of a smaller stream."""
        return self._sub_us is None or mono_us - self._sub_us >= SILENT_US

    def in_sub_stream(self, moving: bool, now: Stamp) -> None:
        with self._lock:
            self._sub_us = now.mono_us
            self._saw(moving, now)

    def in_keyframe(self, moving: bool, now: Stamp) -> None:
        with self._lock:
            self._keyframe_us = now.mono_us
            if self.keyframes_count(now.mono_us):
                self._saw(moving, now)

    def sub_stream_gone(self) -> None:
        with self._lock:
            self._sub_us = None
            self._end_unless_seen(self._keyframe_us)

    def keyframes_gone(self) -> None:
        with self._lock:
            self._keyframe_us = None
            self._end_unless_seen(self._sub_us)

    def _saw(self, moving: bool, now: Stamp) -> None:
        self._last = now
        if not self.blind:
            self.activity.looked(moving, now.mono_us)
        elif moving:
            self.activity.happened(Reason.MOTION, now.mono_us)
        change = self._periods.seen(moving, now.mono_us)
        if change is not None:
            self._tell(Motion(self._camera, change is Change.STARTED, now))

    def _end_unless_seen(self, elsewhere_us: int | None) -> None:
        """Nobody can say when it ceases: it ends with the last picture."""
        if elsewhere_us is None and self._last is not None and self._periods.stop() is Change.ENDED:
            self._tell(Motion(self._camera, False, self._last))
