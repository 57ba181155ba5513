"""Eight hours from dusk to dawn in which nothing is wrong: no fault is told, whatever the night brings.

Driven keyframe by keyframe, 28,800 seconds of it, at the pace of the test.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from controller.core.camera_health import LOOK_EVERY_S
from controller.core.camera_rate import HOURS
from controller.recorder.happenings import CameraLearnt, FaultChanged
from controller.recorder.watching.health import Between, HealthWatch
from controller.recorder.watching.pictures import HEIGHT, WIDTH, Picture
from controller.store.known_cameras import KnownCamera
from simulator.camera.scene import WALK_S, SceneState, background, draw

HOURS_OF_NIGHT = 8
DUSK_S = DAWN_S = 5400
LAMPS_ON, LAMPS_OFF = 0.3, 0.4
"""Of the day's light: where the camera goes over to infrared light, and back."""
BLIND_S = 4
"""For so long it sees nothing while it moves its filter."""
SOAK = bool(os.environ.get("UNLOCKED_SOAK"))
EVERY_S = LOOK_EVERY_S if SOAK else 2 * LOOK_EVERY_S
"""From one keyframe to the next."""
NIGHTS = [(seed, known) for seed in range(20) for known in (False, True)] if SOAK else [(0, False)]


class Night:
    """What the camera sees at each second: the scene of the simulated camera, and what passes before it."""

    def __init__(self, seed: int) -> None:
        self._by_chance = random.Random(seed)
        self._behind = background(WIDTH, HEIGHT)
        self._noise = np.random.default_rng(seed)
        self._infrared = False
        self._switched_s = -60.0
        self._walkers = self._times(12)
        self._headlights = self._times(60)
        self._rain = [(begin, begin + self._by_chance.randint(60, 1800)) for begin in self._times(5)]
        self._cleaner = self._times(1)[0]

    def _times(self, count: int) -> list[int]:
        return sorted(self._by_chance.randrange(HOURS_OF_NIGHT * 3600) for _ in range(count))

    def picture(self, second: float) -> tuple[Picture, float]:
        """In grey, and how far its colours are from grey."""
        dawn_s = HOURS_OF_NIGHT * 3600 - DAWN_S
        light = max(0.02, 1 - second / DUSK_S, (second - dawn_s) / DAWN_S)
        if self._infrared != (light < (LAMPS_OFF if self._infrared else LAMPS_ON)):
            self._infrared, self._switched_s = not self._infrared, second
        walker = next((at for at in self._walkers if at <= second < at + WALK_S + EVERY_S), None)
        state = SceneState(
            light=light, infrared=self._infrared, walker_since_s=None if walker is None else second - 2
        )
        if self._cleaner <= second < self._cleaner + 600:
            state = replace(state, door_open=True)
        if second - self._switched_s < BLIND_S:
            state = replace(state, light=0.0, infrared=False)
        seen = draw(self._behind, state, second, "")
        if any(begin <= second < end for begin, end in self._rain):
            self._drops(seen)
        if any(at <= second < at + EVERY_S for at in self._headlights):
            seen = cv2.convertScaleAbs(seen, alpha=1.6, beta=60).astype(np.uint8)
        # Some noise by day as well: without any, a camera that sees nobody looks like one that is frozen.
        grey = cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY) + self._noise.integers(-1, 2, (HEIGHT, WIDTH))
        return np.clip(grey, 0, 255).astype(np.uint8), 0.0 if self._infrared else 12.0 * light

    def _drops(self, picture: Picture) -> None:
        for _ in range(30):
            x, y = self._by_chance.randrange(WIDTH), self._by_chance.randrange(HEIGHT)
            cv2.line(picture, (x, y), (x + 1, y + 7), (200, 200, 200), 1)


@pytest.mark.timeout(300)  # ten seconds of work, which a machine that is busy stretches
@pytest.mark.parametrize(("seed", "known"), NIGHTS)
def test_nothing_is_told_of_a_quiet_night(now: Any, seed: int, known: bool) -> None:
    told: list[Any] = []
    camera = KnownCamera("entrance", usual_kbps=(150,) * 9 + (1500,) * (HOURS - 9))
    if known:
        _pass(Night(100 + seed), HealthWatch(camera, (), 0, told.append), now)
        camera = next(h.known for h in reversed(told) if isinstance(h, CameraLearnt))
        told.clear()
    _pass(Night(seed), HealthWatch(camera, (), 0, told.append), now)
    assert [
        (h.fault, h.begun, h.stamp.mono_us // 1_000_000) for h in told if isinstance(h, FaultChanged)
    ] == []
    views = [(h.view, h.usable) for h in told if isinstance(h, CameraLearnt) and h.view]
    assert views == ([] if known else [("colour", True), ("grey", True)])


def _pass(night: Night, health: HealthWatch, now: Any) -> None:
    """Keyframes, some of them late, of few bits, by a clock of an ordinary quartz."""
    health.connected()
    by_chance = random.Random(3)
    looks = round(HOURS_OF_NIGHT * 3600 / EVERY_S)
    for number in range(looks):
        second = number * EVERY_S
        late_s = by_chance.expovariate(20)
        now.sleep(late_s)
        stamp_us = round(second * 1_000_050)
        assert health.keyframe(60_000, Between(50, 50 * 800), stamp_us, now())
        health.look(*night.picture(second), now())
        now.sleep(EVERY_S - late_s)
