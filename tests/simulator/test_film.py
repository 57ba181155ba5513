"""What a camera can suffer from shows in its pictures and stamps, and is over when it is well."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from simulator.camera.film import TURNED, Condition, Film
from simulator.camera.scene import Picture, SceneState, background, draw

BEHIND = background(320, 180)


def picture(state: SceneState, now_s: float = 10.0) -> Picture:
    return draw(BEHIND, state, now_s, "")


def test_the_same_moment_is_the_same_picture_and_noise_another_in_the_next() -> None:
    night = SceneState(light=0.04, infrared=True)
    assert np.array_equal(picture(night), picture(night))
    assert np.count_nonzero(picture(night) != picture(night, 10.1)) > 50_000


def test_each_condition_is_to_be_seen() -> None:
    day, night = picture(SceneState()), picture(SceneState(infrared=True))
    assert day.mean() > 100
    assert picture(SceneState(light=0.04)).mean() < 15
    assert night.mean() > 60
    assert np.array_equal(night[..., 0], night[..., 2])
    cloth = picture(SceneState(covered=True))[40:]
    assert cv2.Laplacian(cloth, cv2.CV_64F).std() < 2
    # What was on the right of a turned camera is now further to the left.
    turned = picture(SceneState(turned=TURNED))
    by = round(320 * TURNED)
    assert np.array_equal(turned[60:100, 100:160], day[60 + round(180 * TURNED / 3) :, 100 + by :][:40, :60])


@pytest.mark.parametrize(
    ("condition", "pace"), [(Condition.WELL, 1.0), (Condition.NIGHT, 1.0), (Condition.FAST, 1.02)]
)
def test_stamps_run_at_the_pace_of_the_clock(condition: Condition, pace: float) -> None:
    film = Film(160, 120, 10, 1)
    film.be(condition, 0)
    stamps = [film.next(number / 10, 1_790_000_000 + number / 10).pts for number in range(11)]
    assert stamps[-1] - stamps[0] == pytest.approx(90_000 * pace, abs=2)


def test_a_starved_camera_sends_little_however_noisy_the_night() -> None:
    film = Film(320, 180, 10, 1)

    def size(begin: int) -> int:
        units = [film.next(begin + number / 10, 1_790_000_000 + begin + number / 10) for number in range(30)]
        return sum(len(nal) for unit in units for nal in unit.nals)

    film.be(Condition.NIGHT, 0)
    well = size(0)
    film.be(Condition.STARVED, 10)
    assert size(10) < well / 5
    film.be(Condition.WELL, 20)
    film.be(Condition.NIGHT, 20)
    assert size(20) > well / 2
