"""What a new hold is told: what it saved, and what it came too late for.

Never here: placing it, and finding the certificates (``fate``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from controller.commands.hold import fate
from controller.commands.hold.words import what

if TYPE_CHECKING:
    from controller.core.hold import Hold
    from controller.settings.paths import Paths
    from controller.store.footage import FootageReader, Segment

MOST_TOLD = 10
"""Certificates that are told one by one; --json has all."""


def marked_by(hold: Hold, footage: FootageReader) -> list[Segment]:
    """What of the footage is about to be destroyed although the hold covers it.

    To be asked once the hold is written: a disposal marks first, and then reads the holds.
    """
    return [segment for segment in footage.deleting() if _covers(hold, footage, segment)]


def _covers(hold: Hold, footage: FootageReader, segment: Segment) -> bool:
    from controller.core.hold import Category, Item, covers

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

    def lines(self, local: tzinfo) -> list[str]:
        from controller.commands import when

        hold = self.hold
        review = when.shown(hold.review_us, local)
        said = [f"hold {hold.id}: {what(hold.scope, local)}, to be reviewed by {review}"]
        if self.saved:
            said.append(f"{self.saved} segments that were about to be destroyed are saved")
        if self.undecided:
            said.append(
                f"{self.undecided} segments are marked to be destroyed and the recorder is not at it; "
                "when it starts it spares those whose files are still there"
            )
        elif self.fate.unfinished:
            said.append("a disposal has begun and not ended; whoever goes on with it spares what is held")
        if self.lost:
            said.append(f"TOO LATE for {self.lost} segments: they were due, and were being destroyed")
        for gone in self.fate.gone[:MOST_TOLD]:
            said.append(
                f"ALREADY DISPOSED: up to {gone.count} of {hold.scope.category.value} of "
                f"{when.shown(gone.from_us, local)} to {when.shown(gone.to_us, local)}, by certificate "
                f"{gone.certificate} of the {gone.service}"
            )
        if (more := len(self.fate.gone) - MOST_TOLD) > 0:
            said.append(f"and {more} more certificates; --json names them all")
        return said

    def as_json(self) -> str:
        return json.dumps(
            {
                "hold": self.hold.id,
                "category": self.hold.scope.category.value,
                "review_us": self.hold.review_us,
                "saved": self.saved,
                "undecided": self.undecided,
                "lost": self.lost,
                "already_disposed": [
                    {
                        "certificate": gone.certificate,
                        "service": gone.service,
                        "count_at_most": gone.count,
                        "from_us": gone.from_us,
                        "to_us": gone.to_us,
                    }
                    for gone in self.fate.gone
                ],
            }
        )


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
