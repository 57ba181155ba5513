"""What stops the destroying of things that are due: holds, the time after them, and restrictions.

Never here: who may place or end one. What is stopped, and why, does not depend on whether it was placed
before or after the thing was due.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from controller.core.hold import DAY_US, Hold, Item, covers
from controller.core.retention.due import Conventions, Due, from_moment


@dataclass(frozen=True, slots=True)
class Stopped:
    """Due or not, it is not destroyed: by holds that are not ended, or because it is restricted."""

    hold_ids: frozenset[str]
    restricted: bool


def with_holds(
    answer: Due,
    item: Item,
    holds: Iterable[Hold],
    conventions: Conventions,
    *,
    restricted: bool = False,
    cooling_off_us: int = 7 * DAY_US,
) -> Due | Stopped:
    """The same once holds and a restriction have been looked at, placed before or after it was due.

    After the last hold's end it is due at the later of its own date and the end of the cooling-off.
    """
    covering = [hold for hold in holds if covers(hold, item)]
    open_ids = frozenset(hold.id for hold in covering if hold.ended_us is None)
    if open_ids or restricted:
        return Stopped(open_ids, restricted)
    released = [hold.ended_us + cooling_off_us for hold in covering if hold.ended_us is not None]
    due_us = max([answer.due_us, *released])
    if due_us == answer.due_us:
        return answer
    gone_by_us = None if answer.gone_by_us is None else max(answer.gone_by_us, due_us)
    return replace(from_moment(due_us, conventions), then=answer.then, gone_by_us=gone_by_us)
