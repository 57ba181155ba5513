"""Polygons painted into pictures: what is masked is not to be seen.

Corners are shares of width and height, from the upper left. Never here: which there are (settings).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Corners = tuple[tuple[float, float], ...]


def fill(picture: NDArray[np.uint8], corners: Corners, value: int | tuple[int, ...]) -> None:
    """Paint the polygon into the picture, whatever its size."""
    cv2.fillPoly(picture, [pixels(picture, corners)], value)


def pixels(picture: NDArray[np.uint8], corners: Corners) -> NDArray[np.int32]:
    """The corners in a picture of this size, within it."""
    height, width = picture.shape[:2]
    scaled = np.array(corners, np.float64) * (width, height)
    return np.clip(np.rint(scaled), 0, (width - 1, height - 1)).astype(np.int32)
