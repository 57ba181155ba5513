"""What somebody asks to see: cameras, a time, and the need. Read from a form. Pure.

Never here: whether they may.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from controller.core.local_time import EPOCH, local_time
from controller.staff.needs import is_need

LONGEST_US = 25 * 3600 * 1_000_000
"""A day, also the one of autumn's night."""
MOST_CAMERAS = 4
"""That are shown in step."""
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?:[:.]([0-5]\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """As it was typed, or is proposed. clip: the id of the clip that is meant, if one is."""

    need: str = ""
    cameras: tuple[str, ...] = ()
    day: str = ""
    begin: str = ""
    end: str = ""
    clip: str = ""

    @classmethod
    def of(cls, typed: Mapping[str, str], cameras: Sequence[str]) -> Form:
        def text(name: str) -> str:
            return typed.get(name, "").strip()[:40]

        return cls(text("need"), tuple(cameras), text("day"), text("begin"), text("end"), text("clip"))

    @classmethod
    def proposed(
        cls, cameras: Sequence[str], begins_us: int, ends_us: int, zone: tzinfo, clip: str = ""
    ) -> Form:
        """Whole seconds around a time."""
        begin, end = local_time(begins_us, zone), local_time(ends_us + 999_999, zone)
        return cls("", tuple(cameras), f"{begin:%Y-%m-%d}", f"{begin:%H:%M:%S}", f"{end:%H:%M:%S}", clip)


@dataclass(frozen=True, slots=True)
class Asked:
    """Microseconds, wall time."""

    cameras: tuple[str, ...]
    begins_us: int
    ends_us: int


def read(
    form: Form, known: Collection[str], zone: tzinfo, now_us: int, most: int = MOST_CAMERAS
) -> tuple[Asked | None, dict[str, str]]:
    """What is asked for, or what is wrong, by field. The need is looked at as well, and told first."""
    wrong: dict[str, str] = {}
    if not is_need(form.need):
        wrong["need"] = (
            "Enter the reference of the need that was raised, such as INC-2026-014, without spaces or names"
        )
    cameras = tuple(dict.fromkeys(form.cameras))
    if not cameras or not set(cameras) <= set(known):
        wrong["camera"] = "Select a camera"
    elif len(cameras) > most:
        wrong["camera"] = "Select one camera" if most == 1 else f"Select no more than {most} cameras"
    day = _day(form.day)
    if day is None:
        wrong["day"] = "Enter the day, such as 2026-11-21"
    begin, end = _time(form.begin), _time(form.end)
    if begin is None:
        wrong["begin"] = "Enter the time at which it begins, such as 21:05"
    if end is None:
        wrong["end"] = "Enter the time at which it ends, such as 21:30"
    if wrong or day is None or begin is None or end is None:
        return None, wrong
    if begin == end:
        return None, {"end": "The end must be after the beginning"}
    last_day = day if begin < end else day + timedelta(days=1)  # over midnight
    begins_us = min(_instants(datetime.combine(day, begin), zone))
    ends_us = max(_instants(datetime.combine(last_day, end), zone))
    if begins_us >= now_us:
        return None, {"day": "Enter a time that has passed"}
    if ends_us - begins_us > LONGEST_US:
        return None, {"end": "Ask for no more than a day at a time"}
    return Asked(cameras, begins_us, min(ends_us, now_us)), {}


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def _instants(local: datetime, zone: tzinfo) -> tuple[int, int]:
    """When clocks show this: twice in the hour that autumn repeats."""
    both = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    first, second = ((one - EPOCH) // timedelta(microseconds=1) for one in both)
    return first, second
