"""What is told of the memberships: how fresh they are, where they came from, and how the library system is.

From counts of the membership service and from journals. Never here: any one member, or laying it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.console.web.branch import Branch
from controller.core.event import Event, EventType
from controller.core.states.memberships import MembershipsState
from controller.ipc.membership_commands import Counted
from controller.settings.model import Settings
from controller.store.engine import DatabaseMissing

HOUR_US = 3_600_000_000
LMS = (EventType.LMS_LOST, EventType.LMS_FOUND, EventType.LMS_UNUSABLE, EventType.LMS_PLAUSIBLE)
WHY: Mapping[str, str] = {
    "not_text": "it is not text (UTF-8)",
    "not_csv": "it is not CSV",
    "not_json": "it is not JSON Lines",
    "line_too_long": "a line is too long",
    "empty": "there are no memberships in it",
    "unknown_column": "it has a column that nobody knows",
    "missing_column": "a column is missing",
    "repeated_column": "a column is there twice",
    "bad_value": "a value is none of those that there can be",
    "repeated_card": "a card is there twice",
    "bad_name": "its name is nearly one of a feed, and not quite",
    "not_a_file": "it is no file",
    "too_large": "it is too large",
    "unsigned": "it is not signed",
    "bad_signature": "its signature does not count",
    "from_the_future": "it is from the future",
    "older": "the memberships there are are newer",
    "gap": "changes before it never came",
    "no_base": "there is nothing that it could change",
    "shrunk": "more than half of all members would be gone",
}
"""Why a file was refused, by the word in the journal (membership.feed.refusal)."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """age_h: None where there are no memberships. word: in one, believed: whether the door goes by them."""

    word: str
    believed: bool
    age_h: int | None
    limit_h: int


@dataclass(frozen=True, slots=True)
class Came:
    """The last import, or a refusal that came after it. wall_us: when. by: who handed it over, in words."""

    wall_us: int
    by: str
    members: int | None = None
    dropped: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """The library management system that is asked live. word: in a few words; since_us: when that began."""

    word: str
    works: bool | None
    since_us: int | None = None


def freshness(counted: Counted, settings: Settings, now_us: int) -> Freshness:
    limit_h = settings.membership.membership_max_age_h
    if counted.as_of_us is None:
        return Freshness("None yet", believed=False, age_h=None, limit_h=limit_h)
    age_us = now_us - counted.as_of_us
    believed = age_us <= settings.membership.max_age_us
    return Freshness("Fresh" if believed else "Too old", believed, max(0, age_us // HOUR_US), limit_h)


def last_import(branch: Branch) -> Came | None:
    """By whichever way it came. Raises DatabaseUnusable."""
    found = [
        event
        for service in ("membership", "console")
        if (event := _last(branch, service, EventType.MEMBERSHIP_IMPORTED)) is not None
    ]
    if not found:
        return None
    event = max(found, key=lambda one: one.stamp.wall_us)
    return Came(
        event.stamp.wall_us, _by(event), _number(event, "members"), _number(event, "dropped_columns") or 0
    )


def refused_since(branch: Branch, imported: Came | None) -> Came | None:
    """The last file that was refused, if nothing was imported after it. Raises DatabaseUnusable."""
    event = _last(branch, "membership", EventType.MEMBERSHIP_FEED_REFUSED)
    if event is None or (imported is not None and event.stamp.wall_us < imported.wall_us):
        return None
    return Came(event.stamp.wall_us, _by(event), why=", ".join(_why(event)))


def system(branch: Branch) -> System | None:
    """None where none is asked. Raises DatabaseUnusable."""
    if branch.settings.lms is None:
        return None
    event = _last(branch, "membership", *LMS)
    if event is None:
        return System("Not known yet", None)
    state = MembershipsState().after(event)
    match state.lms:
        case "answers":
            return System("Answers", True, event.stamp.wall_us)
        case "lost":
            reason = f" ({state.reason.replace('_', ' ')})" if state.reason else ""
            return System(f"Does not answer{reason}", False, event.stamp.wall_us)
        case _:
            return System("Its answers are not believed", False, event.stamp.wall_us)


def _last(branch: Branch, service: str, *types: EventType) -> Event | None:
    try:
        return branch.journal(service).last(*types)
    except DatabaseMissing:
        return None


def _by(event: Event) -> str:
    data = event.data
    if data.get("staff"):
        return f"{data['staff']}, on these pages"
    if "file" in data:
        return "the feed"
    return "the command line"


def _why(event: Event) -> Iterator[str]:
    data = event.data
    if isinstance(data.get("line"), int):
        yield f"line {data['line']}"
    if data.get("column"):
        yield f"column {data['column']}"
    reason = str(data.get("reason", ""))
    yield WHY.get(reason, reason.replace("_", " "))


def _number(event: Event, name: str) -> int | None:
    value = event.data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
