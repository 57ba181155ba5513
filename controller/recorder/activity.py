"""What has happened before one camera, or at the door, that is a reason to record.

Told by the acting thread (the door) and by whoever looks for motion; read by the camera's thread.
Never here: what follows from it (``mode``), and what moved.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from controller.recorder.happenings import Reason


@dataclass(frozen=True, slots=True)
class Latest:
    """mono_us: when it happened."""

    mono_us: int
    reason: Reason


class Activity:
    """The latest that happened; may be told and asked on any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.latest: Latest | None = None
        self.looked_us = 0
        """When pictures were last looked at for motion, monotonic time; 0: never yet."""

    def happened(self, reason: Reason, mono_us: int) -> None:
        with self._lock:
            if self.latest is None or mono_us > self.latest.mono_us:
                self.latest = Latest(mono_us, reason)

    def looked(self, moving: bool, mono_us: int) -> None:
        """A picture was looked at, and something moved in it or not."""
        self.looked_us = mono_us
        if moving:
            self.happened(Reason.MOTION, mono_us)
