"""How much footage there is, counted in the database: bytes by camera, and by the day on which they fall due.

Each but ``begins`` reads every row, which takes a moment where there are months of them. For ``read`` of
Footage and its reader. Never here: what follows from it (``core.forecast``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, literal, select

from controller.core.hold import DAY_US
from controller.store.schema import segment as segment_table


@dataclass(frozen=True, slots=True)
class CameraBytes:
    """What a camera recorded since some moment. start_us: of the first of it, wall time."""

    size_bytes: int
    start_us: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Of the footage, what overlaps a range of wall time, of one camera or (None) of all."""

    camera: str | None
    start_us: int
    end_us: int


def recorded_since(connection: Connection, wall_us: int) -> dict[str, CameraBytes]:
    """By camera."""
    segment = segment_table.c
    query = (
        select(segment.camera, func.sum(segment.size_bytes), func.min(segment.start_us))
        .where(segment.start_us >= wall_us)
        .group_by(segment.camera)
    )
    return {camera: CameraBytes(size, start_us) for camera, size, start_us in connection.execute(query)}


def begins(connection: Connection) -> dict[str, int]:
    """Of each camera of which there is footage, when the oldest of it starts. At once, by the index."""
    found: dict[str, int] = {}
    segment = segment_table.c
    while True:
        after = select(func.min(segment.camera)).where(segment.camera > max(found, default=""))
        camera: str | None = connection.scalar(after)
        if camera is None:
            return found
        oldest = select(func.min(segment.start_us)).where(segment.camera == camera)
        found[camera] = connection.scalar(oldest) or 0


def bytes_by_day(
    connection: Connection, from_us: int, parts: Sequence[Selection] | None = None
) -> dict[int, int]:
    """Of all footage, or of these parts of it: how much ended on the n-th day after ``from_us``.

    Day -1 is all that ended before. What is in two parts counts twice.
    """
    days: dict[int, int] = {}
    segment = segment_table.c
    ended = segment.end_us - literal(from_us)
    day = func.iif(ended < 0, -1, ended // DAY_US)
    query = select(day, func.sum(segment.size_bytes)).group_by(day)
    for part in [None] if parts is None else parts:
        asked = query
        if part is not None:
            asked = query.where(segment.end_us > part.start_us, segment.start_us < part.end_us)
            asked = asked if part.camera is None else asked.where(segment.camera == part.camera)
        for number, size in connection.execute(asked):
            days[number] = days.get(number, 0) + size
    return days


def count_before(connection: Connection, wall_us: int) -> tuple[int, int]:
    """How many are dated and ended before this, and when the first of them began (0: there are none)."""
    segment = segment_table.c
    query = select(func.count(), func.coalesce(func.min(segment.start_us), 0))
    count, oldest_us = connection.execute(
        query.where(segment.end_us < wall_us, segment.clock_trusted == 1)
    ).one()
    return count, oldest_us
