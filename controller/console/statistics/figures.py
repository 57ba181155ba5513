"""What of a month's counts is told: figures by hour and weekday, and by reason, and their totals.

All that is here follows from figures that may be told. Never here: counting, or how it looks (``drawing``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.core.access import Reason
from controller.core.meanings import MEANINGS
from controller.core.statistics.counting import Counts, Hour
from controller.core.statistics.disclosure import Figure, Rules, Total, total

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = range(24)


@dataclass(frozen=True, slots=True)
class Row:
    """An hour of the day: a figure for each weekday."""

    hour: int
    figures: tuple[Figure, ...]

    @property
    def label(self) -> str:
        return f"{self.hour:02}:00"

    @property
    def until(self) -> str:
        return f"{(self.hour + 1) % 24:02}:00"

    @property
    def total(self) -> Total:
        return total(self.figures)


@dataclass(frozen=True, slots=True)
class Grid:
    """rows: all 24 hours."""

    rows: tuple[Row, ...]

    @property
    def told(self) -> tuple[Row, ...]:
        """The hours of which anything is told."""
        return tuple(row for row in self.rows if any(one is not None for one in row.figures))

    @property
    def weekdays(self) -> tuple[Total, ...]:
        return tuple(total(row.figures[weekday] for row in self.rows) for weekday in range(len(WEEKDAYS)))

    @property
    def total(self) -> Total:
        return total(one for row in self.rows for one in row.figures)

    @property
    def highest(self) -> int:
        return max((one for row in self.rows for one in row.figures if one is not None), default=0)


@dataclass(frozen=True, slots=True)
class Refusal:
    """reason: as events have it. name, means: in words."""

    reason: str
    name: str
    means: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Figures:
    """refusals: every reason there is, those that are told first, the most frequent before others."""

    visits: Grid
    refusals: tuple[Refusal, ...]
    inside: Grid

    @property
    def refusals_told(self) -> tuple[Refusal, ...]:
        return tuple(one for one in self.refusals if one.figure is not None)

    @property
    def refusals_untold(self) -> tuple[Refusal, ...]:
        return tuple(one for one in self.refusals if one.figure is None)

    @property
    def refusals_total(self) -> Total:
        return total(one.figure for one in self.refusals)


def figures(counts: Counts, rules: Rules) -> Figures:
    """What may be told of them."""
    return Figures(
        _grid(counts.visits, rules.figure),
        _refusals(counts.refusals, rules),
        _grid(counts.inside, rules.figure),
    )


def _grid(counts: Mapping[Hour, int], told: Callable[[int], Figure]) -> Grid:
    return Grid(
        tuple(
            Row(hour, tuple(told(counts.get(Hour(weekday, hour), 0)) for weekday in range(len(WEEKDAYS))))
            for hour in HOURS
        )
    )


def _refusals(counts: Mapping[str, int], rules: Rules) -> tuple[Refusal, ...]:
    known = [reason.value for reason in Reason]
    # A reason that is none of ours is a state of the door in which a grant could not be carried out.
    others = [reason for reason in counts if reason not in known and rules.figure(counts[reason]) is not None]
    found = (
        Refusal(reason, _name(reason), _means(reason), rules.figure(counts.get(reason, 0)))
        for reason in (*known, *others)
    )
    return tuple(sorted(found, key=_order))


def _order(one: Refusal) -> tuple[int, str]:
    return -(one.figure or 0), one.name


def _name(reason: str) -> str:
    words = {"pin": "PIN"}
    said = " ".join(words.get(word, word) for word in reason.split("_"))
    return said[:1].upper() + said[1:]


def _means(reason: str) -> str:
    return (
        MEANINGS[Reason(reason)].member if reason in set(Reason) else "The door was not in a state to open."
    )
