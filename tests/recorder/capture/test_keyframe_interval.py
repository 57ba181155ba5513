"""The keyframe interval that is measured, and when it is news."""

from __future__ import annotations

from itertools import accumulate

import pytest

from controller.recorder.capture.keyframe_interval import KeyframeInterval

SECOND = 1_000_000


def news(measure: KeyframeInterval, *intervals_s: float) -> list[int | None]:
    """What is told of after keyframes so far apart, in milliseconds."""
    last_us = measure._last_us or 0
    times = accumulate((round(s * SECOND) for s in intervals_s), initial=last_us)
    next(times)
    return [(measure.us or 0) // 1000 for at_us in times if measure.keyframe(at_us)]


@pytest.mark.parametrize(
    ("intervals_s", "told_ms"),
    [
        ((2, 2, 2), []),  # three keyframes are but two intervals
        ((2, 2, 2, 2, 2), [2000]),
        ((2, 2, 2, 2, 0.1, 2, 2), [2000]),  # one more, since something moved
        ((2, 2, 2, 2, 4, 2, 2), [2000]),  # one lost
        ((2,) * 4 + (2.4,) * 20, [2000]),
        ((2,) * 4 + (4,) * 20, [2000, 4000]),
        ((4,) * 4 + (1,) * 20, [4000, 1000]),
        ((2,) * 9 + (4,) * 20 + (2,) * 20, [2000, 4000, 2000]),
    ],
)
def test_the_first_measure_and_great_changes_are_news(
    intervals_s: tuple[float, ...], told_ms: list[int]
) -> None:
    assert news(KeyframeInterval(), *intervals_s) == told_ms


def test_what_is_missing_is_no_interval() -> None:
    measure = KeyframeInterval()
    assert news(measure, 2, 2, 2, 2) == [2000]
    for _ in range(20):
        measure.interrupted()
        assert news(measure, 60, 2) == []
    assert measure.us == 2 * SECOND
