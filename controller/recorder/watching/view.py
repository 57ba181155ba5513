"""What a picture shows, in figures: how light it is, where edges are, how like the reference view it is.

The reference view is where edges are in more than half of many pictures: walls, doors, shelves. Whoever walks
through, and whatever light falls, is not in it. Never here: when something is a fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from controller.recorder.watching.pictures import HEIGHT, WIDTH, Picture

Edges = NDArray[np.bool_]
"""Of a picture, pixel by pixel."""

ACROSS, DOWN = 8, 5
"""Tiles of a picture."""

EDGE, NOISE = 60.0, 6.0
"""How steep an edge is: as a step of 15 of 255 grey levels, or so many times the noise if that is more."""
TILE_EDGES = 8
"""Pixels of edges in a tile in which there is something to see: nearly half its width."""
TILE_KEPT = 0.5
"""Share of the reference's edges in a tile that make it the same tile, beyond what chance puts there."""
LEAST_TILES = 5
"""A view with less in it cannot be recognised."""

ALIKE = 0.8
"""A view of which so much is where it was has not been shifted, and is not looked for elsewhere."""
MOST_ELSEWHERE = (HEIGHT // 3, WIDTH // 3)
"""How far the view is looked for elsewhere in the picture, down and across."""
ELSEWHERE_PIXELS = 3
ELSEWHERE_BETTER = 1.5
ELSEWHERE_SHARE = 0.5
"""It is there if it fits half of the reference's edges, and half as many again as where it should be."""

LEARNING_LOOKS = 120
"""Ten minutes of looks: who waits at the door for less is not learnt."""
SLOW_LOOKS = 720
"""From then on an hour's: shadows wander, chairs are moved, trees lose their leaves."""

_NEAR = np.ones((3, 3), np.uint8)


def light(picture: Picture) -> float:
    """The grey level that all but the brightest twentieth of the picture stays below."""
    return float(np.percentile(cv2.blur(picture, (5, 5))[::3, ::3], 95))


def edges(picture: Picture) -> Edges:
    """Where there are edges, a pixel to either side taken with them: cameras tremble."""
    smooth = cv2.GaussianBlur(picture, (3, 3), 0)
    across = cv2.Sobel(smooth, cv2.CV_16S, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_16S, 0, 1)
    steepness = np.abs(across[::3, ::3].astype(np.int32)) + np.abs(down[::3, ::3])
    steep = max(EDGE, NOISE * float(np.median(steepness)))
    thin = cv2.Canny(across, down, steep / 2, steep)
    return cv2.dilate(thin, _NEAR) > 0


def shown(found: Edges) -> float:
    """Share of the tiles with something to see in them."""
    # The dilation made each edge three pixels wide.
    return float(np.count_nonzero(_by_tile(found) >= 3 * TILE_EDGES)) / (ACROSS * DOWN)


def _by_tile(found: Edges) -> NDArray[np.int64]:
    tiles = found.reshape(DOWN, HEIGHT // DOWN, ACROSS, WIDTH // ACROSS)
    counts: NDArray[np.int64] = np.count_nonzero(tiles, axis=(1, 3)).astype(np.int64)
    return counts


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a picture looks as the reference view. kept: share of its tiles. elsewhere: it was shifted."""

    kept: float
    elsewhere: bool


class ReferenceView:
    """Edges that stay. ``usable``: there are enough of them to recognise the view by."""

    def __init__(self, stays: Edges) -> None:
        self.stays = stays
        self.shown = shown(stays)
        counts = _by_tile(stays)
        self._tiles = counts >= 3 * TILE_EDGES
        self._counts = counts
        self.usable = int(np.count_nonzero(self._tiles)) >= LEAST_TILES

    def likeness(self, found: Edges) -> Likeness:
        """found: of a picture."""
        density = float(np.mean(found))
        hits = _by_tile(found & self.stays)[self._tiles] / self._counts[self._tiles]
        beyond_chance = (hits - density) / max(0.01, 1 - density)
        kept = float(np.mean(beyond_chance >= TILE_KEPT))
        return Likeness(kept, kept < ALIKE and self._elsewhere(found))

    def _elsewhere(self, found: Edges) -> bool:
        """Whether the view is in the picture, but in another place."""
        size = (2 * HEIGHT, 2 * WIDTH)  # so that nothing comes in again on the other side
        product = np.fft.rfft2(found, size) * np.conj(np.fft.rfft2(self.stays, size))
        fits = np.fft.irfft2(product, size)
        down, across = MOST_ELSEWHERE
        fits = np.roll(fits, (down, across), (0, 1))[: 2 * down + 1, : 2 * across + 1]
        here = fits[down, across]
        best_down, best_across = np.unravel_index(int(np.argmax(fits)), fits.shape)
        shift = max(abs(int(best_down) - down), abs(int(best_across) - across))
        best = fits[best_down, best_across]
        enough = ELSEWHERE_SHARE * np.count_nonzero(self.stays)
        return bool(shift >= ELSEWHERE_PIXELS and best >= enough and best >= ELSEWHERE_BETTER * here)

    def packed(self) -> bytes:
        """To be kept: a bit a pixel."""
        return np.packbits(self.stays).tobytes()

    @classmethod
    def unpacked(cls, packed: bytes) -> ReferenceView | None:
        """None for what ``packed`` did not make."""
        bits = np.unpackbits(np.frombuffer(packed, np.uint8))
        return cls(bits.reshape(HEIGHT, WIDTH) > 0) if bits.size == HEIGHT * WIDTH else None


class SlowAverage:
    """How often there was an edge, pixel by pixel: over all pictures at first, later over the last hour.

    known: what it was at the last look before a restart.
    """

    def __init__(self, known: ReferenceView | None = None) -> None:
        self.looks = LEARNING_LOOKS if known else 0
        self._often = known.stays.astype(np.float32) if known else np.zeros((HEIGHT, WIDTH), np.float32)

    @property
    def learnt(self) -> bool:
        """Enough pictures to tell what stays."""
        return self.looks >= LEARNING_LOOKS

    def add(self, found: Edges) -> None:
        self.looks += 1
        weight = 1 / self.looks if self.looks <= LEARNING_LOOKS else 1 / SLOW_LOOKS
        self._often += np.float32(weight) * (found - self._often)

    def view(self) -> ReferenceView:
        return ReferenceView(self._often > 0.5)
