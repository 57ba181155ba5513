"""What the camera sees: the street door of a small library, and now and then somebody in front of it.

Here: drawing with OpenCV, from a state to a picture. Never here: time; the moment comes in as an
argument, so that the same state and moment always give the same picture. What light and lens make of it is
in ``optics``.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.camera.optics import seen_through

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

LEAF_S = 0.6
"""How long the leaf takes to swing."""
WALK_S = 4.0
"""How long a walker takes from one side of the picture to the other."""
WALL: Colour = (150, 165, 175)
PAVEMENT: Colour = (110, 110, 110)
FRAME: Colour = (60, 60, 70)
LEAF: Colour = (70, 105, 45)
INSIDE: Colour = (200, 235, 250)
WALKER: Colour = (140, 60, 40)
SKIN: Colour = (140, 170, 205)
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class SceneState:
    """What is going on. Times in seconds of the clock that ``draw`` is given; None: not now.

    light: of the day, 1 noon, 0 pitch-dark. infrared: the camera sees by its own lamps, and no colours.
    covered: a cloth hangs before the lens. turned: by how much of the picture's width to the right.
    """

    door_open: bool = False
    door_moved_s: float = -60.0
    walker_since_s: float | None = None
    light: float = 1.0
    infrared: bool = False
    covered: bool = False
    turned: float = 0.0

    def openness(self, now_s: float) -> float:
        """0 shut, 1 open, in between while the leaf swings."""
        swung = min(1.0, max(0.0, (now_s - self.door_moved_s) / LEAF_S))
        return swung if self.door_open else 1.0 - swung

    def walked(self, now_s: float) -> float | None:
        """How far the walker has come, 0 to 1; None when nobody walks."""
        if self.walker_since_s is None:
            return None
        way = (now_s - self.walker_since_s) / WALK_S
        return way if 0.0 <= way <= 1.0 else None


def background(width: int, height: int) -> Picture:
    """What never changes: wall, bricks, pavement."""
    picture: Picture = np.empty((height, width, 3), np.uint8)
    picture[:] = WALL
    ground = int(height * 0.85)
    for row, y in enumerate(range(0, ground, max(8, height // 24))):
        cv2.line(picture, (0, y), (width, y), (135, 150, 160), 1)
        for x in range((row % 2) * width // 24, width, width // 12):
            cv2.line(picture, (x, y), (x, y + height // 24), (135, 150, 160), 1)
    cv2.rectangle(picture, (0, ground), (width, height), PAVEMENT, -1)
    return picture


def draw(behind: Picture, state: SceneState, now_s: float, clock: str) -> Picture:
    """The picture at a moment. behind: from ``background``; clock: the text in the corner."""
    picture = behind.copy()
    _draw_door(picture, state.openness(now_s))
    walked = state.walked(now_s)
    if walked is not None:
        _draw_walker(picture, walked)
    picture = seen_through(picture, state, now_s)
    scale = picture.shape[0] / 720
    cv2.rectangle(picture, (0, 0), (int(310 * scale), int(34 * scale)), BLACK, -1)
    place = (int(8 * scale), int(25 * scale))
    cv2.putText(picture, clock, place, cv2.FONT_HERSHEY_SIMPLEX, 0.8 * scale, WHITE, 1)
    return picture


def _draw_door(picture: Picture, openness: float) -> None:
    height, width = picture.shape[:2]
    left, right = int(width * 0.42), int(width * 0.58)
    top, bottom = int(height * 0.28), int(height * 0.85)
    edge = max(2, width // 160)
    cv2.rectangle(picture, (left - edge, top - edge), (right + edge, bottom), FRAME, -1)
    cv2.rectangle(picture, (left, top), (right, bottom), INSIDE, -1)
    # Seen from the front, a leaf that swings inwards grows narrow towards its hinge on the left.
    reach = left + int((right - left) * (1.0 - 0.85 * openness))
    inwards = int(height * 0.05 * openness)
    corners = np.array(
        [(left, top), (reach, top + inwards), (reach, bottom - inwards), (left, bottom)], np.int32
    )
    cv2.fillPoly(picture, [corners], LEAF)


def _draw_walker(picture: Picture, walked: float) -> None:
    height, width = picture.shape[:2]
    tall = int(height * 0.45)
    feet = int(height * 0.95)
    middle = int(-0.1 * width + 1.2 * width * walked)
    step = int(tall * 0.12 * np.sin(walked * 40))
    thick = max(3, tall // 10)
    hip = feet - int(tall * 0.45)
    for foot in (middle - step, middle + step):
        cv2.line(picture, (middle, hip), (foot, feet), WALKER, thick)
    cv2.ellipse(picture, (middle, hip - tall // 5), (tall // 8, tall // 4), 0, 0, 360, WALKER, -1)
    cv2.circle(picture, (middle, hip - tall // 2), tall // 11, SKIN, -1)
