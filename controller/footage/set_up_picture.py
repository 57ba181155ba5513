"""What a camera sees, drawn: its zones, its masks filled, what moved in red, and a scale to write zones by.

For whoever sets a camera up. Pure: a picture in, a picture out.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from controller.footage.masks import Corners, fill, pixels

Drawing = NDArray[np.uint8]
Colour = tuple[int, int, int]

BLACK, WHITE, GREY, RED = (0, 0, 0), (255, 255, 255), (150, 150, 150), (40, 40, 230)
ZONES: tuple[Colour, ...] = (
    (80, 200, 80),
    (230, 160, 50),
    (60, 200, 240),
    (220, 90, 200),
    (200, 220, 80),
    (90, 140, 255),
    (170, 120, 255),
    (160, 220, 200),
)
"""Blue, green, red; as many as there can be zones."""
LEAST_WIDTH = 960


def draw(
    picture: Drawing,
    masks: Sequence[Corners],
    zones: Sequence[tuple[Corners, int]],
    caption: str,
    moved: NDArray[np.uint8] | None = None,
) -> Drawing:
    """picture: blue, green, red, as it came. zones: with the sensitivity of each. caption: ASCII.

    moved: a smaller picture in which whatever moves is not 0. Returns a new one, no smaller than ``picture``.
    """
    drawn = _legible(picture)
    height, width = drawn.shape[:2]
    if moved is not None:
        red = cv2.resize(moved, (width, height), interpolation=cv2.INTER_NEAREST) > 0
        drawn[red] = drawn[red] // 2 + np.array(RED, np.uint8) // 2
    for corners in masks:
        fill(drawn, corners, BLACK)
    _scale(drawn)
    for number, (corners, sensitivity) in enumerate(zones, start=1):
        colour = ZONES[number - 1] if sensitivity else GREY
        outline = pixels(drawn, corners)
        cv2.polylines(drawn, [outline], True, colour, max(1, height // 240))
        top = outline[int(np.argmin(outline.sum(axis=1)))]
        said = f"{number}: {sensitivity}" if sensitivity else f"{number}: not looked at"
        _write(drawn, said, (int(top[0]) + 4 * _size(drawn), int(top[1]) + 2 * _size(drawn)), colour)
    _write(drawn, caption, (2 * _size(drawn), height - _size(drawn)), WHITE)
    return drawn


def _legible(picture: Drawing) -> Drawing:
    """A copy that is large enough to be written on."""
    height, width = picture.shape[:2]
    times = max(1, -(-LEAST_WIDTH // width))
    larger = cv2.resize(picture, (width * times, height * times), interpolation=cv2.INTER_LINEAR)
    return np.array(larger, np.uint8)


def _scale(drawn: Drawing) -> None:
    """Tenths of width and height along the upper and the left edge."""
    height, width = drawn.shape[:2]
    size = _size(drawn)
    for tenth in range(1, 10):
        x, y = width * tenth // 10, height * tenth // 10
        for colour, thick in ((BLACK, 3), (WHITE, 1)):
            cv2.line(drawn, (x, 0), (x, size), colour, thick)
            cv2.line(drawn, (0, y), (size, y), colour, thick)
        _write(drawn, f"0.{tenth}", (x - size, 2 * size + size // 4), WHITE)
        _write(drawn, f"0.{tenth}", (size + size // 2, y + size // 2), WHITE)


def _size(drawn: Drawing) -> int:
    """Height of a letter, pixels."""
    return max(8, int(drawn.shape[0]) // 45)


def _write(drawn: Drawing, text: str, place: tuple[int, int], colour: Colour) -> None:
    """On black, so that it is legible anywhere. place: of its lower left corner, as far as it fits."""
    scale, font = _size(drawn) / 22, cv2.FONT_HERSHEY_SIMPLEX
    (width, height), below = cv2.getTextSize(text, font, scale, 1)
    x, y = max(0, min(place[0], drawn.shape[1] - width)), place[1]
    cv2.rectangle(drawn, (x - 2, y - height - 2), (x + width + 2, y + below), BLACK, -1)
    cv2.putText(drawn, text, (x, y), font, scale, colour, 1, cv2.LINE_AA)
