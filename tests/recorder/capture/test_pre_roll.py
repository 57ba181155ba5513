"""What a camera's memory holds: whole groups of pictures, long enough, and no more than it may."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from controller.core.event import Stamp
from controller.devices import VideoPacket
from controller.recorder.capture.pre_roll import PACKET_BYTES, Missing, PreRoll
from controller.recorder.happenings import GapCause

SECOND = 1_000_000


def at(seconds: float) -> Stamp:
    mono_us = round(seconds * SECOND)
    return Stamp(1_790_000_000_000_000 + mono_us, mono_us, "boot", True)


def packet(number: int, keyframe: bool = False, size: int = 10) -> VideoPacket:
    return VideoPacket(bytes(size), number * 9000, number * 9000, keyframe)


def fill(pre_roll: PreRoll, seconds: int, gop_s: int = 2) -> None:
    """Ten pictures a second, a keyframe every ``gop_s``."""
    for number in range(seconds * 10):
        if number % (gop_s * 10) == 0:
            pre_roll.begin(packet(number, keyframe=True), at(number / 10))
        else:
            pre_roll.extend([packet(number)])


def test_it_keeps_as_long_as_it_should_and_at_most_a_group_more() -> None:
    pre_roll = PreRoll(10 * SECOND)
    fill(pre_roll, 60)
    runs = pre_roll.take()
    assert [run.at.mono_us for run in runs] == [s * SECOND for s in (48, 50, 52, 54, 56, 58)]
    assert all(run.packets[0].keyframe and len(run.packets) == 20 for run in runs)
    assert pre_roll.take() == []


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_it_begins_with_a_keyframe_and_covers_its_length(seed: int) -> None:
    """Packets of any kind at any distance: everything since ``length`` before the last keyframe is there."""
    chance = random.Random(seed)
    pre_roll = PreRoll(5 * SECOND)
    seconds = 0.0
    kept: list[tuple[VideoPacket, float]] = []
    for number in range(300):
        seconds += chance.choice((0.04, 0.1, 3.0))
        one = packet(number, keyframe=chance.random() < 0.1, size=chance.randint(1, 999))
        if one.keyframe or chance.random() < 0.1:
            pre_roll.begin(one, at(seconds))
        else:
            pre_roll.extend([one])
        if kept or one.keyframe:
            kept.append((one, seconds))
    last_key_s = max(came_s for one, came_s in kept if one.keyframe)
    found = [one for run in pre_roll.take() for one in run.packets]
    assert found[0].keyframe
    assert found == [one for one, _ in kept][-len(found) :]  # nothing missing within, up to the very last
    covered = [one for one, came_s in kept if came_s >= last_key_s - 5]
    assert len(found) >= len(covered)


def test_before_the_first_keyframe_nothing_is_kept() -> None:
    pre_roll = PreRoll(10 * SECOND)
    pre_roll.begin(packet(1), at(1))
    pre_roll.extend([packet(2), packet(3)])
    assert not pre_roll.full
    assert pre_roll.take() == []


def test_what_is_missing_within_stays_said() -> None:
    pre_roll = PreRoll(10 * SECOND)
    stalled = Missing(GapCause.CAMERA_STALLED, 1 * SECOND)
    pre_roll.begin(packet(0, keyframe=True), at(0))
    pre_roll.begin(packet(50), at(5), stalled)
    assert [run.missing for run in pre_roll.take()] == [None, stalled]


@pytest.mark.parametrize("grow", [lambda p: fill(p, 4), lambda p: fill(p, 30, gop_s=30)])
def test_more_than_it_may_hold_is_said(grow: Callable[[PreRoll], None]) -> None:
    """Both when all groups together are too big, and when one alone never ends."""
    pre_roll = PreRoll(10 * SECOND, most_bytes=25 * (10 + PACKET_BYTES))
    fill(pre_roll, 2)
    assert not pre_roll.full
    grow(pre_roll)
    assert pre_roll.full
    pre_roll.take()
    assert not pre_roll.full
