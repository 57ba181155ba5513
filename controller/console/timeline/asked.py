"""What somebody asks the timeline for, out of a page's address: parsed, and put back into addresses. Pure.

What cannot be understood is told with the field it stands in; all else of the question counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from controller.console.events import telling
from controller.console.events.kinds import Kind
from controller.console.timeline import position as positions
from controller.console.timeline.position import Position
from controller.console.timeline.rows import day_us
from controller.core.local_time import EPOCH
from controller.settings.model import Settings
from controller.store.journal_pages import Wanted

LAST_24_H_US = 86_400_000_000
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]?([0-5]\d)", re.ASCII)
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)
Query = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """A door, a reader of one, or a camera. value: as addresses have it."""

    value: str
    text: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Asked:
    """until: seconds since 1970 UTC, to read back from. older, newer: to read back or on from.

    day and time: as they were typed. around_us: what they mean, if there is a time. lately: the last 24 h.
    """

    kinds: tuple[Kind, ...] = ()
    place: Place | None = None
    until: int | None = None
    older: Position | None = None
    newer: Position | None = None
    day: str = ""
    time: str = ""
    date: date | None = None
    around_us: int | None = None
    lately: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> Wanted:
        types = telling.types_of(self.kinds)
        return Wanted(types) if self.place is None else replace(self.place.wanted, types=types)

    @property
    def narrowed(self) -> bool:
        """Whether only some kinds are asked for, or one place."""
        return bool(self.kinds) or self.place is not None

    @property
    def begins_now(self) -> bool:
        return (self.until, self.older, self.newer, self.around_us) == (None,) * 4

    def address(self, **changed: object) -> str:
        """The query of the same question with other answers; a start that is given replaces the old one."""
        if changed.keys() & {"until", "older", "newer", "day"}:
            self = replace(self, until=None, older=None, newer=None, day="", time="")
        asked = replace(self, **changed)  # type: ignore[arg-type]
        pairs = [("kind", kind.value) for kind in asked.kinds]
        pairs += [("place", asked.place.value)] if asked.place else []
        pairs += [("last", "24h")] if asked.lately else []
        if asked.until is not None:
            pairs.append(("until", str(asked.until)))
        for name, there in (("older", asked.older), ("newer", asked.newer)):
            pairs += [(name, positions.as_text(there))] if there is not None else []
        pairs += [(name, text) for name, text in (("day", asked.day), ("time", asked.time)) if text]
        return "?" + urlencode(pairs)

    def with_kind(self, kind: Kind) -> str:
        """The address with this kind put in, or taken out."""
        kinds = {*self.kinds} ^ {kind}
        return self.address(kinds=tuple(each for each in Kind if each in kinds))


def places(settings: Settings) -> list[Place]:
    found = []
    for door in settings.doors:
        found.append(Place(f"door:{door.id}", f"Door {door.id}", Wanted(subject=door.id)))
        found += [
            Place(
                f"reader:{door.id}/{reader.id}",
                f"Reader {reader.id} of door {door.id}",
                Wanted(subject=door.id, said={"reader": reader.id}),
            )
            for reader in door.readers
        ]
    found += [
        Place(f"camera:{camera.id}", f"Camera {camera.id}", Wanted(subject=camera.id))
        for camera in settings.cameras
    ]
    return found


def parse(query: Query, known: Sequence[Place], zone: ZoneInfo, today: date) -> Asked:
    """query: each name with its values. today: the day that a time alone is of."""
    errors: dict[str, str] = {}

    def one(name: str) -> str:
        return next(iter(query.get(name, ())), "").strip()

    kinds = tuple(kind for kind in Kind if kind.value in query.get("kind", ()))
    place = next((each for each in known if each.value == one("place")), None)
    if one("place") and place is None:
        errors["place"] = "Choose a door, reader or camera from the list"
    day = _date(one("day"))
    if one("day") and day is None:
        errors["day"] = "Enter the day like 2026-11-21"
    moment = _TIME.fullmatch(one("time"))
    if one("time") and moment is None:
        errors["time"] = "Enter the time like 21:14"
    asked = Asked(
        kinds,
        place,
        until=int(one("until")) if _SECONDS.fullmatch(one("until")) else None,
        older=positions.parse(one("older")),
        newer=positions.parse(one("newer")),
        day=one("day"),
        time=one("time"),
        lately=one("last") == "24h",
        errors=errors,
    )
    if not errors and (day or moment):
        asked = _starting(asked, day or today, moment, zone)
    return asked


def _starting(asked: Asked, day: date, moment: re.Match[str] | None, zone: ZoneInfo) -> Asked:
    """At the end of the day, or around its time. Of a time that there is twice, the first."""
    if moment is None:
        return replace(asked, date=day, until=day_us(day, zone)[1] // 1_000_000)
    local = datetime.combine(day, time(int(moment[1]), int(moment[2])), zone)
    return replace(asked, date=day, around_us=(local - EPOCH) // timedelta(microseconds=1))


def _date(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
        # What no clock of ours has said; and arithmetic with days must not leave the calendar.
        return found if 2000 <= found.year <= 2200 else None
    return None
