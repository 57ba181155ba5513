"""The recorder's acting thread: journals and keeps the rows of what the cameras' threads report.

It follows the door's journal for clips, sweeps away footage that is due, watches the room on the disk,
and is the only one that writes the journal and footage.db. Never here: packets, and choosing drivers.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.devices import Camera
from controller.recorder.capture.camera_account import CameraAccount, LastRun
from controller.recorder.capture.camera_session import Recording
from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.clips.making import Clips
from controller.recorder.happenings import (
    CameraFound,
    CameraLost,
    Gap,
    GapCause,
    Happening,
    Motion,
    NoRoom,
    SegmentClosed,
)
from controller.recorder.history import History
from controller.recorder.keeping.disposal import Disposal
from controller.recorder.keeping.redating import redate, set_right
from controller.recorder.keeping.space import Floor
from controller.recorder.segments.repair import repair
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.segments.segment_writer import WrittenSegment
from controller.service import Notifier, Stop
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalMissing, JournalReader

POLL_S = 1.0
"""How often the journals are followed: a clip is made when its last second is on disk, so not in haste."""
CHECK_US = 1_000_000
"""How often the room on the disk is measured."""
TIDY_US = 10_000_000
"""How often at most the write-ahead logs are emptied."""
SOON_US = 60_000_000
"""How soon due footage is looked for again when a sweep failed or the disk is full."""
RETRY_FULL_US = 10_000_000
"""How long recording stays stopped at least once the disk was full."""
STOP_US = 3_000_000
"""How long the cameras together may take to close their segments; repair finishes what is left."""
_SEAM_US = 1_000_000

log = logging.getLogger(__name__)


class CameraThreadDied(Exception):
    """A fault of ours in a camera's thread: the service ends, and is started again by its supervisor."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be recorded, and how often footage is swept. open_camera: by camera id."""

    recordings: Sequence[Recording]
    open_camera: Mapping[str, Callable[[], Camera]]
    sweep_interval_us: int
    folder: Path


class Recorder:
    """now: both clocks and whether they are trusted; called by the acting thread alone."""

    def __init__(
        self,
        plan: Plan,
        *,
        now: Callable[[], Stamp],
        camera_now: Callable[[bool], Stamp],
        journal: Journal,
        footage: Footage,
        history: History,
        disposal: Disposal,
        clips: Clips,
        followed: Sequence[JournalReader],
        floor: Floor,
        notifier: Notifier,
        stop: Stop,
        inbox: queue.SimpleQueue[Happening | None],
    ) -> None:
        self._plan = plan
        self._now = now
        self._camera_now = camera_now
        self._journal = journal
        self._footage = footage
        self._history = history
        self._disposal = disposal
        self._clips = clips
        self._followed = [_Followed(reader) for reader in followed]
        self._floor = floor
        self._notifier = notifier
        self._stop = stop
        self._inbox = inbox
        self._waiting: deque[Happening] = deque()
        self._allowed = threading.Event()
        self._full = False
        self._untold: list[NewEvent] = []
        self._retry_full_us = 0
        self._next_sweep_us = 0
        self._next_check_us = 0
        self._next_tidy_us = 0
        self._written = False
        self._complained = False
        self._trusted = False
        self._threads: list[CameraThread] = []

    def run(self) -> None:
        """Until ``stop`` is set. Sweeps and repairs before the first picture is recorded."""
        started = self._look_at_the_clock()
        self._journal.append([NewEvent(EventType.SERVICE_STARTED, "recorder", started)])
        self._repair(started)
        self._sweep(started)
        self._allowed.set()
        self._check_room(started)
        self._threads = [self._thread(recording) for recording in self._plan.recordings]
        for thread in self._threads:
            thread.start()
        self._notifier.ready()
        while not self._stop.is_set():
            self._round()
        self._notifier.stopping()
        self._shut_down()

    def _look_at_the_clock(self) -> Stamp:
        now = self._now()
        self._trusted = now.clock_trusted
        return now

    def _thread(self, recording: Recording) -> CameraThread:
        last = self._footage.last_end_us(recording.camera)
        last_run = None if last is None else LastRun(last, self._history.gap_cause)
        return CameraThread(
            recording,
            self._plan.open_camera[recording.camera],
            lambda: self._camera_now(self._trusted),
            CameraAccount(recording.camera, self._inbox.put, last_run),
            self._allowed,
        )

    # --- one round --------------------------------------------------------------------------------

    def _round(self) -> None:
        watchdog_s = self._notifier.watchdog_s
        self._collect(POLL_S if watchdog_s is None else min(POLL_S, watchdog_s / 2))
        now = self._look_at_the_clock()
        try:
            self._tell()
            self._record_happenings()
            self._make_clips(now)
            if now.mono_us >= self._next_sweep_us:
                self._sweep(now)
            if now.mono_us >= self._next_check_us:
                self._next_check_us = now.mono_us + CHECK_US
                self._check_room(now)
            if self._written and now.mono_us >= self._next_tidy_us:
                self._next_tidy_us = now.mono_us + TIDY_US
                self._tidy()
            self._complained = False
        except (JournalUnavailable, DatabaseUnusable) as error:
            # Nothing is lost: what waits is tried again in the next round, and segments are on disk.
            if not self._complained:
                log.error("cannot keep the books, trying again: %s", error)
            self._complained = True
        for thread in self._threads:
            if not thread.is_alive():
                raise CameraThreadDied(f"{thread.name}: ended without being told to")
        self._notifier.watchdog()

    def _tidy(self) -> None:
        """Empty the write-ahead logs: until then what was destroyed is still in them."""
        self._written = not (self._journal.checkpoint() and self._footage.checkpoint())

    def _collect(self, wait_s: float) -> None:
        """Take what has come, waiting for the first a little."""
        try:
            found = self._inbox.get(timeout=wait_s)
            while True:
                if found is not None:  # None only wakes us
                    self._waiting.append(found)
                found = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _record_happenings(self) -> None:
        while self._waiting:
            self._record(self._waiting[0])
            self._waiting.popleft()
            self._written = True

    def _record(self, happening: Happening) -> None:
        match happening:
            case SegmentClosed(segment):
                self._footage.add_segment(_row(segment, recovered=False))
            case Gap(camera, from_us, to_us, cause, stamp):
                self._journal_gap(camera, from_us, to_us, cause, stamp)
            case CameraFound(camera, stamp):
                self._append(EventType.CAMERA_FOUND, camera, stamp, {})
            case CameraLost(camera, cause, stamp):
                self._append(EventType.CAMERA_LOST, camera, stamp, {"cause": cause.value})
            case Motion(camera, started, stamp):
                kind = EventType.MOTION_STARTED if started else EventType.MOTION_ENDED
                self._append(kind, camera, stamp, {})
            case NoRoom():
                self._stop_recording(self._now())

    def _journal_gap(self, camera: str, from_us: int, to_us: int, cause: GapCause, stamp: Stamp) -> None:
        data: dict[str, JsonValue] = {
            "camera": camera,
            "from_us": from_us,
            "to_us": to_us,
            "cause": cause.value,
        }
        self._append(EventType.RECORDING_GAP, camera, stamp, data)

    def _append(self, kind: EventType, subject: str, stamp: Stamp, data: Mapping[str, JsonValue]) -> None:
        self._journal.append([NewEvent(kind, subject, stamp, data)])

    def _make_clips(self, now: Stamp) -> None:
        for followed in self._followed:
            followed.take(self._clips, now)
        for event in self._clips.ready(now):
            self._journal.append([event])
            self._written = True

    # --- start and end ----------------------------------------------------------------------------

    def _repair(self, now: Stamp) -> None:
        """Make files and rows agree. Files that a disposal is deleting may be gone: it sees to their rows."""
        deleting = {row.name for row in self._footage.deleting()}
        repaired = repair(self._plan.folder, self._footage.names())
        missing = [name for name in repaired.missing if name not in deleting]
        ids = [name.segment_id for name in map(SegmentName.parse, missing) if name is not None]
        for camera, from_us, to_us in _ranges(self._footage.by_ids(ids)):
            self._journal_gap(camera, from_us, to_us, GapCause.FILE_MISSING, now)
        self._footage.rebuild([_row(segment, recovered=True) for segment in repaired.found], missing)

    def _shut_down(self) -> None:
        for thread in self._threads:
            thread.stop()
        until_us = self._now().mono_us + STOP_US
        for thread in self._threads:
            thread.join(max(0.0, (until_us - self._now().mono_us) / 1_000_000))
        self._collect(0.01)
        now = self._look_at_the_clock()
        try:
            self._record_happenings()
            self._append(EventType.SERVICE_STOPPED, "recorder", now, {})
        except (JournalUnavailable, DatabaseUnusable) as error:
            log.error("stopped without a last entry in the journal: %s", error)

    # --- disposal ---------------------------------------------------------------------------------

    def _sweep(self, now: Stamp) -> None:
        """Destroy what is due, if the time can be believed."""
        self._next_sweep_us = now.mono_us + (SOON_US if self._full else self._plan.sweep_interval_us)
        if not now.clock_trusted:
            self._next_sweep_us = now.mono_us + CHECK_US  # it may be set at any moment
            return
        try:
            redate(self._footage, now)
            if not self._history.guard.steady(now):
                log.warning(
                    "the clock jumped ahead by more than a day: nothing is destroyed until it has stood a day"
                )
                return
            set_right(self._footage, now)
            swept = self._disposal.sweep(now)
        except (OSError, DatabaseUnusable, JournalUnavailable) as error:
            # Without certainty about holds or a durable record nothing is destroyed; recording goes on.
            log.error("footage that is due was not destroyed: %s", error)
            self._next_sweep_us = now.mono_us + SOON_US
            return
        if swept.overdue:
            log.error("%d segments are overdue", swept.overdue)

    # --- room on the disk -------------------------------------------------------------------------

    def _check_room(self, now: Stamp) -> None:
        if not self._full and self._floor.reached():
            self._sweep(now)
            if self._floor.reached():
                self._stop_recording(now)
        elif self._full and self._floor.clear() and now.mono_us >= self._retry_full_us:
            self._append(EventType.STORAGE_FREED, "recorder", now, {"free_mb": self._floor.free_mb()})
            self._full = False
            self._allowed.set()

    def _stop_recording(self, now: Stamp) -> None:
        """Held footage and what is not due stays, whatever happens: so nothing more is recorded."""
        self._allowed.clear()
        if self._full:
            return
        self._full = True
        self._retry_full_us = now.mono_us + RETRY_FULL_US
        self._next_sweep_us = min(self._next_sweep_us, now.mono_us + SOON_US)
        self._untold += [
            NewEvent(EventType.STORAGE_FULL, "recorder", now, {"free_mb": self._floor.free_mb()}),
            NewEvent(EventType.RECORDING_STOPPED, "recorder", now, {"cause": GapCause.STORAGE_FULL.value}),
        ]
        self._tell()

    def _tell(self) -> None:
        """The journal may be on the disk that is full: what it could not take is told once there is room."""
        if self._untold:
            self._journal.append(self._untold)
            self._untold.clear()


class _Followed:
    """A journal whose events are causes of clips, and how far it has been read."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._journal_id = ""
        self._position = 0
        self._unread = False

    def take(self, clips: Clips, now: Stamp) -> None:
        try:
            self._unread |= self._reader.changed()
            if not self._unread:
                return
            if (journal_id := self._reader.journal_id) != self._journal_id:
                self._journal_id, self._position = journal_id, clips.position(journal_id)
            while events := self._reader.read(self._position):
                clips.follow(self._journal_id, events, now)
                self._position = events[-1].seq
            self._unread = False
        except JournalMissing:
            return  # that service has not started yet


def _ranges(segments: Sequence[Segment]) -> list[tuple[str, int, int]]:
    """Camera, start and end of what these segments showed, those that follow each other in one."""
    ranges: list[tuple[str, int, int]] = []
    for segment in sorted(segments, key=lambda one: (one.camera, one.start_us)):
        if ranges and ranges[-1][0] == segment.camera and segment.start_us - ranges[-1][2] <= _SEAM_US:
            ranges[-1] = (segment.camera, ranges[-1][1], segment.end_us)
        else:
            ranges.append((segment.camera, segment.start_us, segment.end_us))
    return ranges


def _row(segment: WrittenSegment, *, recovered: bool) -> Segment:
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
