"""One connection to a camera: its packets to segments, its keyframes to motion.

Packets are collected and written together when the next keyframe comes: the muxer would hold them until
then anyway, and code that runs once a second instead of for each picture costs a fraction.
Never here: connecting, and waiting (``camera_thread``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from controller.core.event import Stamp
from controller.devices import TICKS_PER_S, VideoFormat, VideoPacket
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.capture.timeline import Timeline
from controller.recorder.happenings import Gap, GapCause, SegmentClosed
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.recorder.watching.keyframe_watch import KeyframeWatch

STALL_TICKS = 2 * TICKS_PER_S
"""Two pictures further apart than this are a gap."""

CLOCK_STEP_US = 2_000_000
"""Wall time that moved differently from time since boot by this much was set: a new segment begins."""

MOST_PENDING = 64
"""Packets collected at most, for cameras with seconds between their keyframes."""


@dataclass(frozen=True, slots=True)
class Recording:
    """How a camera is to be recorded. folder: the footage folder, which exists."""

    camera: str
    folder: Path
    segment_us: int
    motion: bool


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


class CameraSession:
    """Takes packets. ``take`` and ``end`` raise DiskFull, OSError, BadVideo; then call ``abandon``."""

    def __init__(
        self, recording: Recording, video: VideoFormat, account: CameraAccount, now: Callable[[], Stamp]
    ) -> None:
        self._recording = recording
        self._video = video
        self._account = account
        self._now = now
        self._timeline = Timeline()
        self._pending: list[VideoPacket] = []
        self._open: _Open | None = None
        self._seen: Stamp | None = None
        self._watch = KeyframeWatch(recording.camera, video, account) if recording.motion else None
        self.began = False

    def take(self, packet: VideoPacket) -> None:
        """Take a packet that has just arrived. Nothing is written before the first keyframe."""
        if not packet.keyframe and self._timeline.goes_on(packet):
            if self._open is not None:
                self._pending.append(packet)
                if len(self._pending) >= MOST_PENDING:
                    self._write_pending(self._open)
            return
        self._look_up(packet, self._now())

    def _look_up(self, packet: VideoPacket, now: Stamp) -> None:
        """The packet is a keyframe or does not simply follow the one before."""
        if self._open is not None:
            self._write_pending(self._open)
        last_mono_us, last_dts = self._last_mono_us(), self._timeline.last_dts
        jumped = self._timeline.place(packet, now.mono_us)
        self._seen = now
        segment = self._open
        if segment is None or (packet.keyframe and segment.is_over(now, self._recording.segment_us)):
            if not packet.keyframe:
                return
            segment = self._begin(now)
        elif jumped or (self._timeline.last_dts or 0) - (last_dts or 0) > STALL_TICKS:
            cause = GapCause.CAMERA_JUMPED if jumped else GapCause.CAMERA_STALLED
            from_us = segment.wall_us(min(last_mono_us, now.mono_us))
            self._account.tell(Gap(self._recording.camera, from_us, segment.wall_us(now.mono_us), cause, now))
        # At once: it is the next keyframe that makes the muxer write the pictures before it.
        segment.writer.write(self._timeline.on_the_line(packet))
        if packet.keyframe:
            if self._watch is None:
                self._account.found(now)
            else:
                self._watch.look(packet, now)

    def _write_pending(self, segment: _Open) -> None:
        for packet in self._pending:
            segment.writer.write(self._timeline.on_the_line(packet))
        self._pending.clear()

    def _last_mono_us(self) -> int:
        """When the last picture came: as long after the last look at the clock as its stamp says."""
        return 0 if self._seen is None else self._seen.mono_us + self._timeline.since_placed_us()

    def _begin(self, now: Stamp) -> _Open:
        recording = self._recording
        self._close(now.mono_us)
        name = SegmentName(recording.camera, now.wall_us, now.mono_us, now.boot_id, now.clock_trusted)
        self._open = segment = _Open(SegmentWriter(recording.folder, name, self._video), now)
        self.began = True
        self._account.recording(now)
        return segment

    def _close(self, until_mono_us: int) -> None:
        if self._open is not None:
            self._account.tell(SegmentClosed(self._open.writer.close(self._open.wall_us(until_mono_us))))
            self._open = None

    def end(self, cause: GapCause) -> None:
        """The camera is gone or recording must stop: close the segment after its last picture."""
        if self._open is not None:
            self._account.interrupted(self._last_mono_us(), cause)
            self._write_pending(self._open)
            self._close(self._last_mono_us())
        if self._watch is not None:
            self._watch.end()

    def abandon(self, cause: GapCause) -> SegmentName | None:
        """The disk failed: the segment that is left to be repaired."""
        segment, self._open = self._open, None
        if segment is None:
            return None
        segment.writer.abandon()
        self._account.interrupted(self._last_mono_us(), cause)
        return segment.writer.name
