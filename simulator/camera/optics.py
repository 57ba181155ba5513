"""What light and lens make of a scene: dusk, infrared light, noise, a cloth, a camera that was turned.

Here: pictures to pictures. The noise of a moment is always the same. Never here: what the scene shows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

NOISY_BELOW = 0.5
"""With less light than this the sensor's noise is to be seen."""
NOISE = 6.0
"""Its standard deviation in grey levels when the camera does what it can against the dark."""
DARK_NOISE = 2.0
"""With no light to amplify."""
CLOTH = (70, 78, 88)


class Conditions(Protocol):
    """See ``scene.SceneState``."""

    @property
    def light(self) -> float: ...
    @property
    def infrared(self) -> bool: ...
    @property
    def covered(self) -> bool: ...
    @property
    def turned(self) -> float: ...


def seen_through(picture: Picture, conditions: Conditions, now_s: float) -> Picture:
    """The picture as the camera sees it."""
    if conditions.turned:
        picture = _turned(picture, conditions.turned)
    if conditions.covered:
        picture = _cloth(*picture.shape[:2]).copy()
    if conditions.infrared:
        return _with_noise(_infrared(picture), NOISE, now_s)
    if conditions.light < 1.0:
        picture = cv2.convertScaleAbs(picture, alpha=conditions.light).astype(np.uint8, copy=False)
    if conditions.light < NOISY_BELOW:
        return _with_noise(picture, max(DARK_NOISE, NOISE * conditions.light / NOISY_BELOW), now_s)
    return picture


def _turned(picture: Picture, by: float) -> Picture:
    """To the right, and a little down. What comes into view is what was seen beside it, in a mirror."""
    height, width = picture.shape[:2]
    shift = np.array([[1, 0, -by * width], [0, 1, -by * height / 3]], np.float32)
    seen = cv2.warpAffine(picture, shift, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    return seen.astype(np.uint8, copy=False)


def _infrared(picture: Picture) -> Picture:
    """Grey, red things bright, and the lamps' light in the middle."""
    height, width = picture.shape[:2]
    grey = picture @ np.array([0.15, 0.25, 0.6], np.float32)
    lit = np.minimum(grey * _lamps(height, width), 255).astype(np.uint8)
    return np.repeat(lit[:, :, np.newaxis], 3, axis=2)


@lru_cache(maxsize=4)
def _lamps(height: int, width: int) -> NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    lamps: NDArray[np.float32] = (1.15 / (1 + 0.9 * (x * x + y * y))).astype(np.float32)
    return lamps


@lru_cache(maxsize=4)
def _cloth(height: int, width: int) -> Picture:
    """So close that nothing of it is sharp: one colour, a little darker to one side."""
    shade = np.linspace(0.9, 1.1, width)[np.newaxis, :, np.newaxis] * np.ones((height, 1, 1))
    return (shade * CLOTH).astype(np.uint8)


@lru_cache(maxsize=4)
def _grain(height: int, width: int) -> NDArray[np.float32]:
    return np.random.default_rng(7).normal(0, 1, (2 * height, 2 * width, 1)).astype(np.float32)


def _with_noise(picture: Picture, deviation: float, now_s: float) -> Picture:
    """A piece of the grain, another one each moment: drawing it anew would take longer than all the rest."""
    height, width = picture.shape[:2]
    top, left = np.random.default_rng(round(now_s * 1000)).integers(0, (height, width))
    grain = _grain(height, width)[top : top + height, left : left + width]
    return np.clip(picture + deviation * grain, 0, 255).astype(np.uint8)
