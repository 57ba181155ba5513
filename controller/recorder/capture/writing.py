"""The packets of one connection to files, one segment after the other without a hole.

Never here: which packets are to be written (``camera_session``), and how a file is made (``segments``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from controller.core.event import Stamp
from controller.devices import VideoFormat, VideoPacket
from controller.footage.segment_name import SegmentName
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.capture.mode import ModeRules
from controller.recorder.capture.pre_roll import Missing
from controller.recorder.happenings import Gap, GapCause, SegmentClosed
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.recorder.watching.zones import View

CLOCK_STEP_US = 2_000_000
"""Wall time that moved differently from time since boot by this much was set: a new segment begins."""


@dataclass(frozen=True, slots=True)
class Recording:
    """How a camera is to be recorded. folder: the footage folder, which exists.

    motion: it is looked for; view: where. min_kbps: see ``core.camera_rate``.
    """

    camera: str
    folder: Path
    segment_us: int
    motion: bool
    modes: ModeRules = field(default_factory=ModeRules)
    view: View = field(default_factory=View.of)
    min_kbps: int = 0


@dataclass(frozen=True, slots=True)
class _Open:
    """The segment being written, and where it began."""

    writer: SegmentWriter
    start: Stamp

    def wall_us(self, mono_us: int) -> int:
        """A moment in the segment's own wall time, which no setting of the clock moves."""
        return self.start.wall_us + max(1, mono_us - self.start.mono_us)

    def is_over(self, now: Stamp, segment_us: int) -> bool:
        elapsed_us = now.mono_us - self.start.mono_us
        stepped_us = abs(now.wall_us - self.start.wall_us - elapsed_us)
        return (
            elapsed_us >= segment_us
            or stepped_us > CLOCK_STEP_US
            or now.clock_trusted != self.start.clock_trusted
        )


class Writing:
    """Every method but ``abandon`` raises DiskFull, OSError, BadVideo; then ``abandon`` it."""

    def __init__(self, recording: Recording, video: VideoFormat, account: CameraAccount) -> None:
        self._recording = recording
        self._video = video
        self._account = account
        self._open: _Open | None = None
        self._jumped = False
        # The last keyframe that was written: with it the muxer wrote what was before, and no more.
        self._safe_us: int | None = None

    @property
    def under_way(self) -> bool:
        return self._open is not None

    def begin(self, packet: VideoPacket, at: Stamp, missing: Missing | None = None) -> None:
        """Write a packet that begins a run; ``extend`` adds to it. Nothing before the first keyframe."""
        if self._safe_us is None:
            self._safe_us = at.mono_us
        segment = self._open
        self._jumped |= missing is not None and missing.cause is GapCause.CAMERA_JUMPED
        if segment is None or (packet.keyframe and self._is_over(segment, at)):
            if not packet.keyframe:
                return
            if missing is not None and segment is not None:
                self._account.interrupted(missing.since_us, missing.cause)
            segment = self._next(at, missing)
        elif missing is not None:
            from_us = segment.wall_us(min(missing.since_us, at.mono_us))
            self._account.tell(
                Gap(self._recording.camera, from_us, segment.wall_us(at.mono_us), missing.cause, at)
            )
        # At once: it is the next keyframe that makes the muxer write the pictures before it.
        segment.writer.write(packet)
        if packet.keyframe:
            self._safe_us = at.mono_us

    def _is_over(self, segment: _Open, at: Stamp) -> bool:
        # After a jump of the camera's stamps a file begins anew, so that no file has two reckonings of time.
        return self._jumped or segment.is_over(at, self._recording.segment_us)

    def extend(self, packets: Iterable[VideoPacket]) -> None:
        if self._open is not None:
            self._open.writer.write_all(packets)

    def _next(self, at: Stamp, missing: Missing | None) -> _Open:
        recording = self._recording
        self._jumped = False
        self.close(at.mono_us if missing is None else min(missing.since_us, at.mono_us))
        name = SegmentName(recording.camera, at.wall_us, at.mono_us, at.boot_id, at.clock_trusted)
        self._open = segment = _Open(SegmentWriter(recording.folder, name, self._video), at)
        self._account.recording(at)
        return segment

    def close(self, until_us: int) -> None:
        """End the segment. until_us: when its last picture ends, monotonic time in microseconds."""
        if self._open is not None:
            self._account.tell(SegmentClosed(self._open.writer.close(self._open.wall_us(until_us))))
            self._open = None

    def abandon(self, cause: GapCause) -> SegmentName | None:
        """The disk or the muxer failed: the segment that is left to be repaired."""
        if self._safe_us is not None:
            self._account.interrupted(self._safe_us, cause)
        segment, self._open = self._open, None
        if segment is None:
            return None
        segment.writer.abandon()
        return segment.writer.name
