"""How many bits a camera sends, and whether that is too few for a usable picture.

The limit is a setting, or follows from what the camera usually sends: a part of the least that it sent in any
hour of a whole day, so that a quiet night, which takes a tenth of the bits of a busy afternoon, is no fault.
Before a day has been seen nothing is judged. Never here: clocks; times come in.
"""

from __future__ import annotations

from collections.abc import Sequence

WINDOW_US = 30_000_000
"""Over how long bits are counted: several keyframes, which are most of the bits of a quiet picture."""

HOUR_US = 3_600_000_000
HOURS = 24
"""A whole day: the night's hours count as much as the afternoon's."""

TOO_LITTLE = 0.3
"""Part of the least usual rate. A camera that was set to half of its rate is not told of; one whose network
or encoder has broken down sends a tenth."""


class CameraRate:
    """One camera's bit rate. Used by one thread.

    min_kbps: the limit in thousand bits a second; 0: from what is usual. usual: the least of each of the last
    hours, as ``usual`` had it before a restart.
    """

    def __init__(self, min_kbps: int = 0, usual: Sequence[int] = ()) -> None:
        self._min_kbps = min_kbps
        self._hours = list(usual)[-HOURS:]
        self._hour_began_us: int | None = None
        self._hour_least: int | None = None
        self._window_began_us: int | None = None
        self._bits = 0
        self._kbps: int | None = None

    @property
    def kbps(self) -> int | None:
        """In the last window, thousand bits a second; None: nothing was measured since the connection."""
        return self._kbps

    @property
    def usual(self) -> tuple[int, ...]:
        """The least of each of the last hours, the newest last, thousand bits a second."""
        return tuple(self._hours)

    @property
    def limit_kbps(self) -> float | None:
        """Below which there are too few; None: nobody knows yet."""
        if self._min_kbps:
            return self._min_kbps
        return min(self._hours) * TOO_LITTLE if len(self._hours) == HOURS else None

    @property
    def low(self) -> bool | None:
        """Whether too few bits came in the last window; None: not known."""
        limit = self.limit_kbps
        return None if self._kbps is None or limit is None else self._kbps < limit

    def connected(self) -> None:
        """Begin to count anew: what did not come while there was no connection is no low rate."""
        self._window_began_us = self._kbps = None
        self._bits = 0

    def took(self, size_bytes: int, now_us: int, *, counts: bool) -> bool:
        """So much came since the last time. Returns whether ``usual`` has changed.

        counts: whether it is what the camera usually sends; not while something is wrong with its picture.
        """
        if self._window_began_us is None:
            self._window_began_us = now_us
            return False
        self._bits += size_bytes * 8
        elapsed_us = now_us - self._window_began_us
        if elapsed_us < WINDOW_US:
            return False
        self._kbps = round(self._bits * 1000 / elapsed_us)
        self._window_began_us, self._bits = now_us, 0
        return self._learn(self._kbps, now_us) if counts and not self.low else False

    def _learn(self, kbps: int, now_us: int) -> bool:
        if self._hour_began_us is None:
            self._hour_began_us = now_us
        self._hour_least = kbps if self._hour_least is None else min(self._hour_least, kbps)
        if now_us - self._hour_began_us < HOUR_US:
            return False
        self._hours = [*self._hours, self._hour_least][-HOURS:]
        self._hour_began_us, self._hour_least = now_us, None
        return True
