"""Rows of footage: segments, which are files, and clips, which are ranges over them.

Here: the rows. Never here: the files, or what is due (``core.retention``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    TableClause,
    delete,
    func,
    not_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from controller.store import engine as database
from controller.store.engine import DatabaseMissing
from controller.store.owner import checkpoint, open_owner
from controller.store.reader import Reader
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


_DELETING = (
    select(segment_table)
    .where(segment_table.c.state == SegmentState.DELETING.value)
    .order_by(segment_table.c.end_us, segment_table.c.id)
)


class Footage:
    """The rows as the recorder keeps them. For one thread at a time. Raises DatabaseUnusable."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Footage:
        """Raises DatabaseDamaged: move it aside, open again, and rebuild from the folder."""
        return cls(path, open_owner(path, "footage", check=True))

    def add_segment(self, segment: Segment) -> None:
        """Doing it again changes nothing."""
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(_add(segment_table), _columns(segment))

    def rebuild(self, found: Collection[Segment], missing: Collection[str]) -> None:
        """Make the rows agree with the folder: add what was found, drop the names that are missing."""
        with database.translated(self._path), self._engine.begin() as connection:
            if found:
                connection.execute(_add(segment_table), [_columns(segment) for segment in found])
            for name in missing:
                connection.execute(delete(segment_table).where(segment_table.c.name == name))
            _drop_clips_without_pictures(connection)

    def names(self) -> set[str]:
        """The relative names of all segments."""
        with database.translated(self._path), self._engine.begin() as connection:
            return set(connection.scalars(select(segment_table.c.name)))

    def segments(self, camera: str, start_us: int, end_us: int) -> list[Segment]:
        """Those with a picture from ``start_us`` to before ``end_us``, in order of time."""
        return self._segments(_overlapping(camera, start_us, end_us))

    def ended_before(self, wall_us: int) -> list[Segment]:
        """Those whose last picture is older than this, oldest first."""
        older = select(segment_table).where(segment_table.c.end_us < wall_us)
        return self._segments(older.order_by(segment_table.c.end_us, segment_table.c.id))

    def ended_after(self, wall_us: int) -> list[Segment]:
        """Those that are believed to have ended later than this, oldest first."""
        later = select(segment_table).where(segment_table.c.end_us > wall_us)
        return self._segments(
            later.where(segment_table.c.clock_trusted == 1).order_by(segment_table.c.start_us)
        )

    def undated(self) -> list[Segment]:
        """Those recorded while the clock was not trusted, of which nobody knows yet when that was."""
        return self._segments(select(segment_table).where(segment_table.c.clock_trusted == 0))

    def of_boot(self, boot_id: str) -> list[Segment]:
        """Those recorded since the machine was started, by a clock that was believed."""
        theirs = select(segment_table).where(segment_table.c.boot_id == boot_id)
        return self._segments(theirs.where(segment_table.c.clock_trusted == 1))

    def redate(self, dates: Sequence[tuple[Segment, int]]) -> None:
        """It is known now when these segments began: they count as trusted, and their clips move along."""
        clip, moved = clip_table.c, set[str]()
        with database.translated(self._path), self._engine.begin() as connection:
            for segment, start_us in dates:
                by_us = start_us - segment.start_us
                known = {"start_us": start_us, "end_us": segment.end_us + by_us, "clock_trusted": 1}
                for shown in _clips(connection, segment.camera, segment.start_us, segment.end_us):
                    if shown.id not in moved:  # it may span several segments
                        times = {"start_us": shown.start_us + by_us, "end_us": shown.end_us + by_us}
                        connection.execute(update(clip_table).where(clip.id == shown.id).values(times))
                        moved.add(shown.id)
                connection.execute(
                    update(segment_table).where(segment_table.c.id == segment.id).values(known)
                )

    def last_end_us(self, camera: str) -> int | None:
        """Where the footage of a camera ends; None if there is none."""
        with database.translated(self._path), self._engine.begin() as connection:
            return _last_end_us(connection, camera)

    def deleting(self) -> list[Segment]:
        """Those in a batch that is being destroyed, oldest first."""
        return self._segments(_DELETING)

    def by_ids(self, ids: Collection[str]) -> list[Segment]:
        """Those of these that are there, oldest first."""
        these = select(segment_table).where(segment_table.c.id.in_(ids))
        return self._segments(these.order_by(segment_table.c.end_us, segment_table.c.id))

    def _segments(self, query: Select[Any]) -> list[Segment]:
        with database.translated(self._path), self._engine.begin() as connection:
            return [_segment(row) for row in connection.execute(query)]

    def mark_deleting(self, ids: Collection[str]) -> None:
        """Durable on return: whoever places a hold after this sees the marks."""
        self._mark(ids, SegmentState.DELETING)

    def unmark(self, ids: Collection[str]) -> None:
        self._mark(ids, SegmentState.KEPT)

    def _mark(self, ids: Collection[str], state: SegmentState) -> None:
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(
                update(segment_table).where(segment_table.c.id.in_(ids)).values(state=state.value)
            )

    def drop(self, ids: Collection[str]) -> None:
        """Forget segments whose files are gone, and the clips that have no picture left."""
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(delete(segment_table).where(segment_table.c.id.in_(ids)))
            _drop_clips_without_pictures(connection)

    def add_clip(self, clip: Clip) -> None:
        """Doing it again changes nothing."""
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(_add(clip_table), asdict(clip))

    def clips(self, camera: str | None = None, start_us: int = 0, end_us: int | None = None) -> list[Clip]:
        """Those of a camera (None: of all) that overlap the range (None: without end), in order of time."""
        with database.translated(self._path), self._engine.begin() as connection:
            return _clips(connection, camera, start_us, end_us)

    def has_clip(self, event_id: str) -> bool:
        """Whether any camera has a clip of the event."""
        theirs = select(clip_table.c.id).where(clip_table.c.event_id == event_id).limit(1)
        with database.translated(self._path), self._engine.begin() as connection:
            return connection.scalar(theirs) is not None

    def checkpoint(self) -> bool:
        """Empty the write-ahead log; until then what was dropped is still in it."""
        with database.translated(self._path):
            return checkpoint(self._engine)

    def close(self) -> None:
        self._engine.dispose()


class FootageReader:
    """The rows as others read them; nothing is there before the recorder has begun."""

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path)

    def segments(self, camera: str, start_us: int, end_us: int) -> list[Segment]:
        return self._segments(_overlapping(camera, start_us, end_us))

    def deleting(self) -> list[Segment]:
        """Those in the batch that is being destroyed now, oldest first."""
        return self._segments(_DELETING)

    def _segments(self, query: Select[Any]) -> list[Segment]:
        try:
            return self._reader.read(lambda found: [_segment(row) for row in found.execute(query)])
        except DatabaseMissing:
            return []

    def last_end_us(self, camera: str) -> int | None:
        """Where the footage of a camera ends; None if there is none."""
        try:
            return self._reader.read(lambda connection: _last_end_us(connection, camera))
        except DatabaseMissing:
            return None

    def clips(self, camera: str | None = None, start_us: int = 0, end_us: int | None = None) -> list[Clip]:
        """Those of a camera (None: of all) that overlap the range (None: without end), in order of time."""
        try:
            return self._reader.read(lambda connection: _clips(connection, camera, start_us, end_us))
        except DatabaseMissing:
            return []

    def close(self) -> None:
        self._reader.close()


def _add(table: TableClause) -> Insert:
    return insert(table).on_conflict_do_nothing(index_elements=[table.c.id])


def _overlapping(camera: str, start_us: int, end_us: int) -> Select[Any]:
    return (
        select(segment_table)
        .where(segment_table.c.camera == camera)
        .where(segment_table.c.end_us > start_us, segment_table.c.start_us < end_us)
        .order_by(segment_table.c.start_us, segment_table.c.id)
    )


def _last_end_us(connection: Connection, camera: str) -> int | None:
    last = select(func.max(segment_table.c.end_us)).where(segment_table.c.camera == camera)
    found: int | None = connection.scalar(last)
    return found


def _clips(connection: Connection, camera: str | None, start_us: int, end_us: int | None) -> list[Clip]:
    query = select(clip_table).where(clip_table.c.end_us > start_us)
    if camera is not None:
        query = query.where(clip_table.c.camera == camera)
    if end_us is not None:
        query = query.where(clip_table.c.start_us < end_us)
    rows = connection.execute(query.order_by(clip_table.c.start_us, clip_table.c.id))
    return [
        Clip(row.id, row.camera, row.event_journal, row.event_seq, row.event_id, row.start_us, row.end_us)
        for row in rows
    ]


def _drop_clips_without_pictures(connection: Connection) -> None:
    pictures = (
        select(segment_table.c.id)
        .where(segment_table.c.camera == clip_table.c.camera)
        .where(segment_table.c.end_us > clip_table.c.start_us)
        .where(segment_table.c.start_us < clip_table.c.end_us)
    )
    connection.execute(delete(clip_table).where(not_(pictures.exists())))


def _columns(segment: Segment) -> dict[str, object]:
    return {
        **asdict(segment),
        "clock_trusted": int(segment.clock_trusted),
        "recovered": int(segment.recovered),
        "state": segment.state.value,
    }


def _segment(row: Row[Any]) -> Segment:
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
