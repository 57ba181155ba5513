"""What keeps things from being destroyed although they are due: holds and restrictions, alike.

Here: which of them protect a thing at a moment, and what an event of a journal is as such a thing. Whoever
destroys reads all protections afresh (``keeping.known_holds``), inside the transaction that destroys.
Never here: what is due (``core.retention``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from controller.core import hold as holds
from controller.core.event import CONTROLLER, UUID7, Event
from controller.core.hold import Category, Hold, Item
from controller.core.restriction import Restriction

Protection = Hold | Restriction


def covers(protection: Protection, item: Item) -> bool:
    """Whether the item is meant by it, in force or not. A restriction is of its events, in any category."""
    if isinstance(protection, Hold):
        return holds.covers(protection, item)
    return not protection.event_ids.isdisjoint(item.event_ids)


def protects(protection: Protection, now_us: int) -> bool:
    """Whether what it covers may not be destroyed now. After a hold there is a week of cooling off."""
    if isinstance(protection, Hold):
        return holds.protects(protection, now_us)
    return protection.in_force


def in_force(protections: Iterable[Protection], now_us: int) -> list[Protection]:
    """Those that protect now. Where there are none, no item needs to be asked about."""
    return [one for one in protections if protects(one, now_us)]


def protecting(item: Item, protections: Iterable[Protection], now_us: int) -> tuple[str, ...]:
    """The ids of what keeps the item from being destroyed now; none: it may go if it is due."""
    return tuple(one.id for one in protections if protects(one, now_us) and covers(one, item))


def event_ids(protections: Iterable[Protection]) -> frozenset[str]:
    """All that are named, in force or not."""
    return frozenset(
        event_id
        for one in protections
        for event_id in (one.scope.event_ids if isinstance(one, Hold) else one.event_ids)
    )


def tied(event: Event) -> frozenset[str]:
    """The event's own id and those that its data names: an outcome is tied to the grant it is of."""
    named = (value for value in event.data.values() if isinstance(value, str))
    return frozenset((event.id, *(value for value in named if UUID7.fullmatch(value))))


def item_of(
    event: Event,
    category: Category,
    site: str,
    *,
    not_before_us: int = 0,
    not_after_us: int | None = None,
) -> Item:
    """An event of a journal as something that can be held. Its subject is the device, unless it is of all.

    Where its clock was not trusted, it happened at some time from ``not_before_us`` (the last trusted event
    before it) to ``not_after_us`` (the next trusted one), and a hold of any of that time covers it. Without
    those, a hold of any time does.
    """
    if event.stamp.clock_trusted:
        start_us = event.stamp.wall_us
        end_us = start_us + 1
    else:
        start_us = not_before_us
        end_us = max(start_us, END_OF_TIME_US if not_after_us is None else not_after_us) + 1
    device = None if event.subject == CONTROLLER else event.subject
    return Item(category, site, device, start_us, end_us, tied(event))


END_OF_TIME_US = 2**62
"""Later than any clock will say."""


def hidden_ids(protections: Sequence[Protection]) -> frozenset[str]:
    """The events that are restricted now: neither they nor what is tied to them may be shown or sent."""
    found = (one for one in protections if isinstance(one, Restriction) and one.in_force)
    return frozenset(event_id for one in found for event_id in one.event_ids)


def hidden(event: Event, ids: frozenset[str]) -> bool:
    """Whether this event may not be shown. ids: of ``hidden_ids``."""
    return bool(ids) and not ids.isdisjoint(tied(event))
