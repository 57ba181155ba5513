"""The reference view is recognised by its edges: in other light, behind people, and shifted."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from controller.recorder.watching.pictures import HEIGHT, WIDTH, Picture
from controller.recorder.watching.view import (
    LEARNING_LOOKS,
    LEAST_TILES,
    ReferenceView,
    SlowAverage,
    edges,
    light,
    shown,
)

BY_CHANCE = np.random.default_rng(5)


def room(shift: tuple[int, int] = (0, 0), seed: int = 5) -> Picture:
    """Shelves and a desk, drawn larger than the picture so that it can be shifted."""
    drawn = np.full((2 * HEIGHT, 2 * WIDTH), 120, np.uint8)
    by_chance = np.random.default_rng(seed)
    for _ in range(60):
        x, y, w, h = by_chance.integers((0, 0, 10, 8), (2 * WIDTH, 2 * HEIGHT, 60, 50))
        cv2.rectangle(drawn, (int(x), int(y)), (int(x + w), int(y + h)), int(by_chance.integers(40, 220)), -1)
    down, across = HEIGHT // 2 + shift[0], WIDTH // 2 + shift[1]
    return drawn[down : down + HEIGHT, across : across + WIDTH].copy()


def noisy(picture: Picture, deviation: float) -> Picture:
    return np.clip(picture + BY_CHANCE.normal(0, deviation, picture.shape), 0, 255).astype(np.uint8)


def reference(picture: Picture) -> ReferenceView:
    average = SlowAverage()
    while not average.learnt:
        average.add(edges(noisy(picture, 3)))
    return average.view()


@pytest.fixture(scope="module")
def known() -> ReferenceView:
    found = reference(room())
    assert found.usable
    return found


@pytest.mark.parametrize(("gain", "level"), [(1.0, 0), (0.4, 0), (0.6, 80), (1.1, -20), (0.25, 20)])
def test_other_light_is_the_same_view(known: ReferenceView, gain: float, level: int) -> None:
    other = np.clip(room() * gain + level, 0, 255).astype(np.uint8)
    likeness = known.likeness(edges(noisy(other, 2)))
    assert likeness.kept > 0.6
    assert not likeness.elsewhere


def test_people_in_front_are_the_same_view(known: ReferenceView) -> None:
    crowded = room()
    for left in (10, 60, 110):
        cv2.ellipse(crowded, (left + 12, 60), (12, 45), 0, 0, 360, 30, -1)
    likeness = known.likeness(edges(crowded))
    assert likeness.kept > 0.5
    assert not likeness.elsewhere


@pytest.mark.parametrize("shift", [(0, 4), (3, 0), (0, -8), (-6, 6), (0, 30), (20, -40)])
def test_a_shifted_view_is_found_elsewhere(known: ReferenceView, shift: tuple[int, int]) -> None:
    assert known.likeness(edges(noisy(room(shift), 2))).elsewhere


@pytest.mark.parametrize("shift", [(0, 1), (1, 0), (1, 1)])
def test_a_camera_that_trembles_has_not_moved(known: ReferenceView, shift: tuple[int, int]) -> None:
    likeness = known.likeness(edges(room(shift)))
    assert likeness.kept > 0.5
    assert not likeness.elsewhere


@pytest.mark.parametrize("seed", range(6, 12))
def test_another_room_is_another_view(known: ReferenceView, seed: int) -> None:
    assert known.likeness(edges(room(seed=seed))).kept < 0.35


def test_who_stays_for_less_than_half_of_the_time_is_not_in_it() -> None:
    average, alone = SlowAverage(), room()
    somebody = alone.copy()
    cv2.ellipse(somebody, (80, 45), (15, 40), 0, 0, 360, 255, -1)
    for number in range(LEARNING_LOOKS):
        average.add(edges(somebody if number < LEARNING_LOOKS * 0.4 else alone))
    assert np.array_equal(average.view().stays, edges(alone))


def test_what_is_packed_is_the_same_and_anything_else_is_none(known: ReferenceView) -> None:
    packed = known.packed()
    assert len(packed) == 1800
    unpacked = ReferenceView.unpacked(packed)
    assert unpacked is not None
    assert np.array_equal(unpacked.stays, known.stays)
    assert ReferenceView.unpacked(b"") is None
    assert ReferenceView.unpacked(packed + b"x") is None


def test_noise_alone_shows_nothing() -> None:
    for deviation in (0, 2, 10, 30):
        assert shown(edges(noisy(np.full((HEIGHT, WIDTH), 90, np.uint8), deviation))) < 0.1
    assert shown(edges(room())) > 0.5


def test_too_little_in_a_view_is_of_no_use() -> None:
    plain = np.full((HEIGHT, WIDTH), 90, np.uint8)
    plain[:30, :30] = 200
    found = reference(plain)
    assert found.shown * 40 < LEAST_TILES
    assert not found.usable


def test_light_is_not_raised_by_a_lamp() -> None:
    night = np.full((HEIGHT, WIDTH), 5, np.uint8)
    night[10:20, 10:30] = 255
    assert light(night) < 10
    assert light(room()) > 100
