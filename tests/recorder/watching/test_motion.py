from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from controller.recorder.watching.motion import (
    Change,
    FrozenPicture,
    MotionDetector,
    MotionPeriods,
)
from controller.recorder.watching.pictures import KeyframeDecoder

SECOND = 1_000_000


def moved(video: Any) -> list[bool]:
    decoder, detector = KeyframeDecoder(video.format), MotionDetector()
    pictures = [decoder.decode(p) for p in video.packets if p.keyframe]
    return [detector.moving(picture) for picture in pictures if picture is not None]


def test_nothing_moves_in_an_empty_room(encoded: Callable[..., Any]) -> None:
    assert moved(encoded([None] * 100)) == [False] * 10


def test_a_walker_moves_however_slowly(encoded: Callable[..., Any]) -> None:
    # Half a pixel a picture: from one keyframe to the next five pixels.
    slow = moved(encoded([None] * 50 + [n // 2 for n in range(100)]))
    assert not any(slow[:5])
    assert all(slow[6:])


def test_a_light_switch_is_no_motion() -> None:
    detector = MotionDetector()
    dark, bright = np.full((90, 160), 20, np.uint8), np.full((90, 160), 200, np.uint8)
    assert not any(detector.moving(picture) for picture in [dark] * 5 + [bright] * 5)


def test_a_period_ends_after_quiet_and_after_the_longest_time() -> None:
    periods = MotionPeriods(quiet_us=5 * SECOND, longest_us=60 * SECOND)
    assert [periods.seen(m, t * SECOND) for t, m in [(0, False), (1, True), (2, False), (5, False)]] == [
        None,
        Change.STARTED,
        None,
        None,
    ]
    assert periods.seen(False, 6 * SECOND) is Change.ENDED
    changes = [periods.seen(True, t * SECOND) for t in range(100, 165)]
    assert [changes.index(Change.STARTED), changes.index(Change.ENDED)] == [0, 60]
    assert changes[61] is Change.STARTED
    assert periods.stop() is Change.ENDED
    assert periods.stop() is None


def test_a_frozen_picture_is_noticed_and_noise_is_not(encoded: Callable[..., Any]) -> None:
    decoder, frozen = None, FrozenPicture()
    live = encoded([None] * 80)
    decoder = KeyframeDecoder(live.format)
    pictures = [decoder.decode(p) for p in live.packets if p.keyframe]
    assert not any(frozen.frozen(p) for p in pictures if p is not None)
    assert [frozen.frozen(pictures[-1]) for _ in range(5)] == [False] * 3 + [True] * 2
