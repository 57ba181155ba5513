"""Whether something has gone on for long enough to count: it begins late, ends late, and each once.

Here: the waiting. Times come in as arguments. Never here: what it is that goes on.
"""

from __future__ import annotations

from enum import Enum, auto


class Turn(Enum):
    BEGUN = auto()
    ENDED = auto()


class Lasting:
    """In force once what begins it has lasted ``begin_s`` without a break, until what ends it has ``end_s``.

    in_force: as last looked at; at the beginning, as it was known to be.
    """

    def __init__(self, begin_s: float, end_s: float, *, in_force: bool = False) -> None:
        self.in_force = in_force
        self._begin_us = round(begin_s * 1_000_000)
        self._end_us = round(end_s * 1_000_000)
        self._due_us: int | None = None

    def look(self, *, begins: bool, ends: bool, now_us: int) -> Turn | None:
        """Take in how things are now; what has changed by it, if anything.

        begins, ends: what speaks for it, and what speaks against it. Where nothing does either, it stays as
        it is. now_us: microseconds of a clock that does not step.
        """
        if not (ends if self.in_force else begins):
            self._due_us = None
            return None
        if self._due_us is None:
            self._due_us = now_us + (self._end_us if self.in_force else self._begin_us)
        if now_us < self._due_us:
            return None
        self._due_us = None
        self.in_force = not self.in_force
        return Turn.BEGUN if self.in_force else Turn.ENDED

    @property
    def due_us(self) -> int | None:
        """When to look again although nothing may have changed; None: not before it does."""
        return self._due_us
