"""What the cameras' threads report, to rows in footage.db and events in the journal: both are written here.

What cannot be written now is tried again, in order. Used by the acting thread alone. Never here: files,
and what is to be done about what was reported (``service``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.footage.segment_name import SegmentName
from controller.recorder.happenings import (
    CameraFound,
    CameraLearnt,
    CameraLost,
    DiskFailed,
    FaultChanged,
    Gap,
    GapCause,
    Measured,
    Motion,
    Paused,
    Recorded,
    Resumed,
    SegmentClosed,
)
from controller.recorder.segments.segment_writer import WrittenSegment
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal

TIDY_US = 10_000_000
"""How often at most the write-ahead logs are emptied."""


class Books:
    """Every method that writes raises JournalUnavailable or DatabaseUnusable; nothing is lost by it."""

    def __init__(self, journal: Journal, footage: Footage) -> None:
        self._journal = journal
        self._footage = footage
        self._waiting: deque[Recorded] = deque()
        self._untold: list[NewEvent] = []
        self._written = False
        self._next_tidy_us = 0

    def take(self, recorded: Recorded) -> None:
        """To be written with the next ``catch_up``."""
        self._waiting.append(recorded)

    def owe(self, events: Iterable[NewEvent]) -> None:
        """To be journalled as soon as the journal takes it: it may be on the disk that is full."""
        self._untold += events

    def catch_up(self) -> None:
        """Write what waits."""
        if self._untold:
            self.append(self._untold)
            self._untold.clear()
        while self._waiting:
            self._record(self._waiting[0])
            self._waiting.popleft()
            self._written = True

    def append(self, events: Iterable[NewEvent]) -> None:
        self._journal.append(list(events))
        self._written = True

    def say(self, kind: EventType, subject: str, stamp: Stamp, data: Mapping[str, JsonValue]) -> None:
        self.append([NewEvent(kind, subject, stamp, data)])

    def gap(self, gap: Gap) -> None:
        data: dict[str, JsonValue] = {
            "camera": gap.camera,
            "from_us": gap.from_us,
            "to_us": gap.to_us,
            "cause": gap.cause.value,
        }
        self.say(EventType.RECORDING_GAP, gap.camera, gap.stamp, data)

    def _record(self, recorded: Recorded) -> None:
        match recorded:
            case SegmentClosed(segment):
                self._footage.add_segment(row(segment, recovered=False))
            case Gap():
                self.gap(recorded)
            case CameraFound(camera, stamp):
                self.say(EventType.CAMERA_FOUND, camera, stamp, {})
            case CameraLost(camera, cause, stamp):
                self.say(EventType.CAMERA_LOST, camera, stamp, {"cause": cause.value})
            case DiskFailed(camera, stamp):
                data: dict[str, JsonValue] = {"cause": GapCause.DISK_FAULT.value}
                self.say(EventType.RECORDING_STOPPED, camera, stamp, data)
            case FaultChanged(camera, fault, begun, stamp):
                kind = EventType.CAMERA_FAULT_STARTED if begun else EventType.CAMERA_FAULT_ENDED
                self.say(kind, camera, stamp, {"fault": fault.value})
            case CameraLearnt(known, view, usable, stamp):
                self._footage.known_cameras.keep(known)
                if view is not None:
                    learnt: dict[str, JsonValue] = {"view": view, "usable": usable}
                    self.say(EventType.CAMERA_REFERENCE_LEARNT, known.camera, stamp, learnt)
            case Motion(camera, started, stamp):
                kind = EventType.MOTION_STARTED if started else EventType.MOTION_ENDED
                self.say(kind, camera, stamp, {})
            case Paused(camera, reason, stamp):
                self.say(EventType.RECORDING_PAUSED, camera, stamp, {"cause": reason.value})
            case Resumed(camera, reason, from_us, stamp):
                data = {"cause": reason.value, "from_us": from_us}
                self.say(EventType.RECORDING_RESUMED, camera, stamp, data)
            case Measured(camera, interval_us, too_rare, stamp):
                data = {"keyframe_interval_us": interval_us}
                self.say(
                    EventType.CAMERA_MEASURED,
                    camera,
                    stamp,
                    data if too_rare is None else {**data, "too_rare": too_rare},
                )

    def tidy(self, now: Stamp) -> None:
        """Sign the journal's head when that is due, and empty the write-ahead logs now and then.

        Until then what was destroyed is still in them.
        """
        self._journal.sign_head()
        if self._written and now.mono_us >= self._next_tidy_us:
            self._next_tidy_us = now.mono_us + TIDY_US
            self._written = not (self._journal.checkpoint() and self._footage.checkpoint())


def row(segment: WrittenSegment, *, recovered: bool) -> Segment:
    name: SegmentName = segment.name
    return Segment(
        id=name.segment_id,
        camera=name.camera,
        name=name.relative,
        start_us=name.start_us,
        end_us=segment.end_us,
        start_mono_us=name.start_mono_us,
        boot_id=name.boot_id,
        clock_trusted=name.clock_trusted,
        size_bytes=segment.size_bytes,
        sha256=segment.sha256,
        recovered=recovered,
    )
