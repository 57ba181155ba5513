"""Looks at the keyframes of one connection to a camera: does anything move, is the camera well?"""

from __future__ import annotations

from controller.core.event import Stamp
from controller.devices import VideoFormat, VideoPacket
from controller.footage.ticks import microseconds
from controller.recorder.watching.health import Between, HealthWatch
from controller.recorder.watching.motion import MotionDetector
from controller.recorder.watching.movement import Movement
from controller.recorder.watching.pictures import KeyframeDecoder, colour, small
from controller.recorder.watching.zones import View

APART_US = 150_000
"""Keyframes that come faster are not all decoded: some cameras send nothing else."""


class KeyframeWatch:
    """Used by the camera's thread. view: where motion counts; None where it is not looked for.

    movement: of the camera; its keyframes may not be wanted for it now.
    """

    def __init__(
        self, video: VideoFormat, view: View | None, movement: Movement, health: HealthWatch
    ) -> None:
        self._movement = movement
        self._health = health
        self._decoder = KeyframeDecoder(video)
        self._detector = MotionDetector(view) if view is not None else None
        self._next_us = 0
        health.connected()

    def look(self, keyframe: VideoPacket, between: Between, now: Stamp) -> None:
        """between: what came since the keyframe before."""
        size, stamp_us = len(keyframe.payload), microseconds(keyframe.dts)
        for_health = self._health.keyframe(size, between, stamp_us, now)
        for_motion = self._detector is not None and self._movement.keyframes_count(now.mono_us)
        if not for_health and not (for_motion and now.mono_us >= self._next_us):
            return
        self._next_us = now.mono_us + APART_US
        frame = self._decoder.frame(keyframe)
        picture = None if frame is None else small(frame)
        if for_health:
            self._health.look(picture, 0.0 if frame is None else colour(frame), now)
            self._movement.blind = self._health.blind
        # Once decoded, it also teaches the background, for when the smaller stream is away.
        if self._detector is not None and picture is not None:
            self._movement.in_keyframe(self._detector.look(picture, now.mono_us).moving, now)

    def end(self) -> None:
        self._movement.keyframes_gone()
