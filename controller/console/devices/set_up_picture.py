"""The last picture that was recorded of a camera, with its zones and masks drawn into it.

To set a camera up, not to look at people: it is of this hour, one at a time, and gone after two minutes. It
is a look at footage all the same: for those who may, for a need, and journalled before it is shown. Never
here: drawing (``footage.worker``), or who may.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from controller.console.footage.shown import file_of
from controller.console.web.branch import Branch
from controller.core.event import EventType
from controller.core.local_time import local_time
from controller.footage.worker.client import Work, WorkFailed
from controller.footage.worker.job import SetUp, StillJob
from controller.settings.recording import CameraSettings
from controller.staff.account import Account
from controller.staff.hidden import look_up
from controller.staff.refusal import Refused
from controller.staff.viewing import check_range, refused
from controller.store.engine import DatabaseMissing
from controller.store.footage import Segment
from controller.store.footage_rows import SegmentState

OLDEST_US = 3_600_000_000
KEPT_US = 120_000_000
MOST = 4
SECOND_US = 1_000_000
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Picture:
    """jpeg: nobody may see it but this account in this session. at_us: when it was recorded."""

    camera: str
    at_us: int
    jpeg: bytes
    user: str
    session: str
    until_us: int


class Pictures:
    """Those that were taken just now, in memory alone. For any thread; times by a clock that never steps."""

    def __init__(self) -> None:
        self._kept: dict[str, Picture] = {}
        self._lock = threading.Lock()

    def keep(self, picture: Picture, mono_us: int) -> str:
        """The word by which it is found again."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._forget(mono_us)
            while len(self._kept) >= MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[token] = picture
        return token

    def find(self, token: str, user: str, session: str, mono_us: int) -> Picture | None:
        with self._lock:
            self._forget(mono_us)
            found = self._kept.get(token)
        return found if found and (found.user, found.session) == (user, session) else None

    def _forget(self, mono_us: int) -> None:
        for token in [token for token, one in self._kept.items() if one.until_us < mono_us]:
            del self._kept[token]


def take(branch: Branch, camera: CameraSettings, who: Account, session: str, need: str) -> Picture:
    """need: checked. Raises Refused, DatabaseUnusable, JournalUnavailable."""
    now = branch.now()
    segment = _newest(branch, camera.id, now.wall_us)
    hidden, at_us = look_up(branch.paths), segment.end_us
    file = file_of(branch.paths.footage_dir, segment)
    if file is None:
        raise Refused("its last film cannot be found")
    try:
        check_range(hidden, branch.footage(), camera.id, at_us - SECOND_US, at_us)
    except Refused:
        refused(branch.staff, who, "restricted", "picture")
        raise
    moment = f"{local_time(at_us, branch.zone):%Y-%m-%d %H:%M:%S %Z}"
    zones = tuple((zone.polygon, zone.sensitivity) for zone in camera.zones)
    job = StillJob(
        file,
        segment.end_us - segment.start_us,
        camera.masks,
        SetUp(zones, f"{camera.id}  {moment}"),
    )
    if not _one_at_a_time.acquire(blocking=False):
        raise Refused("another picture is being made; try again in a moment")
    try:
        jpeg = Work(job).picture()
    except WorkFailed as error:
        raise Refused(f"no picture could be made: {error}") from error
    finally:
        _one_at_a_time.release()
    branch.record(EventType.CAMERA_PICTURE_TAKEN, camera.id, {"need": need}, by=who)
    return Picture(camera.id, at_us, jpeg, who.user, session, now.mono_us + KEPT_US)


def _newest(branch: Branch, camera: str, now_us: int) -> Segment:
    """Raises Refused, DatabaseUnusable."""
    try:
        last_us = branch.footage().last_end_us(camera)
        found = [] if last_us is None else branch.footage().segments(camera, last_us - SECOND_US, last_us)
    except DatabaseMissing:
        found = []
    kept = [segment for segment in found if segment.state is SegmentState.KEPT]
    newest = max(kept, key=lambda segment: segment.end_us, default=None)
    if newest is None or now_us - newest.end_us > OLDEST_US:
        raise Refused(
            "nothing was recorded of this camera within the last hour. See on Today whether it sends"
            " pictures; on the machine itself, `unlocked camera watch --picture` looks through it at once"
        )
    return newest
