"""A row of footage.db as a value, and the questions that its owner and its readers both ask.

Never here: opening, and writing (``footage``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, literal_column, not_, select

from controller.store.schema import clip as clip_table
from controller.store.schema import segment as segment_table


class SegmentState(StrEnum):
    KEPT = "kept"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished file. name: relative to the footage folder. Times in microseconds, as in an event."""

    id: str
    camera: str
    name: str
    start_us: int
    end_us: int
    start_mono_us: int
    boot_id: str
    clock_trusted: bool
    size_bytes: int
    sha256: bytes
    state: SegmentState = SegmentState.KEPT
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Clip:
    """The range of one camera that belongs to an event."""

    id: str
    camera: str
    event_journal: str
    event_seq: int
    event_id: str
    start_us: int
    end_us: int


_LONGEST_US = (
    select(literal_column("end_us - start_us"))
    .select_from(segment_table)
    .order_by(literal_column("end_us - start_us").desc())
    .limit(1)
    .scalar_subquery()
)

# Written out, where a partial index is to be used: of a parameter SQLite does not know that it fits.
UNDATED = literal_column("clock_trusted") == literal_column("0")
DATED = literal_column("clock_trusted") == literal_column("1")
MARKED = literal_column("state") == literal_column(f"'{SegmentState.DELETING.value}'")

DELETING = select(segment_table).where(MARKED).order_by(segment_table.c.end_us, segment_table.c.id)


CLIPS_WITHOUT_PICTURES = delete(clip_table).where(
    not_(
        select(segment_table.c.id)
        .where(segment_table.c.camera == clip_table.c.camera)
        .where(segment_table.c.end_us > clip_table.c.start_us)
        .where(segment_table.c.start_us < clip_table.c.end_us)
        .exists()
    )
)


def overlapping(camera: str, start_us: int, end_us: int) -> Select[Any]:
    """The segments of a camera with a picture in the range, in order of time."""
    segment = segment_table.c
    return (
        select(segment_table)
        .where(segment.camera == camera)
        # The second says nothing new, but lets SQLite begin where it matters.
        .where(segment.end_us > start_us, segment.start_us >= start_us - _LONGEST_US)
        .where(segment.start_us < end_us)
        .order_by(segment.start_us, segment.id)
    )


def clips_in(connection: Connection, camera: str | None, start_us: int, end_us: int | None) -> list[Clip]:
    """Those of a camera (None: of all) that overlap the range (None: without end), in order of time."""
    query = select(clip_table).where(clip_table.c.end_us > start_us)
    if camera is not None:
        query = query.where(clip_table.c.camera == camera)
    if end_us is not None:
        query = query.where(clip_table.c.start_us < end_us)
    rows = connection.execute(query.order_by(clip_table.c.start_us, clip_table.c.id))
    return [clip_of(row) for row in rows]


def clip_of(row: Row[Any]) -> Clip:
    return Clip(row.id, row.camera, row.event_journal, row.event_seq, row.event_id, row.start_us, row.end_us)


def last_end_us(connection: Connection, camera: str) -> int | None:
    """Where the footage of a camera ends; None if there is none."""
    last = select(func.max(segment_table.c.end_us)).where(segment_table.c.camera == camera)
    found: int | None = connection.scalar(last)
    return found


def columns(segment: Segment) -> dict[str, object]:
    return {
        **asdict(segment),
        "clock_trusted": int(segment.clock_trusted),
        "recovered": int(segment.recovered),
        "state": segment.state.value,
    }


def segment_of(row: Row[Any]) -> Segment:
    return Segment(
        row.id,
        row.camera,
        row.name,
        row.start_us,
        row.end_us,
        row.start_mono_us,
        row.boot_id,
        bool(row.clock_trusted),
        row.size_bytes,
        row.sha256,
        SegmentState(row.state),
        bool(row.recovered),
    )
