"""When footage must stay, when it is due, and when it must be gone.

Elapsed time: a day is 24 hours, whatever the clocks do. A segment is due once its *last* picture has been
kept for the set number of days, and must be gone before its *first* is 30 days old: at least 10 and at
most 30 days is what the privacy notice promises. A hold or a restriction stops both.

Never here: whether the clock can be believed, and the destroying itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from controller.core.hold import DAY_US, Item
from controller.core.protection import Protection, protecting

MIN_DAYS = 10
MAX_DAYS = 30


@dataclass(frozen=True, slots=True)
class FootageRule:
    """One figure for the whole site, in days."""

    days: int

    def __post_init__(self) -> None:
        if not MIN_DAYS <= self.days <= MAX_DAYS:
            raise ValueError(f"footage is kept {MIN_DAYS} to {MAX_DAYS} days, not {self.days}")


class Verdict(StrEnum):
    """keep: not due yet. due: to be destroyed. held: due, and a hold (or the week after one) or a restriction
    protects it.
    """

    KEEP = "keep"
    DUE = "due"
    HELD = "held"


def due_from_us(end_us: int, rule: FootageRule) -> int:
    """From when a segment that ended at ``end_us`` is due. Microseconds since 1970 UTC, as all here."""
    return end_us + rule.days * DAY_US


def must_be_gone_by_us(start_us: int) -> int:
    """The moment at which the first picture of a segment has been kept for as long as is allowed."""
    return start_us + MAX_DAYS * DAY_US


def blocked(item: Item, protections: Iterable[Protection], now_us: int) -> bool:
    """Whether a hold, the week after its end, or a restriction keeps this from being destroyed."""
    return bool(protecting(item, protections, now_us))


def verdict(item: Item, rule: FootageRule, protections: Iterable[Protection], now_us: int) -> Verdict:
    """What is to be done with a segment now. ``now_us`` must come from a clock that is trusted."""
    if now_us < due_from_us(item.end_us, rule):
        return Verdict.KEEP
    return Verdict.HELD if blocked(item, protections, now_us) else Verdict.DUE


def overdue(item: Item, protections: Iterable[Protection], now_us: int) -> bool:
    """Whether this is still here although the promise says that it must not be."""
    return now_us > must_be_gone_by_us(item.start_us) and not blocked(item, protections, now_us)
