"""What of the footage holds and restrictions protect, as they are at one moment.

One by event protects the event's clips. Of a held event without a clip, the time in its id tells: clips
are lost with footage.db, and come back later or not at all. A restriction, which may last for years, protects
clips alone.
Never here: reading them (``keeping.known_holds``), and what they mean (``core.protection``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from controller.core.event import event_wall_us
from controller.core.hold import Category, Hold, Item
from controller.core.protection import Protection, event_ids, protecting
from controller.core.retention import footage as retention
from controller.core.retention.footage import FootageRule, Verdict
from controller.store.footage import Clip, Footage, Segment

NEAR_EVENT_US = 600_000_000
"""A held event without a clip protects what was recorded this long before and after it: more than a clip."""


@dataclass(frozen=True, slots=True)
class Held:
    """Good for one batch: a hold may come at any moment. holds: and restrictions. site: the branch."""

    holds: Sequence[Protection]
    site: str
    _clips: Sequence[Clip]
    _without_clip: Sequence[tuple[str, int]]

    @classmethod
    def look_up(cls, holds: Sequence[Protection], site: str, footage: Footage) -> Self:
        """Raises DatabaseUnusable."""
        events = event_ids(holds)
        clips = footage.clips_of(events) if events else []
        held = event_ids(one for one in holds if isinstance(one, Hold))
        times = {one: event_wall_us(one) for one in held - {clip.event_id for clip in clips}}
        return cls(holds, site, clips, [(one, us) for one, us in times.items() if us is not None])

    def verdict(self, segment: Segment, rule: FootageRule, now_us: int) -> Verdict:
        return retention.verdict(self._item(segment), rule, self.holds, now_us)

    def keepers(self, segment: Segment, now_us: int) -> tuple[str, ...]:
        """The ids of the holds and restrictions that keep it from being destroyed now."""
        return protecting(self._item(segment), self.holds, now_us)

    def _item(self, segment: Segment) -> Item:
        start_us, end_us = segment.start_us, segment.end_us
        events = {
            clip.event_id
            for clip in self._clips
            if clip.camera == segment.camera and clip.start_us < end_us and clip.end_us > start_us
        }
        events.update(
            one
            for one, wall_us in self._without_clip
            if start_us - NEAR_EVENT_US <= wall_us < end_us + NEAR_EVENT_US
        )
        return Item(Category.FOOTAGE, self.site, segment.camera, start_us, end_us, frozenset(events))
