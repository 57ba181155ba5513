"""When was footage recorded whose clock could not be believed? It is dated once the clock can be.

Within the boot it was recorded in, the time since boot tells exactly. Of an earlier boot nothing tells
more than that it is over: such a segment counts as ended now, so that it is never destroyed too young,
and is gone within the promised days of the first time anybody could know.
"""

from __future__ import annotations

from controller.core.event import Stamp
from controller.store.footage import Footage


def redate(footage: Footage, now: Stamp) -> None:
    """Date all undated segments. ``now`` must be trusted."""
    for segment in footage.undated():
        length_us = segment.end_us - segment.start_us
        if segment.boot_id == now.boot_id:
            start_us = now.wall_us - (now.mono_us - segment.start_mono_us)
        else:
            start_us = now.wall_us - length_us
        footage.redate(segment.id, start_us, start_us + length_us)
