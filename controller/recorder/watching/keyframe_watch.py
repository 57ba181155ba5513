"""Looks at the keyframes of one connection to a camera: does anything move, does the picture live?"""

from __future__ import annotations

from controller.core.event import Stamp
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.capture.activity import Activity
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.happenings import LostCause, Motion
from controller.recorder.watching.motion import (
    Change,
    FrozenPicture,
    MotionDetector,
    MotionPeriods,
)
from controller.recorder.watching.pictures import KeyframeDecoder


class KeyframeWatch:
    """Used by the camera's thread."""

    def __init__(self, camera: str, video: VideoFormat, account: CameraAccount, activity: Activity) -> None:
        self._camera = camera
        self._account = account
        self._activity = activity
        self._decoder = KeyframeDecoder(video)
        self._detector = MotionDetector()
        self._periods = MotionPeriods()
        self._frozen = FrozenPicture()
        self._last: Stamp | None = None

    def look(self, keyframe: VideoPacket, now: Stamp) -> None:
        picture = self._decoder.decode(keyframe)
        if picture is None:
            return
        self._last = now
        moving = self._detector.look(picture, now.mono_us).moving
        self._activity.looked(moving, now.mono_us)
        change = self._periods.seen(moving, now.mono_us)
        if change is not None:
            self._account.tell(Motion(self._camera, change is Change.STARTED, now))
        if self._frozen.frozen(picture):
            self._account.lost(LostCause.FROZEN, now)
        else:
            self._account.found(now)

    def end(self) -> None:
        if self._last is not None and self._periods.stop() is Change.ENDED:
            self._account.tell(Motion(self._camera, False, self._last))
