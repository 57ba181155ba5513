"""Rows of footage: segments, which are files, and clips, which are ranges over them.

Here: the rows. Never here: the files, or what is due (``core.retention``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnClause,
    Connection,
    Engine,
    Select,
    TableClause,
    delete,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from controller.store import engine as database
from controller.store.engine import DatabaseMissing
from controller.store.footage_rows import (
    CLIPS_WITHOUT_PICTURES,
    DATED,
    DELETING,
    UNDATED,
    clip_of,
    clips_in,
    columns,
    last_end_us,
    overlapping,
    segment_of,
)
from controller.store.footage_rows import Clip as Clip
from controller.store.footage_rows import Segment as Segment
from controller.store.footage_rows import SegmentState as SegmentState
from controller.store.known_cameras import KnownCameras
from controller.store.owner import checkpoint, open_owner
from controller.store.reader import Reader
from controller.store.reserve import Reserve, written
from controller.store.schema import clip as clip_table
from controller.store.schema import segment as segment_table

T = TypeVar("T")
MOST_IDS = 500
"""Values in one statement: SQLite allows more, but not any number."""


class Footage:
    """The rows as the recorder keeps them. For one thread at a time. Raises DatabaseUnusable."""

    def __init__(self, path: Path, engine: Engine, reserve: Reserve | None) -> None:
        self._path = path
        self._engine = engine
        self._reserve = reserve
        self.known_cameras = KnownCameras(self.transact)

    @classmethod
    def open(cls, path: Path, reserve: Reserve | None = None) -> Footage:
        """Raises DatabaseDamaged: move it aside, open again, and rebuild from the folder.

        reserve: room for rows and marks when the disk is full.
        """
        engine = written(reserve, lambda: open_owner(path, "footage", check=True))
        return cls(path, engine, reserve)

    def transact(self, query: Callable[[Connection], T]) -> T:
        """The answer of ``query``, in one transaction that is durable on return. It may be asked twice."""

        def in_transaction() -> T:
            with database.translated(self._path), self._engine.begin() as connection:
                return query(connection)

        return written(self._reserve, in_transaction)

    def names(self) -> set[str]:
        """The relative names of all segments."""
        return self.transact(lambda connection: set(connection.scalars(select(segment_table.c.name))))

    def segments(self, camera: str, start_us: int, end_us: int) -> list[Segment]:
        """Those with a picture from ``start_us`` to before ``end_us``, in order of time."""
        return self._segments(overlapping(camera, start_us, end_us))

    def ended_before(self, wall_us: int, most: int, after: tuple[int, str] = (0, "")) -> list[Segment]:
        """Of those kept whose last picture is older than this, and is dated, the ``most`` oldest.

        after: end_us and id of the last that was returned, for the next page.
        """
        segment = segment_table.c
        older = select(segment_table).where(segment.end_us < wall_us, segment.end_us >= after[0])
        older = older.where(tuple_(segment.end_us, segment.id) > tuple_(*after))
        older = older.where(segment.clock_trusted == 1, segment.state == SegmentState.KEPT.value)
        return self._segments(older.order_by(segment.end_us, segment.id).limit(most))

    def ended_after(self, wall_us: int) -> list[Segment]:
        """Those that are believed to have ended later than this, oldest first."""
        later = select(segment_table).where(segment_table.c.end_us > wall_us)
        return self._segments(
            later.where(segment_table.c.clock_trusted == 1).order_by(segment_table.c.start_us)
        )

    def undated(self) -> list[Segment]:
        """Those recorded while the clock was not trusted, of which nobody knows yet when that was."""
        return self._segments(select(segment_table).where(UNDATED))

    def misdated(self, boot_id: str, boot_wall_us: int, by_us: int) -> list[Segment]:
        """Those of a boot, of a clock that was believed, that put its start off by more than ``by_us``."""
        began: ColumnClause[int] = literal_column("start_us - start_mono_us")
        theirs = select(segment_table).where(DATED, segment_table.c.boot_id == boot_id)
        return [
            *self._segments(theirs.where(began < boot_wall_us - by_us)),
            *self._segments(theirs.where(began > boot_wall_us + by_us)),
        ]

    def last_end_us(self, camera: str) -> int | None:
        """Where the footage of a camera ends; None if there is none."""
        return self.transact(lambda connection: last_end_us(connection, camera))

    def deleting(self) -> list[Segment]:
        """Those in a batch that is being destroyed, oldest first."""
        return self._segments(DELETING)

    def by_ids(self, ids: Collection[str]) -> list[Segment]:
        """Those of these that are there, oldest first."""
        found: list[Segment] = []
        for some in _some(ids):
            found += self._segments(select(segment_table).where(segment_table.c.id.in_(some)))
        return sorted(found, key=lambda one: (one.end_us, one.id))

    def _segments(self, query: Select[Any]) -> list[Segment]:
        return self.transact(lambda connection: [segment_of(row) for row in connection.execute(query)])

    def add_segment(self, segment: Segment) -> None:
        """Doing it again changes nothing."""
        self.transact(lambda connection: connection.execute(_add(segment_table), columns(segment)))

    def rebuild(self, found: Collection[Segment], missing: Collection[str]) -> None:
        """Make the rows agree with the folder: add what was found, drop the names that are missing."""

        def change(connection: Connection) -> None:
            if found:
                connection.execute(_add(segment_table), [columns(segment) for segment in found])
            for name in missing:
                connection.execute(delete(segment_table).where(segment_table.c.name == name))
            if missing:
                connection.execute(CLIPS_WITHOUT_PICTURES)

        self.transact(change)

    def redate(self, dates: Sequence[tuple[Segment, int]]) -> None:
        """It is known now when these segments began: they count as trusted, and their clips move along."""

        def change(connection: Connection) -> None:
            clip, moved = clip_table.c, set[str]()
            for segment, start_us in dates:
                by_us = start_us - segment.start_us
                known = {"start_us": start_us, "end_us": segment.end_us + by_us, "clock_trusted": 1}
                for shown in clips_in(connection, segment.camera, segment.start_us, segment.end_us):
                    if shown.id not in moved:  # it may span several segments
                        times = {"start_us": shown.start_us + by_us, "end_us": shown.end_us + by_us}
                        connection.execute(update(clip_table).where(clip.id == shown.id).values(times))
                        moved.add(shown.id)
                connection.execute(
                    update(segment_table).where(segment_table.c.id == segment.id).values(known)
                )

        self.transact(change)

    def mark_deleting(self, ids: Collection[str]) -> None:
        """Durable on return: whoever places a hold after this sees the marks."""
        self._mark(ids, SegmentState.DELETING)

    def unmark(self, ids: Collection[str]) -> None:
        self._mark(ids, SegmentState.KEPT)

    def _mark(self, ids: Collection[str], state: SegmentState) -> None:
        def change(connection: Connection) -> None:
            for some in _some(ids):
                these = update(segment_table).where(segment_table.c.id.in_(some))
                connection.execute(these.values(state=state.value))

        self.transact(change)

    def drop(self, gone: Collection[Segment]) -> None:
        """Forget segments whose files are gone, and the clips that have no picture left."""

        def change(connection: Connection) -> None:
            for some in _some([segment.id for segment in gone]):
                connection.execute(delete(segment_table).where(segment_table.c.id.in_(some)))
            for camera in {segment.camera for segment in gone}:
                theirs = [segment for segment in gone if segment.camera == camera]
                connection.execute(
                    CLIPS_WITHOUT_PICTURES.where(
                        clip_table.c.camera == camera,
                        clip_table.c.start_us < max(segment.end_us for segment in theirs),
                        clip_table.c.end_us > min(segment.start_us for segment in theirs),
                    )
                )

        self.transact(change)

    def step_back(self, journal_id: str, seq: int) -> None:
        """This journal ends at this number now: whoever goes on after its clips begins there."""
        clip = clip_table.c
        theirs = update(clip_table).where(clip.event_journal == journal_id, clip.event_seq > seq)
        self.transact(lambda connection: connection.execute(theirs.values(event_seq=seq)))

    def add_clip(self, clip: Clip) -> None:
        """Doing it again changes nothing."""
        self.transact(lambda connection: connection.execute(_add(clip_table), asdict(clip)))

    def clips(self, camera: str | None = None, start_us: int = 0, end_us: int | None = None) -> list[Clip]:
        """Those of a camera (None: of all) that overlap the range (None: without end), in order of time."""
        return self.transact(lambda connection: clips_in(connection, camera, start_us, end_us))

    def clips_of(self, event_ids: Collection[str]) -> list[Clip]:
        """Those of these events, of all cameras."""

        def found(connection: Connection) -> list[Clip]:
            theirs = (select(clip_table).where(clip_table.c.event_id.in_(some)) for some in _some(event_ids))
            return [clip_of(row) for query in theirs for row in connection.execute(query)]

        return self.transact(found)

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

    def read(self, query: Callable[[Connection], T]) -> T:
        """The answer of ``query`` from one consistent state. Raises DatabaseMissing before there is any."""
        return self._reader.read(query)

    def segments(self, camera: str, start_us: int, end_us: int) -> list[Segment]:
        return self._segments(overlapping(camera, start_us, end_us))

    def deleting(self) -> list[Segment]:
        """Those in the batch that is being destroyed now, oldest first."""
        return self._segments(DELETING)

    def _segments(self, query: Select[Any]) -> list[Segment]:
        try:
            return self._reader.read(lambda found: [segment_of(row) for row in found.execute(query)])
        except DatabaseMissing:
            return []

    def last_end_us(self, camera: str) -> int | None:
        """Where the footage of a camera ends; None if there is none."""
        try:
            return self._reader.read(lambda connection: last_end_us(connection, camera))
        except DatabaseMissing:
            return None

    def clips(self, camera: str | None = None, start_us: int = 0, end_us: int | None = None) -> list[Clip]:
        """Those of a camera (None: of all) that overlap the range (None: without end), in order of time."""
        return self._clips(lambda connection: clips_in(connection, camera, start_us, end_us))

    def clips_of(self, event_id: str) -> list[Clip]:
        """Those of this event, of all cameras."""
        theirs = select(clip_table).where(clip_table.c.event_id == event_id).order_by(clip_table.c.camera)
        return self._clips(lambda connection: [clip_of(row) for row in connection.execute(theirs)])

    def _clips(self, query: Callable[[Connection], list[Clip]]) -> list[Clip]:
        try:
            return self._reader.read(query)
        except DatabaseMissing:
            return []

    def segment(self, id: str) -> Segment | None:
        """None if there is none of this id, or not any more."""
        found = self._segments(select(segment_table).where(segment_table.c.id == id))
        return found[0] if found else None

    def close(self) -> None:
        self._reader.close()


def _add(table: TableClause) -> Insert:
    return insert(table).on_conflict_do_nothing(index_elements=[table.c.id])


def _some(ids: Collection[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, MOST_IDS)):
        yield some
