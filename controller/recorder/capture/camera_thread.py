"""One camera's thread: connect, record, wait, again, whatever happens to camera and disk.

It owns the camera and the file being written, and tells everything else to the acting thread. Never
here: rows, journal, clips, disposal.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from controller.core.event import Stamp
from controller.devices import Camera, DeviceError
from controller.footage.segment_name import SegmentName
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.capture.camera_session import CameraSession
from controller.recorder.capture.lease import Lease, LeftBehind, close_aside
from controller.recorder.capture.mode import Mode, ModeJudge
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import GapCause, LostCause, NoRoom, SegmentClosed
from controller.recorder.segments.repair import repair_one
from controller.recorder.segments.segment_writer import BadVideo, DiskFull
from controller.recorder.watching.health import HealthWatch
from controller.recorder.watching.movement import Movement

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 15.0
STEADY_US = 10_000_000
"""After a connection that lasted for so long, the next is tried at once. One that breaks off sooner costs a
file and four events as well, and the door shares the disk."""
STOP_POLL_S = 0.2

log = logging.getLogger(__name__)


class CameraThread(threading.Thread):
    """Records while ``allowed`` is set, until ``stop``.

    room: cleared while too many readers of this camera hang (``reader_watch``): no other is begun then.
    after: the reader that hung and was left behind, whose work goes on here.
    """

    def __init__(
        self,
        recording: Recording,
        open_camera: Callable[[], Camera],
        now: Callable[[], Stamp],
        account: CameraAccount,
        allowed: threading.Event,
        movement: Movement,
        health: HealthWatch,
        *,
        room: threading.Event | None = None,
        after: CameraThread | None = None,
    ) -> None:
        super().__init__(name=f"camera {recording.camera}", daemon=True)
        self._recording = recording
        self._open_camera = open_camera
        self._now = now
        self._account = account
        self._allowed = allowed
        self._movement = movement
        self._health = health
        self._room = room or _set()
        self._after = after
        self._judge: ModeJudge = (
            ModeJudge(recording.modes, movement.activity) if after is None else after._judge
        )
        self._broken: list[SegmentName] = [] if after is None else after._broken
        self._stopping = threading.Event()
        self._lease = Lease()
        self._camera: Camera | None = None
        self._session: CameraSession | None = None
        self._recorded = False
        self._warned_of = ""

    # --- from other threads ---------------------------------------------------------------------------

    @property
    def beats(self) -> int:
        """Rises with each packet, and whenever anything else is asked of the camera or comes back."""
        return self._lease.beats

    @property
    def recorded(self) -> bool:
        """Whether this reader ever brought pictures."""
        return self._recorded or (self._session is not None and self._session.began)

    def stop(self) -> None:
        """End soon, the segment closed. Join afterwards; a silent camera can take its time-out to notice."""
        self._stopping.set()
        if (camera := self._camera) is not None:
            close_aside(camera, self.name)

    def leave_behind(self) -> bool:
        """If it waits for its camera now, it will write and tell nothing any more. Then call ``finish``."""
        return self._lease.revoke()

    def finish(self, cause: GapCause) -> None:
        """Close the segment of a reader that was left behind, and tell what must be told for it."""
        session, self._session = self._session, None
        if session is None:
            self._away(cause)
        else:
            self._until_it_fails(session, lambda: session.end(cause))
        if cause is GapCause.CAMERA_LOST:
            self._account.lost(LostCause.UNREACHABLE, self._now())

    def successor(self) -> CameraThread:
        """Another reader, not started yet, that first finishes what this one left."""
        return CameraThread(
            self._recording,
            self._open_camera,
            self._now,
            self._account,
            self._allowed,
            self._movement,
            self._health,
            room=self._room,
            after=self,
        )

    # --- the thread -----------------------------------------------------------------------------------

    def run(self) -> None:
        self._lease.begin()
        if self._after is not None:
            self._after.finish(GapCause.CAMERA_LOST)
            self._after = None
        try:
            self._go_on()
        except LeftBehind:
            log.warning("camera %s: a reader that hung has come back, and ends", self._recording.camera)

    def _go_on(self) -> None:
        retry_s = FIRST_RETRY_S
        while not self._stopping.is_set():
            if not self._allowed.wait(STOP_POLL_S):
                self._away(GapCause.STORAGE_FULL)
                continue
            if not self._room.wait(STOP_POLL_S):
                self._away(GapCause.CAMERA_LOST)
                continue
            began_us = self._now().mono_us
            steady = self._attempt() and self._now().mono_us - began_us >= STEADY_US
            if steady:
                retry_s = FIRST_RETRY_S
            if self._allowed.is_set():
                self._stopping.wait(retry_s)
            retry_s = min(retry_s * 2, LONGEST_RETRY_S)

    def _attempt(self) -> bool:
        """Connect and record until something ends it; whether anything was recorded."""
        try:
            self._repair()
            camera = self._open()
        except DeviceError as error:
            self._lost(error)
            self._away(GapCause.CAMERA_LOST)
            return False
        except OSError as error:
            self._disk_failed(error)
            return False
        except LeftBehind:
            raise
        except Exception as error:  # noqa: BLE001 -- see _until_it_fails
            self._lost(error)
            self._away(GapCause.CAMERA_LOST)
            return False
        self._camera = camera
        session = CameraSession(
            self._recording,
            camera.format,
            self._account,
            self._judge,
            self._movement,
            self._health,
            self._now,
        )
        self._session = session
        try:
            self._until_it_fails(session, lambda: session.end(self._record(camera, session)))
            self._session = None
        finally:
            self._camera = None
            with self._lease:
                camera.close()
        if session.began:
            self._warned_of = ""
            self._recorded = True
        return session.began

    def _open(self) -> Camera:
        camera: Camera | None = None
        try:
            with self._lease:
                camera = self._open_camera()
        except LeftBehind:
            if camera is not None:
                camera.close()
            raise
        return camera

    def _record(self, camera: Camera, session: CameraSession) -> GapCause:
        """Record until the camera is lost or recording must stop: the cause of what will be missing."""
        packets = camera.packets()
        try:
            while True:
                with self._lease:
                    packet = next(packets)
                if self._stopping.is_set():
                    return GapCause.SERVICE_STOPPED
                if not self._allowed.is_set():
                    return GapCause.STORAGE_FULL
                session.take(packet)
        except StopIteration:
            return GapCause.CAMERA_LOST
        except DeviceError as error:
            if self._stopping.is_set():
                return GapCause.SERVICE_STOPPED
            self._lost(error)
        return GapCause.CAMERA_LOST

    def _until_it_fails(self, session: CameraSession, work: Callable[[], None]) -> None:
        """Do what writes; a fault of the disk leaves the segment to be repaired."""
        camera_id = self._recording.camera
        try:
            work()
        except DiskFull as error:
            log.warning("camera %s: disk full: %s", camera_id, error)
            self._abandon(session, GapCause.STORAGE_FULL)
            self._allowed.clear()
            self._account.tell(NoRoom(camera_id))
        except OSError as error:
            self._abandon(session, GapCause.DISK_FAULT)
            self._disk_failed(error)
        except BadVideo as error:
            self._lost(error)
            self._abandon(session, GapCause.CAMERA_LOST)
        except LeftBehind:
            raise
        except Exception as error:  # noqa: BLE001 -- what a camera sends can make the libraries raise anything
            # It costs this camera. Were its thread to end, so would the process, and with it all cameras.
            self._lost(error)
            self._abandon(session, GapCause.CAMERA_LOST)

    def _lost(self, error: Exception) -> None:
        # Once, not at every attempt: a camera may be away for weeks.
        if str(error) != self._warned_of:
            self._warned_of = str(error)
            expected = isinstance(error, DeviceError | BadVideo)
            shown = error if expected else f"{type(error).__name__}: {error}"
            log.warning("camera %s: %s", self._recording.camera, shown, exc_info=not expected)
        self._account.lost(LostCause.UNREACHABLE, self._now())

    def _disk_failed(self, error: OSError) -> None:
        if str(error.strerror) != self._warned_of:
            self._warned_of = str(error.strerror)
            log.error("camera %s: the disk failed: %s", self._recording.camera, error)
        self._account.disk_failed(self._now())

    def _away(self, cause: GapCause) -> None:
        now = self._now()
        if self._judge.rules.at(now) is not Mode.OFF:
            self._account.away(now, cause)

    def _abandon(self, session: CameraSession, cause: GapCause) -> None:
        if (name := session.abandon(cause)) is not None:
            self._broken.append(name)

    def _repair(self) -> None:
        """Finish the files that a fault of the disk left behind. Raises OSError while it lasts."""
        while self._broken:
            segment = repair_one(self._recording.folder, self._broken[0])
            if segment is not None:
                self._account.tell(SegmentClosed(segment))
            del self._broken[0]


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
