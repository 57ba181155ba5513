"""Does anything move before a camera? A running average, which also sees slow walkers.

Each picture is compared with the average of those before it, zone by zone. Never here: who or what moves,
and where pictures come from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

import cv2
import numpy as np
from numpy.typing import NDArray

from controller.recorder.watching.pictures import Picture
from controller.recorder.watching.zones import USUAL_LEVELS, View, Where

BACKGROUND_US = 10_000_000
"""Time constant of the average: a parked trolley is background after half a minute."""

FORGOTTEN_US = 30_000_000
"""After a pause of so long the background is learnt anew."""

LEARNING_PICTURES = 3
LEARNING_US = 1_000_000
"""So many pictures, and for so long, only teach the background."""

FLASH_SHARE = 0.7
"""When more of what is looked at than this differs at once, the light was switched."""

LIGHT_US = 3_000_000
"""How long a lamp or the camera's exposure takes to settle. What goes on for longer is motion."""
STEADY_US = 10_000_000
"""After so long without, a change of everything is the light again."""

_SPECK = np.ones((3, 3), np.uint8)
"""Pixels that differ count where so many stand together."""


@dataclass(frozen=True, slots=True)
class ZoneSeen:
    """number: of the zone, as in ``zones.Area``. share: of the picture that moves in it. needed: to count."""

    number: int
    share: float
    needed: float

    @property
    def moving(self) -> bool:
        return self.share >= self.needed


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture, compared. learning: the background is not known yet. light: it was switched just now.

    moved: where something moved.
    """

    zones: tuple[ZoneSeen, ...]
    moved: Where
    learning: bool = False
    light: bool = False

    @property
    def moving(self) -> bool:
        return not (self.learning or self.light) and any(zone.moving for zone in self.zones)


class MotionDetector:
    """Compares each picture with the average of those before it."""

    def __init__(self, view: View | None = None) -> None:
        self._view = view or View.of()
        self._sampled = self._view.looked_at[::4, ::4] > 0
        self._average: NDArray[np.float32] | None = None
        self._pictures = 0
        self._learnt_since_us = 0
        self._last_us = 0
        self._light_since_us = 0
        self._light_us: int | None = None

    def look(self, picture: Picture, mono_us: int) -> Seen:
        """mono_us: when the picture was taken, which never falls."""
        # The median takes rain and flies away, the blur what noise is left.
        smooth = cv2.GaussianBlur(cv2.medianBlur(picture, 3), (5, 5), 0).astype(np.float32)
        since_us, self._last_us = mono_us - self._last_us, mono_us
        if self._average is None or since_us >= FORGOTTEN_US:
            return self._begin(smooth, mono_us)
        change = smooth - self._average
        # A camera that opens its iris makes everything brighter by much the same: that is no motion.
        sample = change[::4, ::4][self._sampled]
        brighter = _middle(sample) if sample.size else 0.0
        everywhere = np.count_nonzero(np.abs(sample) > USUAL_LEVELS) > FLASH_SHARE * sample.size
        zones, moved = self._compare(np.abs(change - brighter))
        self._pictures += 1
        if everywhere and self._is_light(mono_us):
            self._average = smooth
            return Seen(zones, moved, light=True)
        weight = max(1 - math.exp(-since_us / BACKGROUND_US), 1 / self._pictures)
        cv2.accumulateWeighted(smooth, self._average, weight)
        learning = self._pictures <= LEARNING_PICTURES or mono_us - self._learnt_since_us < LEARNING_US
        return Seen(zones, moved, learning=learning)

    def _begin(self, smooth: NDArray[np.float32], mono_us: int) -> Seen:
        self._average = smooth
        self._pictures, self._learnt_since_us = 1, mono_us
        zones = tuple(ZoneSeen(area.number, 0.0, area.share) for area in self._view.areas)
        return Seen(zones, np.zeros_like(self._view.looked_at), learning=True)

    def _compare(self, change: NDArray[np.float32]) -> tuple[tuple[ZoneSeen, ...], Where]:
        moved = np.zeros_like(self._view.looked_at)
        zones = []
        for area in self._view.areas:
            over = cv2.inRange(change[area.box], area.levels, math.inf)
            within = cv2.bitwise_and(over, area.where)
            differs = np.asarray(cv2.morphologyEx(within, cv2.MORPH_OPEN, _SPECK), np.uint8)
            moved[area.box] |= differs
            zones.append(ZoneSeen(area.number, cv2.countNonZero(differs) / moved.size, area.share))
        return tuple(zones), moved

    def _is_light(self, mono_us: int) -> bool:
        """Whether a change of everything is the light: that settles. A cloth before the lens does not."""
        if self._light_us is None or mono_us - self._light_us > STEADY_US:
            self._light_since_us = mono_us
        self._light_us = mono_us
        return mono_us - self._light_since_us <= LIGHT_US


def _middle(sample: NDArray[np.float32]) -> float:
    """The median, or of an even count the upper of the two; a fifth of what ``np.median`` takes."""
    half = sample.size // 2
    return float(np.partition(sample, half)[half])


class Change(Enum):
    STARTED = auto()
    ENDED = auto()


class MotionPeriods:
    """Pictures that moved or not to periods of motion.

    A period ends after ``quiet_us`` without motion, or after ``longest_us``, whichever comes first;
    while it lasts longer, the next begins with the next picture that moved.
    """

    def __init__(self, quiet_us: int = 5_000_000, longest_us: int = 120_000_000) -> None:
        self._quiet_us = quiet_us
        self._longest_us = longest_us
        self._began_us: int | None = None
        self._moved_us = 0

    def seen(self, moving: bool, mono_us: int) -> Change | None:
        """What changed with the picture taken at ``mono_us``."""
        if moving:
            self._moved_us = mono_us
        if self._began_us is None:
            if not moving:
                return None
            self._began_us = mono_us
            return Change.STARTED
        if mono_us - self._moved_us >= self._quiet_us or mono_us - self._began_us >= self._longest_us:
            return self.stop()
        return None

    def stop(self) -> Change | None:
        """The camera is gone: what is under way ends now."""
        under_way, self._began_us = self._began_us is not None, None
        return Change.ENDED if under_way else None
