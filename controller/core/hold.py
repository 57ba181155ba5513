"""Legal holds: what must not be destroyed, although it is due.

Here: what a hold covers and for how long it protects. Never here: who may place or end one, where holds are
kept, or what else protects (``protection``). A hold protects from the moment it is written, however late:
whether it came too late for something is for whoever destroys to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DAY_US = 24 * 60 * 60 * 1_000_000
COOLING_OFF_DAYS = 7
"""After the end of a hold nothing it covered is destroyed for a week: an end can be a mistake."""
REVIEW_WITHIN_US = 90 * DAY_US
"""Somebody looks again at every hold within this."""


class Category(StrEnum):
    """The kinds of things that this controller keeps and that fall due.

    access_events: what the door's journal tells. device_events: the recorder's, the membership service's and
    the uplink's. staff_actions: the console's, which tells who looked at what. memberships: what the library
    management system said of members. registers: holds and restrictions that are over.
    """

    FOOTAGE = "footage"
    ACCESS_EVENTS = "access_events"
    DEVICE_EVENTS = "device_events"
    STAFF_ACTIONS = "staff_actions"
    MEMBERSHIPS = "memberships"
    REGISTERS = "registers"


OF_JOURNAL: Mapping[str, Category] = {
    "door": Category.ACCESS_EVENTS,
    "recorder": Category.DEVICE_EVENTS,
    "membership": Category.DEVICE_EVENTS,
    "uplink": Category.DEVICE_EVENTS,
    "console": Category.STAFF_ACTIONS,
}
"""Of what the journal of each service tells."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is held: things of a category at a site, of one device (a camera, a door) or (None) of all.

    Of these, whatever overlaps the time from ``start_us`` to before ``end_us``, and whatever is tied to
    one of the events. A hold by event alone has start_us == end_us.
    """

    category: Category
    site: str
    device: str | None
    start_us: int
    end_us: int
    event_ids: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.start_us > self.end_us:
            raise ValueError("the time of a hold ends before it starts")


@dataclass(frozen=True, slots=True)
class Hold:
    """authority: who asked. reference: their case. Times in microseconds since 1970 UTC.

    placed_by, reviewed_by, ended_by: accounts; placed_by None where it is not known. review_us: when it is to
    be looked at again, after its placing or the last review. ended_us, ended_by and end_reason come together,
    when somebody ends it; cooling_off_days: how long it protects after that, as the profile had it then.
    """

    id: str
    authority: str
    reference: str
    scope: Scope
    placed_us: int
    review_us: int
    ended_us: int | None = None
    end_reason: str | None = None
    placed_by: str | None = None
    reviewed_us: int | None = None
    reviewed_by: str | None = None
    ended_by: str | None = None
    cooling_off_days: int = COOLING_OFF_DAYS

    def __post_init__(self) -> None:
        seen_us = self.placed_us if self.reviewed_us is None else self.reviewed_us
        if not seen_us <= self.review_us <= seen_us + REVIEW_WITHIN_US:
            raise ValueError("the review of a hold is due within 90 days of its placing or its last review")
        if (self.reviewed_us is None) != (self.reviewed_by is None):
            raise ValueError("a hold is reviewed at a time and by somebody, or not at all")
        if (self.ended_us is None) != (self.end_reason is None):
            raise ValueError("a hold ends with a time and a reason, or not at all")

    @property
    def protected_until_us(self) -> int | None:
        """Until when what it covers is protected; None while nobody has ended it."""
        return None if self.ended_us is None else self.ended_us + self.cooling_off_days * DAY_US


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can fall due: from ``start_us`` to before ``end_us``, tied to these events.

    device: None for what is of no single one, such as a fire; a hold of any device covers that.
    """

    category: Category
    site: str
    device: str | None
    start_us: int
    end_us: int
    event_ids: frozenset[str] = frozenset()


def covers(hold: Hold, item: Item) -> bool:
    """Whether the item is in the hold's scope, ended or not."""
    scope = hold.scope
    if (scope.category, scope.site) != (item.category, item.site):
        return False
    if None not in (scope.device, item.device) and scope.device != item.device:
        return False
    # Something without length still happened at a moment.
    item_end_us = max(item.end_us, item.start_us + 1)
    overlaps = max(scope.start_us, item.start_us) < min(scope.end_us, item_end_us)
    return overlaps or not scope.event_ids.isdisjoint(item.event_ids)


def protects(hold: Hold, now_us: int) -> bool:
    """Whether what it covers may not be destroyed: until it is ended, and while it cools off."""
    return hold.protected_until_us is None or now_us < hold.protected_until_us
