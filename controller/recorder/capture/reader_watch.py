"""Are a camera's readers still alive? One that hangs in its camera is left behind, and another begun.

A thread cannot be ended from outside: it stays, writes nothing any more, and ends if it ever comes back. How
many may hang is bounded. Used by the acting thread; time comes in. Never here: reading and writing.
"""

from __future__ import annotations

import logging
import threading

from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.happenings import GapCause

HANG_US = 20_000_000
"""Longer than any driver of ours waits by itself: 5 s to connect and 8 s to read a network camera."""
LONGEST_HANG_US = 3_600_000_000
"""After readers that brought no picture, each is given twice the time of the one before, up to this."""
MOST_LEFT_BEHIND = 8
"""Each holds memory and a connection, and none can be made to let go."""
RESTART_US = 86_400_000_000
"""A process younger than this is not ended for a camera whose readers all hang: it costs all seconds."""

log = logging.getLogger(__name__)


class CameraThreadDied(Exception):
    """The service must end, and be started again by its supervisor."""


class ReaderWatch:
    """thread: the camera's first reader, not started yet."""

    def __init__(self, thread: CameraThread, room: threading.Event) -> None:
        """room: as the reader has it."""
        self._thread = thread
        self._room = room
        self._left: list[CameraThread] = []
        self._beats = 0
        self._silent_us = 0
        self._patience_us = HANG_US
        self._age_us = 0

    @property
    def left_behind(self) -> int:
        """How many readers hang."""
        return len(self._left)

    def start(self) -> None:
        self._thread.start()

    def check(self, elapsed_us: int) -> None:
        """elapsed_us: since the last check. Raises CameraThreadDied."""
        self._age_us += elapsed_us
        self._left = [one for one in self._left if one.is_alive()]
        if not self._thread.is_alive():
            raise CameraThreadDied(f"{self._thread.name}: ended without being told to")
        if self.left_behind < MOST_LEFT_BEHIND:
            self._room.set()
        elif self._age_us >= RESTART_US:
            raise CameraThreadDied(f"{self._thread.name}: {self.left_behind} readers hang")
        beats = self._thread.beats
        self._silent_us = self._silent_us + elapsed_us if beats == self._beats else 0
        self._beats = beats
        if self._silent_us >= self._patience_us and self._thread.leave_behind():
            self._replace()

    def _replace(self) -> None:
        hung = self._thread
        self._left.append(hung)
        if self.left_behind >= MOST_LEFT_BEHIND:
            self._room.clear()
        log.error(
            "%s: its reader has hung for %d s and is left behind; %s",
            hung.name,
            self._silent_us // 1_000_000,
            "another begins" if self._room.is_set() else "no other begins until one of them comes back",
        )
        self._patience_us = HANG_US if hung.recorded else min(2 * self._patience_us, LONGEST_HANG_US)
        self._silent_us = 0
        self._thread = hung.successor()
        self._thread.start()

    # --- the end --------------------------------------------------------------------------------------

    def stop(self) -> None:
        self._thread.stop()

    def join(self, seconds: float) -> None:
        """Wait for the reader to end; close the segment of one that hangs."""
        self._thread.join(seconds)
        if self._thread.is_alive() and self._thread.leave_behind():
            self._thread.finish(GapCause.SERVICE_STOPPED)
