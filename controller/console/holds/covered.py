"""How much of what there is now a hold covers, due or not.

Counted up to a limit, so that a hold of everything does not make the page slow.
Never here: what of it would be destroyed without the hold (``blocked``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, and_, func, or_, select

from controller.console.holds.blocked import Journals
from controller.core.event import CONTROLLER, Event
from controller.core.hold import Category, Hold, Scope
from controller.staff.holds.fate import OWNERS
from controller.store.engine import DatabaseMissing
from controller.store.footage import FootageReader
from controller.store.journal_reader import JournalMissing
from controller.store.journal_rows import Rows
from controller.store.schema import clip as clip_table
from controller.store.schema import segment as segment_table

LOOK = 20_000
"""How many events of a journal are looked at."""


@dataclass(frozen=True, slots=True)
class Covered:
    """count: of files, or of events. more: there may be more than were counted. span_us: of footage."""

    count: int
    more: bool = False
    size_bytes: int | None = None
    span_us: int | None = None


def covered(hold: Hold, journals: Journals, footage: FootageReader) -> Covered | None:
    """None: what it is of is not counted. Raises DatabaseUnusable."""
    match hold.scope.category:
        case Category.FOOTAGE:
            return _footage(hold.scope, footage)
        case Category.ACCESS_EVENTS | Category.DEVICE_EVENTS | Category.STAFF_ACTIONS:
            return _events(hold.scope, journals)
        case _:
            return None


def _footage(scope: Scope, footage: FootageReader) -> Covered:
    segment, clip = segment_table.c, clip_table.c
    ways: list[ColumnElement[bool]] = []
    if scope.start_us < scope.end_us:
        ways.append(and_(segment.end_us > scope.start_us, segment.start_us < scope.end_us))
    if scope.event_ids:
        of_a_clip = select(clip.id).where(
            clip.event_id.in_(sorted(scope.event_ids)),
            clip.camera == segment.camera,
            clip.start_us < segment.end_us,
            clip.end_us > segment.start_us,
        )
        ways.append(of_a_clip.exists())
    if not ways:
        return Covered(0)
    query = select(
        func.count(),
        func.coalesce(func.sum(segment.size_bytes), 0),
        func.coalesce(func.sum(segment.end_us - segment.start_us), 0),
    ).where(or_(*ways))
    if scope.device is not None:
        query = query.where(segment.camera == scope.device)
    try:
        count, size, span_us = footage.read(lambda connection: connection.execute(query).one())
    except DatabaseMissing:
        return Covered(0)
    return Covered(int(count), False, int(size), int(span_us))


def _events(scope: Scope, journals: Journals) -> Covered:
    count, more = 0, False
    devices = () if scope.device is None else (scope.device, CONTROLLER)
    look = partial(_between, scope.start_us, scope.end_us, devices)
    for service in OWNERS[scope.category]:
        try:
            found, beyond = journals(service).rows(look)
            count, more = count + found, more or beyond
            if scope.event_ids:
                count += sum(_beside(scope, journals(service).find(one)) for one in scope.event_ids)
        except JournalMissing:
            continue
    return Covered(count, more)


def _between(start_us: int, end_us: int, devices: Collection[str], rows: Rows) -> tuple[int, bool]:
    return rows.count_between(start_us, end_us, devices, LOOK)


def _beside(scope: Scope, event: Event | None) -> bool:
    """Whether it is there, and not counted with the time of the hold already."""
    return event is not None and not scope.start_us <= event.stamp.wall_us < scope.end_us
