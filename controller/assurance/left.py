"""What is still there and should not be, or of which nobody knows since when, counted afresh.

Never here: what that means for a promise (``categories``).
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select

from controller.assurance.sources import Sources
from controller.core import protection
from controller.core.event import EventType
from controller.core.hold import DAY_US, Category, Hold, Item
from controller.store.engine import DatabaseMissing
from controller.store.footage_rows import Segment, segment_of
from controller.store.journal_rows import Rows
from controller.store.schema import segment as segment_table

SWEPT_WITHIN_US = 2 * 3_600_000_000
"""What is due is destroyed within the hour; what is there after two is overdue."""
UNDATED = "the clock was believed and in the future, or was not believed and has not been since"


def undated(now_us: int, rows: Rows) -> int:
    """How many events will not fall due when they should: no believed clock tells when they happened."""
    return rows.count_after(now_us + DAY_US) + rows.count_untrusted_end()


def footage_left(sources: Sources, days: int) -> str:
    """What should have been destroyed by the branch's own figure, or nobody knows the age of."""
    now_us, segment = sources.now.wall_us, segment_table.c
    due = segment.end_us < now_us - days * DAY_US - SWEPT_WITHIN_US
    in_future = segment.start_us > now_us + DAY_US
    found = sources.footage.read(
        lambda connection: [
            segment_of(row)
            for row in connection.execute(
                select(segment_table).where(due | in_future | (segment.clock_trusted == 0))
            )
        ]
    )
    left = sum(not protected(sources, one) for one in found)
    if not left:
        return ""
    return f"{left:,} files are due, or of a time that nobody knows, and still there: does the recorder run?"


def protected(sources: Sources, segment: Segment) -> bool:
    clips = sources.footage.clips(segment.camera, segment.start_us, segment.end_us)
    item = Item(
        Category.FOOTAGE,
        sources.settings.branch.branch,
        segment.camera,
        segment.start_us,
        segment.end_us,
        frozenset(clip.event_id for clip in clips),
    )
    return bool(protection.protecting(item, sources.protections or (), sources.now.wall_us))


def superseded(sources: Sources) -> int:
    """Memberships of sets that no longer count, unless the one that does is too new for them to be gone."""
    for service in ("console", "membership"):  # by hand, or of a feed
        with suppress(DatabaseMissing):
            imported = sources.journals[service].last(EventType.MEMBERSHIP_IMPORTED)
            if imported and imported.stamp.wall_us > sources.now.wall_us - SWEPT_WITHIN_US:
                return 0
    return sources.members.superseded()


def holds_in_force(sources: Sources) -> list[Hold]:
    in_force = protection.in_force(sources.protections or (), sources.now.wall_us)
    return [one for one in in_force if isinstance(one, Hold)]
