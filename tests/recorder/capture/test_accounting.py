"""Whatever happens to a camera that is recorded by mode, every moment is recorded, a gap, or not wanted."""

from __future__ import annotations

import os
import random
from itertools import pairwise
from typing import Any

import pytest

from controller.core import hours
from controller.recorder.capture.mode import Mode, ModeRules
from controller.recorder.happenings import Gap, GapCause, Paused, Reason, Resumed, SegmentClosed

SECOND = 1_000_000
PRE_ROLL_US, POST_ROLL_US = 3 * SECOND, 5 * SECOND
LIVES = 200 if os.environ.get("UNLOCKED_SOAK") else 3
PICTURE_US = SECOND // 10


class Life:
    """A random one. causes: when something happened while the camera was in the mode activity."""

    def __init__(self, rig: Any, seed: int) -> None:
        self.rig, self.chance = rig, random.Random(seed)
        self.hours = hours.Mode.CLOSED
        self.by_hours = {hours.Mode.STAFFED: Mode.OFF, hours.Mode.UNSTAFFED: Mode.CONTINUOUS}
        rig.rules = ModeRules(
            Mode.ACTIVITY, self.by_hours, lambda _: self.hours, PRE_ROLL_US, POST_ROLL_US, False
        )
        rig.segment_s = self.chance.choice((2, 4, 60))
        rig.begin()
        self.begun_us = rig.now.wall_us
        self.causes: list[int] = []
        self.changed_us = [self.begun_us]

    def live(self, count: int) -> None:
        for _ in range(count):
            self.rig.play(self.chance.choice((0.1, 0.7, 2, 8)))
            step = self.chance.choice(
                (self.happen, self.happen, self.change, self.lose, self.stall, self.wait)
            )
            step()
        self.rig.play(3)  # so that what is missing before is told
        self.rig.session.end(GapCause.SERVICE_STOPPED)
        self.ended_us = self.rig.now.wall_us

    def happen(self) -> None:
        self.rig.activity.happened(self.chance.choice((Reason.DOOR, Reason.MOTION)), self.rig.now.mono_us)
        if self.hours is hours.Mode.CLOSED:
            self.causes.append(self.rig.now.wall_us)

    def change(self) -> None:
        self.hours = self.chance.choice(list(hours.Mode))
        self.rig.play(1)
        self.changed_us.append(self.rig.now.wall_us)

    def lose(self) -> None:
        self.rig.session.end(GapCause.CAMERA_LOST)
        self.rig.pass_by(self.chance.choice((0.5, 30)))
        self.rig.connect()

    def stall(self) -> None:
        self.rig.pass_by(self.chance.choice((1, 4, 70)))

    def wait(self) -> None:
        self.rig.play(12)


def recorded(told: list[Any]) -> list[tuple[int, int]]:
    return [(t.segment.name.start_us, t.segment.end_us) for t in told if isinstance(t, SegmentClosed)]


def missing(told: list[Any]) -> list[tuple[int, int]]:
    return [(t.from_us, t.to_us) for t in told if isinstance(t, Gap)]


def unwanted(told: list[Any], ended_us: int) -> list[tuple[int, int]]:
    found, paused_us = [], None
    for one in told:
        if isinstance(one, Paused) and paused_us is None:
            paused_us = one.stamp.wall_us
        elif isinstance(one, Resumed) and paused_us is not None:
            found.append((paused_us, one.from_us))
            paused_us = None
    return [*found, (paused_us, ended_us)] if paused_us is not None else found


def uncovered(from_us: int, to_us: int, stretches: list[tuple[int, int]]) -> int:
    """How much of the time lies in none of them."""
    left = 0
    for start_us, end_us in sorted(stretches):
        left += max(0, min(start_us, to_us) - from_us)
        from_us = max(from_us, end_us)
    return left + max(0, to_us - from_us)


@pytest.mark.parametrize("seed", range(LIVES))
def test_every_moment_is_accounted_for(rig: Any, seed: int) -> None:
    life = Life(rig, seed)
    life.live(30)
    accounted = [*recorded(rig.told), *missing(rig.told), *unwanted(rig.told, life.ended_us)]
    assert uncovered(life.begun_us, life.ended_us, accounted) <= 2 * PICTURE_US
    segments = sorted(recorded(rig.told))
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(segments))
    played = {at_us for at_us, _ in rig.played}
    assert {start_us for start_us, _ in segments} <= played


@pytest.mark.parametrize("seed", range(LIVES, 2 * LIVES))
def test_whatever_happened_is_shown_from_before_to_after_or_missing(rig: Any, seed: int) -> None:
    life = Life(rig, seed)
    life.live(30)
    shown = [*recorded(rig.told), *missing(rig.told)]
    for cause_us in life.causes:
        # Only as far as the mode was the same all the time, and the camera played.
        from_us = max([cause_us - PRE_ROLL_US, *(at for at in life.changed_us if at <= cause_us)])
        to_us = min(
            [cause_us + POST_ROLL_US, life.ended_us, *(at for at in life.changed_us if at > cause_us)]
        )
        assert uncovered(from_us, to_us - SECOND, shown) <= 2 * PICTURE_US
