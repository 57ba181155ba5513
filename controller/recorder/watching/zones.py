"""Where in the picture motion counts, and from how much on: zones with a sensitivity each, less the masks.

Corners are shares of width and height, from the upper left. Never here: what moves, and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from controller.footage.masks import Corners, fill
from controller.recorder.watching.pictures import HEIGHT, WIDTH
from controller.settings.recording import CameraSettings

Where = NDArray[np.uint8]
"""A small picture: 255 where something is so, 0 elsewhere."""

USUAL = 50
USUAL_LEVELS = 18.0
"""How many of 255 grey levels a pixel must differ by, at the usual sensitivity."""
USUAL_SHARE = 0.002
"""Share of the picture that must differ, at the usual sensitivity: somebody a tenth as high as it."""
LEAST_PIXELS = 4
LARGEST_PART = 0.25
"""Of a zone that is so small that what counts elsewhere hardly fits into it, so much must differ."""


@dataclass(frozen=True, slots=True)
class Zone:
    """sensitivity: 0 looks away, 50 is the usual, at 100 a leaf counts."""

    corners: Corners
    sensitivity: int = USUAL


EVERYWHERE = Zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))


@dataclass(frozen=True, slots=True)
class Area:
    """What a zone comes to on the small picture. number: its place in the settings, from 1; 0: there is none.

    box: rows and columns that hold it. where: the zone within the box.
    levels: how many grey levels a pixel must differ by. share: how much of the picture must do so.
    """

    number: int
    box: tuple[slice, slice]
    where: Where
    levels: float
    share: float


@dataclass(frozen=True, slots=True)
class View:
    """All of a camera's areas, and where anything is looked for at all."""

    areas: tuple[Area, ...]
    looked_at: Where

    @classmethod
    def of(cls, zones: Sequence[Zone] = (), masks: Sequence[Corners] = ()) -> Self:
        """A zone that looks away takes its part from all others. Without others, the rest is looked at."""
        hidden = np.zeros((HEIGHT, WIDTH), np.uint8)
        for corners in (*masks, *(zone.corners for zone in zones if not zone.sensitivity)):
            fill(hidden, corners, 255)
        numbered = [(number, zone) for number, zone in enumerate(zones, start=1) if zone.sensitivity]
        found = [_area(number, zone, hidden) for number, zone in numbered or [(0, EVERYWHERE)]]
        areas = tuple(area for area in found if area is not None)
        looked_at = np.zeros_like(hidden)
        for area in areas:
            looked_at[area.box] |= area.where
        return cls(areas, looked_at)


def view_of(camera: CameraSettings) -> View:
    return View.of([Zone(zone.polygon, zone.sensitivity) for zone in camera.zones], camera.masks)


def _area(number: int, zone: Zone, hidden: Where) -> Area | None:
    """None for a zone of which the masks leave nothing."""
    where = np.zeros_like(hidden)
    fill(where, zone.corners, 255)
    where[hidden > 0] = 0
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    if not rows.size:
        return None
    box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    share = USUAL_SHARE * 2.0 ** ((USUAL - zone.sensitivity) / 12.5)
    largest = LARGEST_PART * np.count_nonzero(where) / where.size
    return Area(
        number,
        box,
        np.ascontiguousarray(where[box]),
        USUAL_LEVELS * 2.0 ** ((USUAL - zone.sensitivity) / 30),
        max(min(share, largest), LEAST_PIXELS / where.size),
    )
