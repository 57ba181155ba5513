"""What time it is, for the acting thread and for those of the cameras."""

from __future__ import annotations

from collections.abc import Callable

from controller.core.event import Stamp


class Now:
    """What time it is: the acting thread judges the clock, the cameras' threads go by its judgement.

    judged: both clocks and whether they are trusted, for the acting thread alone. unjudged: the same for any
    thread, which brings the trust with it.
    """

    def __init__(self, judged: Callable[[], Stamp], unjudged: Callable[[bool], Stamp]) -> None:
        self._judged = judged
        self._unjudged = unjudged
        self._trusted = False

    def look(self) -> Stamp:
        """By the acting thread."""
        now = self._judged()
        self._trusted = now.clock_trusted
        return now

    def of_cameras(self) -> Stamp:
        """By any thread."""
        return self._unjudged(self._trusted)
