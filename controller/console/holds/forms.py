"""What is typed into the forms of these pages, and what is wrong with it, field by field.

Never here: requests and pages, and what an act itself refuses (``controller.staff``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Protocol, Self

from controller.console.web.typed_time import NotATime, TypedTime
from controller.core.hold import DAY_US, REVIEW_WITHIN_US, Category
from controller.staff.holds.placing import LONGEST_REASON, LONGEST_REFERENCE, Field, Wanted

MOST_DAYS = REVIEW_WITHIN_US // DAY_US
ALL_DEVICES = ""
MINUTE_US = 60_000_000
SECOND_US = 1_000_000
MOST_EVENTS = 1_000
"""In one form: each is looked for in every journal."""


class Sent(Protocol):
    """A form as it came: ``django.http.QueryDict``."""

    def get(self, name: str, default: str, /) -> str: ...

    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """id: of the field on the page, without the #."""

    id: str
    text: str


class Faulty(Exception):
    """The faults, in the order of the page."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(one.text for one in faults))
        self.faults = faults


FIELD_IDS: Mapping[Field, str] = {
    Field.AUTHORITY: "authority",
    Field.REFERENCE: "reference",
    Field.CATEGORIES: "categories",
    Field.TIMES: "from-day",
    Field.DEVICE: "device",
    Field.EVENTS: "events",
    Field.REVIEW: "review-days",
}
"""Where on the page each thing is typed."""


@dataclass(frozen=True, slots=True)
class HoldForm:
    """As it was typed, or filled in."""

    authority: str = ""
    reference: str = ""
    categories: tuple[str, ...] = (Category.FOOTAGE.value, Category.ACCESS_EVENTS.value)
    start: TypedTime = field(default_factory=TypedTime)
    end: TypedTime = field(default_factory=TypedTime)
    device: str = ALL_DEVICES
    events: str = ""
    review_days: str = ""

    @classmethod
    def sent(cls, form: Sent) -> Self:
        return cls(
            text(form, "authority"),
            text(form, "reference"),
            tuple(form.getlist("categories")),
            TypedTime.sent(_texts(form), "from"),
            TypedTime.sent(_texts(form), "to"),
            text(form, "device"),
            text(form, "events"),
            text(form, "review-days"),
        )

    @classmethod
    def filled_in(cls, asked: Sent, zone: tzinfo, now_us: int) -> Self:
        """From an address: what whoever made the link knows. Where it says neither a time nor an event: of
        today, up to now.
        """
        start_us, end_us = _number(asked, "from_us"), _number(asked, "to_us")
        events = asked.getlist("event")
        start = TypedTime.of(start_us, zone) if start_us else TypedTime()
        end = TypedTime.of(-(-end_us // SECOND_US) * SECOND_US, zone) if end_us else TypedTime()
        if not (start_us or end_us or events):
            end = TypedTime.of(now_us - now_us % MINUTE_US + MINUTE_US, zone)
            start = replace(end, time="")
        return cls(
            categories=tuple(asked.getlist("category")) or cls().categories,
            start=start,
            end=end,
            device=text(asked, "device"),
            events="\n".join(events),
        )

    def wanted(self, zone: tzinfo, review_days: int) -> Wanted:
        """review_days: where none were typed. Raises Faulty."""
        faults: list[Fault] = []
        for id, value in (("authority", self.authority), ("reference", self.reference)):
            if not value:
                faults.append(Fault(id, f"Enter the {id}"))
            elif len(value) > LONGEST_REFERENCE:
                faults.append(Fault(id, f"The {id} must be {LONGEST_REFERENCE} characters or fewer"))
        known = {category.value: category for category in Category}
        if not self.categories or not set(self.categories) <= set(known):
            faults.append(Fault("categories", "Choose what is held"))
        start_us = end_us = 0
        events = event_ids(self.events, faults)
        if not (events and self.start.empty and self.end.empty):
            start_us = _moment(self.start, "from", zone, faults)
            end_us = _moment(self.end, "to", zone, faults, latest=True)
            if start_us >= end_us and not any(one.id.startswith(("from-", "to-")) for one in faults):
                faults.append(Fault("to-day", "The time of the hold must end after it starts"))
        days = _days(self.review_days, review_days, faults)
        if faults:
            raise Faulty(faults)
        return Wanted(
            self.authority,
            self.reference,
            [known[one] for one in self.categories],
            self.device or None,
            start_us,
            end_us,
            events,
            days,
        )


def text(form: Sent, name: str) -> str:
    """In one line, without what cannot be printed."""
    found = " ".join(form.get(name, "").split())
    return "".join(letter for letter in found if letter.isprintable())


def event_ids(typed: str, faults: list[Fault]) -> frozenset[str]:
    """In small letters, however they were set apart."""
    found = frozenset(typed.lower().replace(",", " ").split())
    if len(found) > MOST_EVENTS:
        faults.append(Fault("events", f"Enter {MOST_EVENTS:,} events or fewer, and the others separately"))
    return found


def reason(form: Sent) -> str:
    """Raises Faulty."""
    found = text(form, "reason")
    if not found:
        raise Faulty([Fault("reason", "Enter a reason")])
    if len(found) > LONGEST_REASON:
        raise Faulty([Fault("reason", f"The reason must be {LONGEST_REASON} characters or fewer")])
    return found


def days(form: Sent, otherwise: int) -> int:
    """Until a review. Raises Faulty."""
    faults: list[Fault] = []
    found = _days(text(form, "review-days"), otherwise, faults)
    if faults:
        raise Faulty(faults)
    return found


def _days(typed: str, otherwise: int, faults: list[Fault]) -> int:
    if not typed:
        return otherwise
    if typed.isascii() and typed.isdecimal() and len(typed) < 4 and 1 <= int(typed) <= MOST_DAYS:
        return int(typed)
    faults.append(Fault("review-days", f"The days until the review must be a number from 1 to {MOST_DAYS}"))
    return otherwise


def _moment(typed: TypedTime, prefix: str, zone: tzinfo, faults: list[Fault], *, latest: bool = False) -> int:
    try:
        return typed.wall_us(zone, latest=latest)
    except NotATime as error:
        which = "start" if prefix == "from" else "end"
        faults.append(Fault(f"{prefix}-{error.part}", f"The {which}: {error}"))
        return 0


def _texts(form: Sent) -> Mapping[str, str]:
    parts = (f"{prefix}-{part}" for prefix in ("from", "to") for part in ("day", "month", "year", "time"))
    return {name: text(form, name) for name in parts}


def _number(form: Sent, name: str) -> int:
    typed = text(form, name)
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 18 else 0
