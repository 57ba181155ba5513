"""Figures as pictures: where each square, bar and word of an SVG stands. The template draws it.

Every figure stands in the picture as a number, so that nothing is told by colour alone. Never here: what the
figures are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.console.statistics.figures import WEEKDAYS, Grid, Refusal

WIDTH = 324
LABEL = 44
COLUMN = 40
ROW = 26
BAR_ROW = 42
BAR_ROOM = 270
"""For the longest bar; its number stands behind it."""
STEPS = 4
"""Shades of a square, the darkest for the highest figure."""


@dataclass(frozen=True, slots=True)
class Square:
    """text: empty where nothing is told. step: 0 for that, up to STEPS."""

    x: int
    y: int
    text: str
    step: int


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Map:
    """Of hours (down) and weekdays (across)."""

    width: int
    height: int
    squares: tuple[Square, ...]
    hours: tuple[Label, ...]
    weekdays: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    y: int
    width: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    width: int
    height: int
    bars: tuple[Bar, ...]


def map_of(grid: Grid) -> Map:
    """Of the hours from the first to the last of which anything is told."""
    told = [row.hour for row in grid.told]
    rows = [row for row in grid.rows if told and told[0] <= row.hour <= told[-1]]
    return Map(
        WIDTH,
        ROW * (len(rows) + 1),
        tuple(
            Square(LABEL + weekday * COLUMN, ROW * at, _number(figure), _step(figure, grid.highest))
            for at, row in enumerate(rows, 1)
            for weekday, figure in enumerate(row.figures)
        ),
        tuple(Label(0, ROW * at, row.label) for at, row in enumerate(rows, 1)),
        tuple(Label(LABEL + at * COLUMN, 0, name[:3]) for at, name in enumerate(WEEKDAYS)),
    )


def bars_of(refusals: Sequence[Refusal]) -> Bars:
    """refusals: such of which a figure is told."""
    highest = max((one.figure or 0 for one in refusals), default=1)
    return Bars(
        WIDTH,
        BAR_ROW * len(refusals),
        tuple(
            Bar(BAR_ROW * at, max(1, (one.figure or 0) * BAR_ROOM // highest), one.name, _number(one.figure))
            for at, one in enumerate(refusals)
        ),
    )


def _number(figure: int | None) -> str:
    return "" if figure is None else f"{figure:,}"


def _step(figure: int | None, highest: int) -> int:
    return 0 if figure is None else max(1, -(-figure * STEPS // highest))
