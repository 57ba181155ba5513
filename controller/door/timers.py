"""A door's timers: names with a deadline. They do nothing by themselves."""

from __future__ import annotations

from enum import Enum, auto


class Timer(Enum):
    """What a door waits for besides the queue."""

    RELEASE = auto()
    RENEW = auto()
    EXIT = auto()
    WARNING = auto()
    HELD = auto()
    HOLD_OPEN = auto()
    SETTLE = auto()
    LASTING = auto()


class Timers:
    """Times are microseconds of the clock's ``mono_us``."""

    def __init__(self) -> None:
        self._deadlines: dict[Timer, int] = {}

    def start(self, timer: Timer, duration_s: float, now_us: int) -> None:
        """Start, or start anew."""
        self._deadlines[timer] = now_us + round(duration_s * 1_000_000)

    def stop(self, timer: Timer) -> None:
        self._deadlines.pop(timer, None)

    def pop_due(self, now_us: int) -> Timer | None:
        """The timer that has been due for longest, stopped; None if none is due."""
        if not self._deadlines:
            return None
        timer = min(self._deadlines, key=self._deadlines.__getitem__)
        if self._deadlines[timer] > now_us:
            return None
        del self._deadlines[timer]
        return timer

    def next_s(self, now_us: int) -> float | None:
        """Seconds until the next is due, at least 0; None if none runs."""
        if not self._deadlines:
            return None
        return max(0, min(self._deadlines.values()) - now_us) / 1_000_000
