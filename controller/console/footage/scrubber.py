"""The scrubber as a drawing: what lies where on a line of a thousand units. Pure.

Everything on it is in the table beside it as well. Never here: reading what happened (``activity``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from controller.console.footage.activity import Activity, Mark
from controller.console.footage.shown import Stretch
from controller.core.local_time import local_time

WIDTH = 1000
ROW = 34
"""Units a camera's row is high: a bar for what was recorded, and a thin one for motion below it."""
TOP = 22
DOORS = 22
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240)
MOST_STEPS = 9
LEAST = 1.5
"""Units: what is shorter would not be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """y: of its upper edge."""

    camera: str
    y: int
    recorded: tuple[Bar, ...]
    restricted: tuple[Bar, ...]
    motion: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Scrubber:
    """doors_y: where the marks of doors begin; they are at the x of ``marks``."""

    height: int
    rows: tuple[Row, ...]
    doors_y: int
    marks: tuple[float, ...]
    ticks: tuple[Tick, ...]


def scrubber(found: Activity, begins_us: int, ends_us: int, zone: tzinfo) -> Scrubber:
    length_us = max(1, ends_us - begins_us)

    def x(at_us: int) -> float:
        return round(WIDTH * (min(max(at_us, begins_us), ends_us) - begins_us) / length_us, 2)

    def bars(stretches: Iterable[Stretch]) -> tuple[Bar, ...]:
        return tuple(Bar(x(begin), max(LEAST, round(x(end) - x(begin), 2))) for begin, end in stretches)

    rows = tuple(
        Row(one.camera, TOP + number * ROW, bars(one.recorded), bars(one.restricted), bars(one.motion))
        for number, one in enumerate(found.cameras)
    )
    doors_y = TOP + len(rows) * ROW
    times = hours(begins_us, ends_us, zone)
    ticks = tuple(Tick(x(at_us), f"{local_time(at_us, zone):%H:%M}") for at_us in times)
    return Scrubber(doors_y + DOORS, rows, doors_y, tuple(_apart(found.marks, x)), ticks)


def hours(begins_us: int, ends_us: int, zone: tzinfo) -> Iterator[int]:
    """Round local times to write on the line, no more than a few."""
    minutes = (ends_us - begins_us) / 60_000_000
    step_us = 60_000_000 * next((step for step in STEPS_MIN if minutes / step <= MOST_STEPS), STEPS_MIN[-1])
    offset = local_time(begins_us, zone).utcoffset() or timedelta()
    offset_us = offset // timedelta(microseconds=1)
    at_us = -(-(begins_us + offset_us) // step_us) * step_us - offset_us
    while at_us < ends_us:
        yield at_us
        at_us += step_us


def offsets(begins_us: int, ends_us: int, zone: tzinfo) -> list[tuple[int, int, str]]:
    """How local time is made in a browser: from when on, by how many seconds, and the zone's name then."""
    found: list[tuple[int, int, str]] = []
    at_us = begins_us
    while at_us <= ends_us:
        local = local_time(at_us, zone)
        seconds = int((local.utcoffset() or timedelta()).total_seconds())
        name = local.tzname() or ""
        if not found or found[-1][1:] != (seconds, name):
            found.append((_change_us(found[-1], at_us, zone) if found else begins_us, seconds, name))
        at_us += 1_800_000_000
    return found


def _change_us(before: tuple[int, int, str], at_us: int, zone: tzinfo) -> int:
    """Changes come at a whole minute; none is farther back than half an hour."""
    at_us -= at_us % 60_000_000
    while at_us > before[0]:
        earlier: datetime = local_time(at_us - 60_000_000, zone)
        if (earlier.utcoffset() or timedelta()).total_seconds() == before[1]:
            return at_us
        at_us -= 60_000_000
    return at_us


def _apart(marks: Iterable[Mark], x: Callable[[int], float]) -> Iterator[float]:
    """Those that can be told apart."""
    last = -LEAST
    for mark in marks:
        at = x(mark.at_us)
        if at - last >= LEAST:
            yield at
            last = at
