"""What of a count may be told: nothing below ten, fives above, and no total that gives away the rest.

As official statistics of the United Kingdom do it, and as the privacy notices promise ("anonymised"). Three
rules hold beyond a single figure:

1. Nothing is told of a small count, not even whether it is nought.
2. A total is the sum of the figures that are told beside it. A true total less those figures would be what
   was left out.
3. Nothing is counted for two periods that overlap (``months``): one less the other would be the few days
   between them.

Never here: what is counted (``counting``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Figure = int | None
"""A count as it may be told; None: it may not."""


@dataclass(frozen=True, slots=True)
class Rules:
    """suppressed_below: a count less than this is not told. rounded_to: all others are multiples of it."""

    suppressed_below: int = 10
    rounded_to: int = 5

    def __post_init__(self) -> None:
        if not 1 <= self.rounded_to <= self.suppressed_below:
            raise ValueError(
                "rounded_to is above suppressed_below: a count that may be told would become nought"
            )

    def figure(self, count: int) -> Figure:
        """To the nearest multiple; what lies in the middle goes up."""
        if count < self.suppressed_below:
            return None
        return (count + self.rounded_to // 2) // self.rounded_to * self.rounded_to


@dataclass(frozen=True, slots=True)
class Total:
    """of_figures: the sum of what is told. whole: nothing was left out, so that it is no less than that."""

    of_figures: int
    whole: bool


def total(figures: Iterable[Figure]) -> Total:
    """Known to whoever has the figures: it tells nothing more."""
    told = list(figures)
    return Total(sum(one for one in told if one is not None), None not in told)
