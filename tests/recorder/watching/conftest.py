"""A camera that is filmed and watched at the pace of the test: nothing is sent and nothing is waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from controller.core.camera_health import Fault
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.activity import Activity
from controller.recorder.happenings import CameraLearnt, FaultChanged
from controller.recorder.watching.health import Between, HealthWatch
from controller.recorder.watching.keyframe_watch import KeyframeWatch
from controller.recorder.watching.movement import Movement
from controller.store.known_cameras import KnownCamera
from simulator.camera.film import Condition, Film

WIDTH, HEIGHT, FPS = 192, 108, 1
SECOND = 1_000_000


class Watched:
    """The simulated camera's pictures, encoded, in front of the watch of one camera."""

    def __init__(
        self, now: Any, known: KnownCamera | None = None, *, gop_s: float = 2.0, min_kbps: int = 0
    ) -> None:
        self.now = now
        self.told: list[Any] = []
        self.began_us = now.mono_us
        self.health = HealthWatch(known or KnownCamera("entrance"), (), min_kbps, self.told.append)
        self.film = Film(WIDTH, HEIGHT, FPS, gop_s)
        self.film.be(Condition.WELL, self._now_s)
        self._pictures = self._bytes = 0
        self.movement = Movement("entrance", self.told.append, Activity())
        self.connect()

    def connect(self) -> None:
        self._watch = KeyframeWatch(VideoFormat("h264", WIDTH, HEIGHT, b""), None, self.movement, self.health)

    @property
    def _now_s(self) -> float:
        return float(self.now.mono_us / SECOND)

    def be(self, *conditions: Condition) -> None:
        """Only this is wrong from now on."""
        self.film.be(Condition.WELL, self._now_s)
        for condition in conditions:
            self.film.be(condition, self._now_s)
        self.began_us = self.now.mono_us

    def play(self, seconds: float, jump_s: float = 0.0, between: Callable[[], None] = lambda: None) -> None:
        """jump_s: added to every time stamp."""
        for _ in range(round(seconds * FPS)):
            between()
            unit = self.film.next(self._now_s, self.now.wall_us / SECOND)
            payload = b"".join(b"\0\0\0\1" + nal for nal in unit.nals)
            if unit.keyframe:
                stamp = unit.pts + round(jump_s * 90_000)
                packet = VideoPacket(payload, stamp, stamp, True)
                self._watch.look(packet, Between(self._pictures, self._bytes), self.now())
                self._pictures = self._bytes = 0
            else:
                self._pictures, self._bytes = self._pictures + 1, self._bytes + len(payload)
            self.now.sleep(1 / FPS)

    @property
    def faults(self) -> list[tuple[Fault, bool, float]]:
        """What was told of faults, and how many seconds after what is wrong now began."""
        return [
            (h.fault, h.begun, (h.stamp.mono_us - self.began_us) / SECOND)
            for h in self.told
            if isinstance(h, FaultChanged)
        ]

    @property
    def learnt(self) -> list[CameraLearnt]:
        return [h for h in self.told if isinstance(h, CameraLearnt)]


@pytest.fixture
def watched(now: Any) -> Callable[..., Watched]:
    def make(*arguments: Any, **options: Any) -> Watched:
        return Watched(now, *arguments, **options)

    return make
