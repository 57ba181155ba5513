"""Where in the footage a moment is, by segment and offset, and of which stretches there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from controller.core.event import event_wall_us
from controller.footage.segment_name import SegmentName
from controller.store.footage import Segment

SEAM_US = 1_000_000
"""How far apart, by the wall clock, what one segment ends with and the next begins with may be."""


@dataclass(frozen=True, slots=True)
class Place:
    """offset_us: from the segment's first picture."""

    segment: Segment
    offset_us: int


def place_of(event_id: str, segments: Iterable[Segment]) -> Place | None:
    """Where among these segments an event is, by the time in its id; None if its moment was not recorded."""
    at_us = event_wall_us(event_id)
    return None if at_us is None else place_at(at_us, list(segments))


def place_at(at_us: int, segments: Sequence[Segment]) -> Place | None:
    """Where among these segments a moment is, wall time as it was believed then."""
    for segment in segments:
        if segment.start_us <= at_us < segment.end_us:
            return Place(segment, at_us - segment.start_us)
    # Of a boot in which the clock was set late: event and name of the file have the time as it was believed
    # then, while the row has been set right.
    for segment in segments:
        name = SegmentName.parse(segment.name)
        if name is not None and 0 <= at_us - name.start_us < segment.end_us - segment.start_us:
            return Place(segment, at_us - name.start_us)
    return None


def gaps(begins_us: int, ends_us: int, shown: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What of a range is not shown. shown: beginnings and ends, wall time, in any order."""
    at_us = begins_us
    for begin_us, end_us in sorted(shown):
        if begin_us - at_us > SEAM_US:
            yield at_us, begin_us
        at_us = max(at_us, end_us)
    if ends_us - at_us > SEAM_US:
        yield at_us, ends_us
