"""Does anything move before a camera? A running average over keyframes, which also sees slow walkers.

Only keyframes are decoded: a picture every second or two costs a fraction of a per cent of a core.
Never here: who or what moves.
"""

from __future__ import annotations

from enum import Enum, auto

import cv2
import numpy as np
from numpy.typing import NDArray

from controller.recorder.watching.pictures import Picture

BACKGROUND_WEIGHT = 0.1
"""How much of each picture goes into the average: a parked trolley is background after half a minute."""

CHANGE_LEVELS = 18
"""How many of 255 grey levels a pixel must differ from the average by."""

MOVING_SHARE = 0.004
"""Share of the picture that must differ: a person at the far end of a room."""

FLASH_SHARE = 0.7
"""When more than this differs, the light was switched: the background is learnt anew."""

LEARNING_PICTURES = 3


class MotionDetector:
    """Compares each picture with the average of those before it."""

    def __init__(self) -> None:
        self._average: NDArray[np.float32] | None = None
        self._seen = 0

    def moving(self, picture: Picture) -> bool:
        """Whether something moved in this picture. The first few only teach the background."""
        smooth = cv2.GaussianBlur(picture, (5, 5), 0)
        if self._average is None:
            self._average = smooth.astype(np.float32)
            self._seen = 1
            return False
        difference = cv2.absdiff(smooth, cv2.convertScaleAbs(self._average))
        share = float(np.count_nonzero(difference > CHANGE_LEVELS)) / difference.size
        cv2.accumulateWeighted(smooth, self._average, BACKGROUND_WEIGHT)
        self._seen += 1
        if share > FLASH_SHARE:
            self._average = smooth.astype(np.float32)
            return False
        return self._seen > LEARNING_PICTURES and share > MOVING_SHARE


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


class FrozenPicture:
    """A camera that sends the same picture for ever: noise makes two real ones differ somewhere.

    Compared decoded, because an encoder may number identical pictures differently.
    """

    PICTURES = 5

    def __init__(self) -> None:
        self._last: bytes | None = None
        self._same = 0

    def frozen(self, picture: Picture) -> bool:
        """Whether the last five pictures were equal in every pixel."""
        now = picture.tobytes()
        self._same = self._same + 1 if now == self._last else 0
        self._last = now
        return self._same + 1 >= self.PICTURES
