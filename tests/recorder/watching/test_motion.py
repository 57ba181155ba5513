from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from controller.recorder.watching.motion import (
    Change,
    MotionDetector,
    MotionPeriods,
    Seen,
)
from controller.recorder.watching.pictures import HEIGHT, WIDTH, KeyframeDecoder
from controller.recorder.watching.zones import View, Zone

SECOND = 1_000_000


def moved(video: Any) -> list[bool]:
    decoder, detector = KeyframeDecoder(video.format), MotionDetector()
    pictures = [decoder.decode(p) for p in video.packets if p.keyframe]
    return [
        detector.look(picture, second * SECOND).moving
        for second, picture in enumerate(pictures)
        if picture is not None
    ]


class Room:
    """Five pictures a second of a room with a grey ramp for a wall, and what happens in it."""

    def __init__(self, detector: MotionDetector, apart_us: int = SECOND // 5) -> None:
        self._noise = np.random.default_rng(7)
        self._detector = detector
        self._apart_us = apart_us
        self._now_us = 100 * SECOND
        self.wall = np.tile(np.linspace(40, 160, WIDTH), (HEIGHT, 1))

    def look(self, *things: tuple[int, int, int, int], light: float = 1.0, sigma: float = 2.0) -> Seen:
        """things: left, top, width and height of something bright."""
        picture = self.wall * light
        for left, top, width, height in things:
            picture[top : top + height, left : left + width] = 230
        picture = picture + self._noise.normal(0, sigma, picture.shape)
        self._now_us += self._apart_us
        return self._detector.look(np.clip(picture, 0, 255).astype(np.uint8), self._now_us)

    def wait(self, pictures: int = 30, **how: float) -> list[bool]:
        return [self.look(**how).moving for _ in range(pictures)]

    def sleep(self, seconds: int) -> None:
        self._now_us += seconds * SECOND


@pytest.fixture
def room() -> Room:
    room = Room(MotionDetector())
    assert not any(room.wait())
    return room


def test_nothing_moves_in_an_empty_room(encoded: Callable[..., Any]) -> None:
    assert moved(encoded([None] * 100)) == [False] * 10


def test_a_walker_moves_however_slowly(encoded: Callable[..., Any]) -> None:
    # Half a pixel a picture: from one keyframe to the next five pixels.
    slow = moved(encoded([None] * 50 + [n // 2 for n in range(100)]))
    assert not any(slow[:5])
    assert all(slow[6:])


def test_h265_is_seen_as_well(encoded: Callable[..., Any]) -> None:
    seen = moved(encoded([None] * 50 + [n * 4 for n in range(50)], "hevc"))
    assert not any(seen[:5])
    assert all(seen[6:])


def test_a_walker_is_seen_at_five_pictures_a_second_however_slowly(room: Room) -> None:
    # A third of a pixel a picture: 100 s for the way across.
    seen = [room.look((20 + n // 3, 40, 8, 20)).moving for n in range(120)]
    assert all(seen[1:])


def test_what_stays_becomes_background(room: Room) -> None:
    trolley = (60, 40, 20, 20)
    assert room.look(trolley).moving
    assert not [room.look(trolley).moving for _ in range(5 * 35)][-1]


@pytest.mark.parametrize("light", [0.25, 0.5, 1.5])
def test_a_light_switch_is_no_motion(room: Room, light: float) -> None:
    assert not any(room.wait(20, light=light))
    assert room.look((60, 40, 8, 20), light=light).moving


def test_daylight_that_changes_slowly_is_no_motion(room: Room) -> None:
    assert not any(room.look(light=1 + n / 400).moving for n in range(200))


def test_a_cloth_before_the_lens_is_motion_and_no_light(room: Room) -> None:
    seen = [room.look((0, 0, 150 - n % 2 * 20, 90) if n % 3 else (0, 0, 0, 0)) for n in range(60)]
    assert seen[0].moving or seen[1].light
    assert any(one.moving for one in seen[20:])


def test_noise_and_specks_are_no_motion(room: Room) -> None:
    assert not any(room.wait(50, sigma=8.0))
    rain = np.random.default_rng(3)
    drops = [[(int(x), int(y), 1, 2) for x, y in rain.integers(0, 88, (60, 2))] for _ in range(50)]
    assert not any(room.look(*few, sigma=8.0).moving for few in drops)


def test_each_zone_has_its_own_sensitivity_and_masks_are_not_looked_at() -> None:
    left, right = (((0.0, 0), (0.5, 0), (0.5, 1), (0, 1)), ((0.5, 0), (1.0, 0), (1.0, 1), (0.5, 1)))
    view = View.of([Zone(left, 50), Zone(right, 10)], [((0, 0), (0.25, 0), (0.25, 1), (0, 1))])
    room = Room(MotionDetector(view))
    room.wait()
    assert [zone.moving for zone in room.look((55, 40, 8, 20)).zones] == [True, False]
    assert [zone.moving for zone in room.look((120, 40, 8, 20)).zones] == [False, False]
    assert not room.look((10, 40, 8, 20)).moving
    assert not room.look((10, 40, 8, 20)).moved[:, :40].any()
    assert room.look((120, 20, 30, 50)).zones[1].moving


def test_nothing_is_seen_where_masks_leave_nothing() -> None:
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    room = Room(MotionDetector(View.of([], [everything])))
    assert not any(room.wait())
    assert room.look((60, 40, 20, 20)).zones == ()


def test_after_a_long_pause_the_background_is_learnt_anew(room: Room) -> None:
    room.sleep(60)
    room.wall = room.wall[:, ::-1].copy()
    assert not any(room.wait())
    assert room.look((60, 40, 8, 20)).moving


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
