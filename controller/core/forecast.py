"""How long the footage disk lasts: what is recorded in a day, against what falls due in the days to come.

Each day takes what the cameras send and gives back what falls due. Once footage has been kept for as long as
it is to be, every day gives back what it takes: a disk that is not full by then lasts.

Never here: measuring, and what is done about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DAY_S = 86_400
MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What is known of a disk. Bytes in all fields.

    daily: what each camera adds in a day. due: what falls due in each of the days to come, beginning with
    today; what is held is in none of them. held: what stays because of holds. kept: all footage there is.
    free: what may still be recorded before recording stops.
    """

    daily: Mapping[str, int]
    due: Sequence[int]
    held: int
    kept: int
    free: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """days_left: whole days until the disk is full; None if it lasts. need, have: bytes of footage."""

    days_left: int | None
    need: int
    have: int


def needed(daily: Mapping[str, int], days: int) -> int:
    """The bytes that all cameras fill in so many days."""
    return sum(daily.values()) * days


def daily_bytes(bits_per_s: int) -> int:
    """What a camera adds in a day that sends so many bits in a second."""
    return bits_per_s * DAY_S // 8


def forecast(measured: DiskUse, days: int) -> Forecast:
    """days: for how many footage is kept."""
    need = needed(measured.daily, days) + measured.held
    have = max(0, measured.kept + measured.free)
    return Forecast(_days_left(measured, days), need, have)


def _days_left(measured: DiskUse, days: int) -> int | None:
    added, free = sum(measured.daily.values()), measured.free
    for day in range(days):  # from then on, what was recorded on the first of these days falls due
        free += (measured.due[day] if day < len(measured.due) else 0) - added
        if free < 0:
            return day
    return None
