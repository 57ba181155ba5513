"""What a new hold saved, and what it came too late for.

Never here: placing it, and finding the certificates (``fate``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.hold import Category, Hold, Item, covers
from controller.settings.paths import Paths
from controller.staff.holds import fate
from controller.store.footage import FootageReader, Segment


def marked_by(hold: Hold, footage: FootageReader) -> list[Segment]:
    """What of the footage is about to be destroyed although the hold covers it.

    To be asked once the hold is written: a disposal marks first, and then reads the holds.
    """
    return [segment for segment in footage.deleting() if _covers(hold, footage, segment)]


def _covers(hold: Hold, footage: FootageReader, segment: Segment) -> bool:
    clips = footage.clips(segment.camera, segment.start_us, segment.end_us)
    events = frozenset(clip.event_id for clip in clips)
    item = Item(Category.FOOTAGE, hold.scope.site, segment.camera, segment.start_us, segment.end_us, events)
    return covers(hold, item)


@dataclass(frozen=True, slots=True)
class Came:
    """What became of files that were being destroyed when the hold came, and of what was destroyed before.

    undecided: files that nobody goes on with destroying.
    """

    hold: Hold
    saved: int
    undecided: int
    lost: int
    fate: fate.Fate


def came_to(paths: Paths, footage: FootageReader, hold: Hold, marked: Sequence[Segment]) -> Came:
    """marked: of ``marked_by``. Waits for what is under way. Raises DatabaseUnusable."""
    ids = {segment.id for segment in marked}
    deadline_s = time.monotonic() + fate.WAIT_S
    while undecided := ids & {segment.id for segment in footage.deleting()}:
        if time.monotonic() > deadline_s:
            break
        time.sleep(fate.POLL_S)
    saved = {found.id for segment in marked for found in _again(footage, segment)} & ids - undecided
    lost = len(ids) - len(saved) - len(undecided)
    found = fate.fate(paths, hold.scope, fate.WAIT_S if not undecided else 0)
    return Came(hold, len(saved), len(undecided), lost, found)


def _again(footage: FootageReader, segment: Segment) -> list[Segment]:
    return footage.segments(segment.camera, segment.start_us, segment.end_us)
