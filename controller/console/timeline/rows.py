"""The lines of a stretch as a page has them: by local day, and what repeats itself in one row. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from controller.console.events import telling
from controller.console.events.kinds import Kind, Mark
from controller.console.events.saying import many, word
from controller.console.timeline.span import Line
from controller.core.event import CONTROLLER, EventType
from controller.core.local_time import EPOCH, local_date

FOLDED_FROM = 3
"""So many alike, one after the other, are one row."""

NO_PLACES = (CONTROLLER, "staff", "members", "identities", "broker", "lms")
"""What events are about that is neither a door nor a camera."""

_PULSE = {
    EventType.DOOR_UNLOCKED: "unlocked",
    EventType.DOOR_OPENED: "opened",
    EventType.DOOR_CLOSED: "closed",
    EventType.DOOR_LOCKED: "locked",
    EventType.DOOR_UNUSED: "not used",
}
_MOTION = (EventType.MOTION_STARTED, EventType.MOTION_ENDED)
_SAME = ("reader", "reason", "fault", "cause", "device", "command")
"""What, said alike, makes two events of a type alike."""


@dataclass(frozen=True, slots=True)
class Row:
    """service and seq name the event in its journal. place: where; empty if at no single place."""

    id: str
    service: str
    at_us: int
    clock_trusted: bool
    kind: Kind
    mark: Mark
    place: str
    said: str


@dataclass(frozen=True, slots=True)
class Group:
    """One row, or several alike. said: of all. from_us, to_us: of the first and the last of them."""

    rows: Sequence[Row]
    said: str
    from_us: int
    to_us: int

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def folded(self) -> bool:
        return len(self.rows) > 1


@dataclass(frozen=True, slots=True)
class Day:
    """A local day, newest first. hours: how many it has, 24 but for two days of the year."""

    start_us: int
    hours: int
    groups: Sequence[Group]


def row(line: Line) -> Row:
    event = line.event
    place = "" if event.subject in (*NO_PLACES, line.service) else event.subject
    return Row(
        event.id,
        line.service,
        line.at_us,
        event.stamp.clock_trusted,
        telling.kind(event),
        telling.mark(event),
        place,
        telling.sentence(event),
    )


def days(lines: Iterable[Line], zone: ZoneInfo) -> Iterator[Day]:
    """lines: newest first."""
    for day, of_day in groupby(lines, key=lambda line: local_date(line.at_us, zone)):
        start_us, end_us = day_us(day, zone)
        yield Day(start_us, round((end_us - start_us) / 3_600_000_000), [*_groups(of_day)])


def day_us(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Its first instant, and that of the day after."""
    start, end = (
        (datetime.combine(day + timedelta(days=n), time(), zone) - EPOCH) // timedelta(microseconds=1)
        for n in (0, 1)
    )
    return start, end


def _groups(lines: Iterable[Line]) -> Iterator[Group]:
    for family, run in groupby(lines, key=_family):
        alike = [*run]
        if len(alike) < FOLDED_FROM or family[0] == Kind.ALARM:
            for line in alike:
                one = row(line)
                yield Group([one], one.said, one.at_us, one.at_us)
        else:
            yield Group([row(line) for line in alike], _all(family, alike), alike[-1].at_us, alike[0].at_us)


def _family(line: Line) -> tuple[str, ...]:
    """What two neighbours have in common to be alike."""
    event = line.event
    if event.type in _PULSE:
        return "pulse", event.subject
    if event.type in _MOTION:
        return "motion", event.subject
    if event.type is EventType.CLIP_RECORDED:
        return ("clip",)
    return telling.kind(event).value, event.type, event.subject, *(word(event, name) for name in _SAME)


def _all(family: tuple[str, ...], alike: Sequence[Line]) -> str:
    match family[0]:
        case "pulse":
            return ", ".join(_PULSE[line.event.type] for line in reversed(alike)).capitalize()
        case "motion":
            began = sum(line.event.type is EventType.MOTION_STARTED for line in alike)
            return f"Something moved, {many(max(began, 1), 'time')}"
        case "clip":
            return f"{len(alike)} clips were recorded"
        case _:
            return f"{telling.sentence(alike[0].event)}, {many(len(alike), 'time')}"
