"""How far apart the keyframes of a camera are, as measured: what pre-roll and post-roll must be longer than.

The median of the last few, so that one keyframe more (many cameras send one when something moves) or one
that was lost changes nothing. Never here: clocks; the stamps of the pictures come in.
"""

from __future__ import annotations

from collections import deque
from statistics import median_low

WINDOW = 9
FEWEST = 3
"""So many intervals make a measure."""
CHANGED_PERCENT = 25


class KeyframeInterval:
    """Outlives the connections to a camera. Used by one thread."""

    def __init__(self) -> None:
        self._intervals: deque[int] = deque(maxlen=WINDOW)
        self._last_us: int | None = None
        self._told_us = 0
        self.us: int | None = None
        """The measure, microseconds; None before there is one."""

    def keyframe(self, at_us: int) -> bool:
        """Whether there is news: a first measure, or one that differs from the last news by a quarter.

        at_us: the keyframe's place on a line that has no jumps but where ``interrupted`` was called.
        """
        if self._last_us is not None:
            self._intervals.append(at_us - self._last_us)
        self._last_us = at_us
        if len(self._intervals) < FEWEST:
            return False
        self.us = median_low(self._intervals)
        if abs(self.us - self._told_us) * 100 <= self._told_us * CHANGED_PERCENT:
            return False
        self._told_us = self.us
        return True

    def interrupted(self) -> None:
        """Pictures are missing before the next keyframe."""
        self._last_us = None
