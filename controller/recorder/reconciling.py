"""At a start, before anything is recorded: the files are made whole, and rows and files made to agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from controller.core.event import Stamp
from controller.footage.segment_name import SegmentName
from controller.recorder.books import Books, row
from controller.recorder.happenings import Gap, GapCause
from controller.recorder.segments.repair import repair
from controller.store.engine import DatabaseDamaged
from controller.store.footage import Footage, Segment
from controller.store.owner import move_aside
from controller.store.reserve import Reserve

_SEAM_US = 1_000_000


def open_footage(path: Path, reserve: Reserve | None) -> Footage:
    """A damaged footage.db is moved aside; its rows come again from the folder. Raises DatabaseUnusable."""
    try:
        return Footage.open(path, reserve)
    except DatabaseDamaged:
        move_aside(path)
        return Footage.open(path, reserve)


def reconcile(folder: Path, footage: Footage, books: Books, now: Stamp) -> None:
    """folder: of the footage. Raises JournalUnavailable, DatabaseUnusable, OSError.

    Files that a disposal is deleting may be gone: it sees to their rows itself.
    """
    deleting = {segment.name for segment in footage.deleting()}
    repaired = repair(folder, footage.names())
    missing = [name for name in repaired.missing if name not in deleting]
    ids = [name.segment_id for name in map(SegmentName.parse, missing) if name is not None]
    for camera, from_us, to_us in _ranges(footage.by_ids(ids)):
        books.gap(Gap(camera, from_us, to_us, GapCause.FILE_MISSING, now))
    footage.rebuild([row(segment, recovered=True) for segment in repaired.found], missing)


def _ranges(segments: Sequence[Segment]) -> list[tuple[str, int, int]]:
    """Camera, start and end of what these segments showed, those that follow each other in one."""
    ranges: list[tuple[str, int, int]] = []
    for segment in sorted(segments, key=lambda one: (one.camera, one.start_us)):
        if ranges and ranges[-1][0] == segment.camera and segment.start_us - ranges[-1][2] <= _SEAM_US:
            ranges[-1] = (segment.camera, ranges[-1][1], segment.end_us)
        else:
            ranges.append((segment.camera, segment.start_us, segment.end_us))
    return ranges
