"""A camera's clock that jumps or runs wrong is told from a network that is now faster, now slower."""

from __future__ import annotations

import random

import pytest

from controller.core.camera_clock import CameraClock
from controller.core.camera_health import DRIFT_NOTICED_S

S = 1_000_000
EVERY_S = 2


def first_off(clock: CameraClock, keyframes: list[tuple[int, int]]) -> int | None:
    """Seconds of our clock after which it is off; None: it never is."""
    for stamp_us, arrived_us in keyframes:
        clock.took(stamp_us, arrived_us)
        if clock.off(arrived_us):
            return arrived_us // S
    return None


def keyframes(
    seconds: int, *, pace: float = 1.0, late_s: float = 0.0, seed: int = 1
) -> list[tuple[int, int]]:
    """pace: of the camera's clock. late_s: each comes up to so much too late."""
    by_chance = random.Random(seed)
    arrivals = [round((second + by_chance.uniform(0, late_s)) * S) for second in range(0, seconds, EVERY_S)]
    return [(round(number * EVERY_S * S * pace), at_us) for number, at_us in enumerate(sorted(arrivals))]


@pytest.mark.parametrize("pace", [1.0, 1.00005, 0.998, 1.002])
@pytest.mark.parametrize("late_s", [0.0, 0.2, 1.5])
def test_a_clock_that_is_as_it_should_be_is_never_off(pace: float, late_s: float) -> None:
    assert first_off(CameraClock(), keyframes(3600, pace=pace, late_s=late_s)) is None


@pytest.mark.parametrize("pace", [0.9, 0.99, 0.993, 1.007, 1.01, 1.1])
@pytest.mark.parametrize("late_s", [0.0, 0.2, 1.0])
def test_a_clock_that_runs_wrong_is_off_within_its_seconds(pace: float, late_s: float) -> None:
    after_s = first_off(CameraClock(), keyframes(3600, pace=pace, late_s=late_s))
    assert after_s is not None
    assert after_s <= DRIFT_NOTICED_S


@pytest.mark.parametrize("by_s", [3, -10, 3600, -86_400])
def test_a_jump_is_seen_with_the_next_keyframe_and_forgotten_after_five_minutes(by_s: int) -> None:
    clock, before = CameraClock(), keyframes(100)
    assert first_off(clock, before) is None
    after = [(stamp + by_s * S, at) for stamp, at in keyframes(1000)[50:]]
    clock.took(*after[0])
    assert clock.off(after[0][1]) is True
    states = []
    for stamp_us, arrived_us in after[1:]:
        clock.took(stamp_us, arrived_us)
        states.append((arrived_us // S, clock.off(arrived_us)))
    assert next(second for second, off in states if not off) == 400
    assert states[-1][1] is False


def test_a_network_that_stalled_and_then_delivers_at_once_is_no_jump() -> None:
    clock = CameraClock()
    late = [(stamp, max(at, 130 * S) if 100 * S <= at < 130 * S else at) for stamp, at in keyframes(600)]
    assert first_off(clock, late) is None


def test_a_new_connection_counts_from_a_new_origin() -> None:
    clock = CameraClock()
    assert first_off(clock, keyframes(400)) is None
    assert clock.off(400 * S) is False
    clock.connected()
    anew = [(stamp, at + 400 * S) for stamp, at in keyframes(100)]
    assert first_off(clock, anew) is None
    assert clock.off(500 * S) is None


def test_a_clock_that_runs_right_again_is_in_order_again() -> None:
    clock = CameraClock()
    wrong = keyframes(900, pace=1.01)
    assert first_off(clock, wrong) is not None
    for stamp_us, arrived_us in wrong:
        clock.took(stamp_us, arrived_us)
    end_stamp_us, end_us = wrong[-1]
    for stamp_us, arrived_us in keyframes(900)[1:]:
        clock.took(end_stamp_us + stamp_us, end_us + arrived_us)
    assert clock.off(end_us + 900 * S) is False
