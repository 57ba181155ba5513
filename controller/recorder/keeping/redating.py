"""When was footage recorded whose clock could not be believed? It is dated once the clock can be.

Within the boot it was recorded in, the time since boot tells exactly. Of an earlier boot nothing tells
more than that it is over: the last of its segments counts as ended now and the others as long before as
they were, so that none is destroyed too young, and all are gone within the promised days of the first time
anybody could know.
"""

from __future__ import annotations

from controller.core.event import Stamp
from controller.core.hold import DAY_US
from controller.store.footage import Footage, Segment


def redate(footage: Footage, now: Stamp) -> None:
    """Date all undated segments. ``now`` must be trusted."""
    undated = footage.undated()
    ended_mono_us = {now.boot_id: now.mono_us}
    for segment in undated:
        if segment.boot_id != now.boot_id:
            ended_mono_us[segment.boot_id] = max(ended_mono_us.get(segment.boot_id, 0), _end_mono_us(segment))
    footage.redate([(one, now.wall_us - (ended_mono_us[one.boot_id] - one.start_mono_us)) for one in undated])


def set_right(footage: Footage, now: Stamp) -> None:
    """Date this boot's segments anew that were recorded while a clock that was believed was days off."""
    boot_wall_us = now.wall_us - now.mono_us
    wrong = footage.misdated(now.boot_id, boot_wall_us, DAY_US)
    footage.redate([(one, boot_wall_us + one.start_mono_us) for one in wrong])


def _end_mono_us(segment: Segment) -> int:
    return segment.start_mono_us + segment.end_us - segment.start_us
