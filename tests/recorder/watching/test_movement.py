from __future__ import annotations

from typing import Any

import pytest

from controller.recorder.activity import Activity
from controller.recorder.happenings import Motion
from controller.recorder.watching.movement import Movement

SECOND = 1_000_000


class Rig:
    def __init__(self, now: Any) -> None:
        self.now = now
        self.told: list[Motion] = []
        self.activity = Activity()
        self.movement = Movement("entrance", self.told.append, self.activity)

    def sub(self, moving: bool, pictures: int = 1) -> None:
        for _ in range(pictures):
            self.now.sleep(0.2)
            self.movement.in_sub_stream(moving, self.now())

    def keyframes(self, moving: bool, pictures: int = 1) -> None:
        for _ in range(pictures):
            self.now.sleep(1)
            self.movement.in_keyframe(moving, self.now())

    @property
    def changes(self) -> list[bool]:
        return [motion.started for motion in self.told]


@pytest.fixture
def rig(now: Any) -> Rig:
    return Rig(now)


def test_without_a_smaller_stream_keyframes_count(rig: Rig) -> None:
    rig.keyframes(True)
    rig.keyframes(False, 6)
    assert rig.changes == [True, False]
    assert rig.movement.keyframes_count(rig.now().mono_us)


def test_while_pictures_of_the_smaller_stream_come_keyframes_do_not_count(rig: Rig) -> None:
    rig.sub(False)
    rig.keyframes(True)
    assert rig.changes == []
    assert rig.activity.latest is None
    rig.sub(True)
    assert rig.changes == [True]
    assert rig.activity.latest is not None


def test_when_the_smaller_stream_is_silent_keyframes_take_over(rig: Rig) -> None:
    rig.sub(True)
    rig.now.sleep(3)
    rig.keyframes(False, 2)
    assert rig.changes == [True, False]
    rig.sub(True)
    rig.movement.sub_stream_gone()
    rig.keyframes(False, 2)
    assert rig.changes == [True, False, True]  # not at once: keyframes go on to be looked at
    rig.keyframes(False, 4)
    assert rig.changes == [True, False, True, False]


def test_motion_ends_with_the_last_picture_of_either_stream(rig: Rig) -> None:
    rig.keyframes(False)
    rig.sub(True)
    rig.movement.keyframes_gone()
    assert rig.changes == [True]
    seen_us = rig.now().mono_us
    rig.now.sleep(60)
    rig.movement.sub_stream_gone()
    assert rig.changes == [True, False]
    assert rig.told[-1].stamp.mono_us == seen_us


def test_what_was_looked_at_is_known_for_the_pre_roll(rig: Rig) -> None:
    rig.sub(False)
    assert rig.activity.looked_us == rig.now().mono_us
