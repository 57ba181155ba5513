"""Looks at the keyframes of one connection to a camera: does anything move, does the picture live?"""

from __future__ import annotations

from controller.core.event import Stamp
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.happenings import LostCause
from controller.recorder.watching.motion import FrozenPicture, MotionDetector
from controller.recorder.watching.movement import Movement
from controller.recorder.watching.pictures import KeyframeDecoder
from controller.recorder.watching.zones import View

SELDOM_US = 5_000_000
"""While motion is looked for in the smaller stream, so often is a keyframe enough to know the background."""


class KeyframeWatch:
    """Used by the camera's thread. movement: of the camera; its keyframes may not be wanted for it now."""

    def __init__(self, video: VideoFormat, account: CameraAccount, view: View, movement: Movement) -> None:
        self._account = account
        self._movement = movement
        self._decoder = KeyframeDecoder(video)
        self._detector = MotionDetector(view)
        self._frozen = FrozenPicture()
        self._next_us = 0

    def look(self, keyframe: VideoPacket, now: Stamp) -> None:
        if now.mono_us < self._next_us and not self._movement.keyframes_count(now.mono_us):
            return
        picture = self._decoder.decode(keyframe)
        if picture is None:
            return
        self._next_us = now.mono_us + SELDOM_US
        self._movement.in_keyframe(self._detector.look(picture, now.mono_us).moving, now)
        if self._frozen.frozen(picture):
            self._account.lost(LostCause.FROZEN, now)
        else:
            self._account.found(now)

    def end(self) -> None:
        self._movement.keyframes_gone()
