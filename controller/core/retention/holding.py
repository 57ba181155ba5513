"""From when a thing that is due may be destroyed, in view of the holds and restrictions that cover it.

``protection`` says what protects at a moment; this says until when, so that it can be told beforehand. It
makes no difference whether something was placed before or after the thing was due.
Never here: who may place or end one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from controller.core.hold import DAY_US, Hold, Item
from controller.core.protection import Protection, covers
from controller.core.retention.due import Conventions, Due, from_moment


@dataclass(frozen=True, slots=True)
class Stopped:
    """Due or not, it is not destroyed as long as one of these is in force: ids of holds and restrictions."""

    by: frozenset[str]


def with_holds(
    answer: Due, item: Item, protections: Iterable[Protection], conventions: Conventions
) -> Due | Stopped:
    """After the last hold's end it is due at the later of its own date and the end of the cooling-off."""
    stopped_by, due_us = set[str](), answer.due_us
    for one in protections:
        if not covers(one, item):
            continue
        if isinstance(one, Hold) and one.ended_us is not None:
            due_us = max(due_us, one.ended_us + one.cooling_off_days * DAY_US)
        elif isinstance(one, Hold) or one.in_force:
            stopped_by.add(one.id)
    if stopped_by:
        return Stopped(frozenset(stopped_by))
    if due_us == answer.due_us:
        return answer
    gone_by_us = None if answer.gone_by_us is None else max(answer.gone_by_us, due_us)
    return replace(from_moment(due_us, conventions), then=answer.then, gone_by_us=gone_by_us)
