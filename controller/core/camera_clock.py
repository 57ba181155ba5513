"""A camera's time stamps against time: do they jump, do they run too fast or too slowly?

Footage is cut and found by our own clock, so that no camera's clock can put a picture in the wrong hour. But
between two keyframes its stamps say when a picture was taken, and a clock that jumps costs pictures.

Here: the judging. Never here: clocks; both times come in. A camera that has been connected to anew counts
from a new origin: that is no jump.
"""

from __future__ import annotations

from collections import deque

_S = 1_000_000

JUMP_US = 2 * _S
"""How far stamps may fall back, or run ahead of the arrival, before they have jumped. Pictures that arrive
late, and then many at once, have not: a network does that."""

WINDOW_US = 300 * _S
OFF_US = 1_500_000
BACK_US = 750_000
"""In five minutes: one part in 200. Within a segment of a minute a picture is then 0.3 s from its true time,
less than a keyframe. A good quartz is off by 0.03 s in five minutes. Half of it is in order again."""

CALM_US = 300 * _S
"""After a jump the clock is in order again when it has not jumped for so long."""

_BUCKET_US = 60 * _S
"""The least delay of each minute counts: a network delays pictures, and never hastens them."""


class CameraClock:
    """One camera's stamps. Used by one thread."""

    def __init__(self) -> None:
        self._least: deque[tuple[int, int]] = deque()
        self._last: tuple[int, int] | None = None
        self._jumped_us: int | None = None
        self._off = False

    def connected(self) -> None:
        """Stamps begin from a new origin."""
        self._least.clear()
        self._last = None

    def took(self, stamp_us: int, arrived_us: int) -> None:
        """A keyframe, in the camera's own time, and when it came. Both in microseconds."""
        delay_us = arrived_us - stamp_us
        if self._last is not None:
            last_stamp_us, last_delay_us = self._last
            # Against the last one, or the least delay before: after a late burst it is back where it was.
            least_us = min([last_delay_us, *(delay for _, delay in self._least)])
            if stamp_us < last_stamp_us - JUMP_US or delay_us < least_us - JUMP_US:
                self._jumped_us = arrived_us
                self._least.clear()
        self._last = (stamp_us, delay_us)
        bucket = arrived_us // _BUCKET_US
        if self._least and self._least[-1][0] == bucket:
            self._least[-1] = (bucket, min(self._least[-1][1], delay_us))
        else:
            self._least.append((bucket, delay_us))
        while (bucket - self._least[0][0]) * _BUCKET_US > WINDOW_US:
            self._least.popleft()

    def off(self, now_us: int) -> bool | None:
        """Whether the clock is not to be relied on; None: not known yet."""
        drift_us = self._drift_us()
        if drift_us is not None:
            self._off = abs(drift_us) > (BACK_US if self._off else OFF_US)
        if self._jumped_us is not None:
            if now_us - self._jumped_us < CALM_US:
                return True
            self._jumped_us = None
        if drift_us is None:
            return None
        return self._off

    def _drift_us(self) -> int | None:
        """By how much the stamps moved against time in a whole window; None: it is not that long yet."""
        # The newest minute is not over yet, so its least delay may still come.
        if len(self._least) < 3 or (self._least[-2][0] - self._least[0][0] + 1) * _BUCKET_US < WINDOW_US:
            return None
        return self._least[-2][1] - self._least[0][1]
