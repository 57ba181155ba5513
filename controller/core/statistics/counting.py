"""From events of the doors to counts: cards let in, refusals, and how many were inside.

A grant counts as a visit unless it came to nothing: the journal says that it was not carried out, or that
nobody opened the door after it. Where a door has no contact nobody can say the latter. Whoever follows
another through the door, or comes in staffed hours, is not counted: no card says so.

Never here: what may be told of the counts (``disclosure``), and which events may be looked at at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import NamedTuple

from controller.core.event import Event, EventType
from controller.core.local_time import local_time

COUNTED = (
    EventType.ACCESS_GRANTED,
    EventType.ACCESS_REFUSED,
    EventType.ACCESS_OUTCOME,
    EventType.DOOR_OPENED,
    EventType.DOOR_UNUSED,
    EventType.OCCUPANCY_CHANGED,
    EventType.SERVICE_STARTED,
    EventType.SERVICE_STOPPED,
)
"""The types of events that are looked at."""
QUARTER_US = 15 * 60 * 1_000_000
"""Every hour of every zone on Earth begins with one of these."""
WAITING = 50
"""So many grants of a door may come to nothing. Where there is no contact, nobody says that one did not."""


class Hour(NamedTuple):
    """weekday: 0 is Monday. hour: 0 to 23 by the branch's clock, which shows one twice in autumn."""

    weekday: int
    hour: int


@dataclass(frozen=True, slots=True)
class Counts:
    """refusals: by reason, as the journal has it. inside: the most people at once, as published."""

    visits: Counter[Hour] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    inside: dict[Hour, int] = field(default_factory=dict)


def count(
    events: Iterable[Event], zone: tzinfo, end_us: int, *, leaving: frozenset[tuple[str, str]]
) -> Counts:
    """Of the door service's events of a period, in the order of its journal, whose clock was trusted.

    end_us: of the period. leaving: the readers (door, reader) at which people leave.
    """
    counting = _Counting(zone, leaving)
    for event in events:
        counting.happened(event)
    counting.ended(end_us)
    return counting.counts


class _Counting:
    def __init__(self, zone: tzinfo, leaving: frozenset[tuple[str, str]]) -> None:
        self.counts = Counts()
        self._zone = zone
        self._leaving = leaving
        self._waiting: dict[str, dict[str, Hour]] = {}
        """By door, the grants that nobody was seen to use yet, in their order."""
        self._inside: tuple[int, int] | None = None
        """Since when so many are inside; None while nothing is known."""
        self._last_us = 0
        self._hours: dict[int, Hour] = {}
        """By the number of the quarter of an hour since 1970."""

    def happened(self, event: Event) -> None:
        now_us, door = event.stamp.wall_us, event.subject
        match event.type:
            case EventType.ACCESS_GRANTED if (door, event.data.get("reader")) not in self._leaving:
                hour = self._hour(now_us)
                self.counts.visits[hour] += 1
                waiting = self._waiting.setdefault(door, {})
                waiting[event.id] = hour
                if len(waiting) > WAITING:
                    del waiting[next(iter(waiting))]
            case EventType.ACCESS_REFUSED:
                self.counts.refusals[str(event.data.get("reason", ""))] += 1
            case EventType.ACCESS_OUTCOME if event.data.get("done") == "refused" and "grant" in event.data:
                self.counts.refusals[str(event.data.get("reason", ""))] += 1
                self._took_back(door, str(event.data["grant"]))
            case EventType.DOOR_OPENED:
                self._waiting.pop(door, None)
            case EventType.DOOR_UNUSED:
                for grant in list(self._waiting.get(door, ())):
                    self._took_back(door, grant)
            case EventType.OCCUPANCY_CHANGED:
                people = event.data.get("people")
                self._were_inside(now_us)
                self._inside = (now_us, people) if isinstance(people, int) else None
            case EventType.SERVICE_STOPPED:
                self._were_inside(now_us)
                self._inside = None
            case EventType.SERVICE_STARTED:  # if it was not stopped, nobody knows what it would have said
                self._were_inside(self._last_us)
                self._inside = None
            case _:
                pass
        self._last_us = max(self._last_us, now_us)

    def ended(self, end_us: int) -> None:
        self._were_inside(end_us)

    def _took_back(self, door: str, grant: str) -> None:
        hour = self._waiting.get(door, {}).pop(grant, None)
        if hour is not None:
            self.counts.visits[hour] -= 1

    def _were_inside(self, until_us: int) -> None:
        if self._inside is None:
            return
        at_us, people = self._inside
        while at_us < until_us:
            hour = self._hour(at_us)
            self.counts.inside[hour] = max(people, self.counts.inside.get(hour, 0))
            at_us = (at_us // QUARTER_US + 1) * QUARTER_US

    def _hour(self, wall_us: int) -> Hour:
        quarter = wall_us // QUARTER_US
        if quarter not in self._hours:  # a month has three thousand of them
            local = local_time(wall_us, self._zone)
            self._hours[quarter] = Hour(local.weekday(), local.hour)
        return self._hours[quarter]
