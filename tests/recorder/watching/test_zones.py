from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.recorder.watching.pictures import HEIGHT, WIDTH
from controller.recorder.watching.zones import USUAL_LEVELS, USUAL_SHARE, View, Zone

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
TOP = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CORNER = ((0.0, 0.0), (0.03, 0.0), (0.03, 0.05), (0.0, 0.05))


def share(view: View) -> float:
    return float(np.count_nonzero(view.looked_at)) / view.looked_at.size


def test_without_zones_everything_is_looked_at_as_usual() -> None:
    (area,) = View.of().areas
    assert (area.number, area.levels, area.share) == (0, USUAL_LEVELS, USUAL_SHARE)
    assert share(View.of()) == 1.0


@pytest.mark.parametrize(
    ("zones", "masks", "numbers", "looked_at"),
    [
        ([Zone(LEFT)], [], [1], 0.5),
        ([Zone(LEFT), Zone(TOP)], [], [1, 2], 0.75),
        ([Zone(LEFT)], [TOP], [1], 0.25),
        ([], [TOP], [0], 0.5),
        ([Zone(LEFT, 0)], [], [0], 0.5),
        ([Zone(LEFT, 0), Zone(WHOLE)], [], [2], 0.5),
        ([Zone(LEFT), Zone(TOP, 0)], [], [1], 0.25),
        ([Zone(LEFT)], [WHOLE], [], 0.0),
    ],
)
def test_what_is_looked_at(
    zones: list[Zone], masks: list[tuple[tuple[float, float], ...]], numbers: list[int], looked_at: float
) -> None:
    view = View.of(zones, masks)
    assert [area.number for area in view.areas] == numbers
    assert share(view) == pytest.approx(looked_at, abs=0.02)


def test_the_more_sensitive_the_less_is_enough() -> None:
    areas = [View.of([Zone(WHOLE, sensitivity)]).areas[0] for sensitivity in (1, 25, 50, 75, 100)]
    for less, more in itertools.pairwise(areas):
        assert more.levels < less.levels
        assert more.share < less.share
    assert areas[0].share < 0.1  # and still something counts
    assert areas[-1].levels > 4


def test_in_a_small_zone_a_part_of_it_is_enough() -> None:
    (area,) = View.of([Zone(CORNER)]).areas
    pixels = np.count_nonzero(area.where)
    assert 4 <= area.share * WIDTH * HEIGHT <= pixels / 4


corner = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(
    zones=st.lists(st.builds(Zone, st.lists(corner, min_size=3, max_size=8).map(tuple), st.integers(0, 100))),
    masks=st.lists(st.lists(corner, min_size=3, max_size=8).map(tuple), max_size=4),
)
def test_no_zone_reaches_into_a_mask(zones: list[Zone], masks: list[tuple[tuple[float, float], ...]]) -> None:
    view, masked = View.of(zones, masks), View.of([Zone(mask) for mask in masks])
    if masks:
        assert not np.any(view.looked_at & masked.looked_at)
    for area in view.areas:
        assert area.where.shape == view.looked_at[area.box].shape
        assert np.any(area.where)
