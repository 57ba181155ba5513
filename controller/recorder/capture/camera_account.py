"""What has been told about one camera, so that each loss and each gap is told once.

Outlives the connections to the camera. Used by the camera's thread alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from controller.core.event import Stamp
from controller.recorder.happenings import (
    CameraFound,
    CameraLost,
    DiskFailed,
    Gap,
    GapCause,
    Happening,
    LostCause,
    Paused,
    Reason,
    Resumed,
)

SPARED = 30
SPARED_EVERY_US = 60_000_000
"""So many things that a camera can make happen at will are told at once, then one a minute. More would fill
the journal, and keep the disk from what the door writes."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the run before ended.

    recorded_to_us: up to where it recorded, or knew that there was nothing to be recorded. paused: why it
    was not recording then.
    """

    recorded_to_us: int
    cause: GapCause
    paused: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Interruption:
    since_mono_us: int
    cause: GapCause


class CameraAccount:
    """tell: takes what happened; it may only enqueue."""

    def __init__(self, camera: str, tell: Callable[[Happening], None], last_run: LastRun | None) -> None:
        self.camera = camera
        self.tell = tell
        self._last_run = last_run
        self._interruption: _Interruption | None = None
        self._lost = False
        self._found = False
        self._disk_failed = False
        self._spared, self._spared_us = SPARED, 0
        self._paused: Reason | None = None
        self._paused_before = last_run is not None and last_run.paused is not None

    def spares(self, now: Stamp) -> bool:
        """Whether one more thing may be told of stamps that are not as they should be. Counts it as told.

        What is not told of is seen all the same: as the camera's bad clock (``watching.health``).
        """
        earned = (now.mono_us - self._spared_us) // SPARED_EVERY_US
        if earned > 0:
            self._spared = min(SPARED, self._spared + earned)
            self._spared_us = now.mono_us
        if not self._spared:
            return False
        self._spared -= 1
        return True

    def found(self, now: Stamp) -> None:
        """The camera sends pictures that live."""
        if self._lost or not self._found:
            self._lost, self._found = False, True
            self.tell(CameraFound(self.camera, now))

    def lost(self, cause: LostCause, now: Stamp) -> None:
        if not self._lost:
            self._lost = True
            self.tell(CameraLost(self.camera, cause, now))

    def interrupted(self, since_mono_us: int, cause: GapCause) -> None:
        """Nothing was recorded after this. The first cause stands until recording goes on."""
        if self._interruption is None:
            self._interruption = _Interruption(since_mono_us, cause)

    def disk_failed(self, now: Stamp) -> None:
        """The disk takes nothing, and not because it is full. Told once until a segment begins again."""
        if not self._disk_failed:
            self._disk_failed = True
            self.tell(DiskFailed(self.camera, now))

    def away(self, now: Stamp, cause: GapCause) -> None:
        """There is no camera, and it should be recorded: a gap begins, unless it has begun already."""
        if self._found and self._last_run is None:
            self.interrupted(now.mono_us, cause)

    def recording(self, now: Stamp) -> None:
        """A segment begins: tell what was missing before it."""
        if self._interruption is not None:
            # Counted back from now, so that a clock that was set meanwhile changes nothing.
            from_us = now.wall_us - max(0, now.mono_us - self._interruption.since_mono_us)
            self.tell(Gap(self.camera, from_us, now.wall_us, self._interruption.cause, now))
        elif self._last_run is not None:
            from_us = self._last_run.recorded_to_us
            self.tell(Gap(self.camera, from_us, max(from_us, now.wall_us), self._last_run.cause, now))
        self._interruption = self._last_run = None
        self._disk_failed = False

    def not_wanted(self, now: Stamp) -> None:
        """Pictures come and are not to be recorded: what was missing before them ends here."""
        if self._interruption is None and self._last_run is not None and self._last_run.paused is Reason.OFF:
            self._last_run = None  # nor were they wanted when the last run ended
        self.recording(now)

    def paused(self, reason: Reason, now: Stamp) -> None:
        """reason: QUIET or OFF."""
        if self._paused is not reason:
            self._paused, self._paused_before = reason, False
            self.tell(Paused(self.camera, reason, now))

    def resumed(self, reason: Reason, from_us: int, now: Stamp) -> None:
        """from_us: wall time of the first picture that is recorded."""
        if self._paused is not None or self._paused_before:
            self._paused, self._paused_before = None, False
            self.tell(Resumed(self.camera, reason, from_us, now))
