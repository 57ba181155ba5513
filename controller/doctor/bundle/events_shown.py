"""What journals tell of the machine and its parts: how many events of each type, and the last that are about
devices and services, with those of their data that are numbers, switches and words of ours.

Who came, went, was refused, looked at or named, and when, is in none of it but the totals. Never here:
reading sealed boxes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from controller.core.event import CONTROLLER, Event, EventType, JsonValue
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS
from controller.store.journal_reader import JournalReader
from controller.store.reader import Reader
from controller.store.schema import event as event_table

LAST = 200
"""So many events of a journal at most."""
NOUNS = frozenset(
    {
        "service", "journal", "lock", "tamper", "power", "reader", "output", "clock", "camera", "recording",
        "storage", "disposal", "retention", "lms", "policy", "notice", "uplink", "certificate", "backup",
    }
)  # fmt: skip
"""Of events that are about things: the part of their type before the dot."""
OTHERS = frozenset(
    {
        EventType.DOOR_FAULT,
        EventType.MEMBERSHIP_IMPORTED,
        EventType.MEMBERSHIP_FEED_REFUSED,
        EventType.MEMBERSHIP_STALE,
        EventType.MEMBERSHIP_FRESH,
    }
)
NOT_THESE = frozenset(
    {EventType.CAMERA_PICTURE_TAKEN, EventType.CAMERA_REFERENCE_ASKED, EventType.JOURNAL_VERIFIED}
)
"""Somebody did them."""
ABOUT_THINGS = frozenset(
    type for type in EventType if type.value.partition(".")[0] in NOUNS or type in OTHERS
).difference(NOT_THESE)

KEYS = frozenset(
    {
        "device", "reader", "fault", "reason", "reasons", "cause", "category", "count", "days", "days_left",
        "certificate", "service", "status", "members", "lost_events", "removed", "places", "free_mb", "why",
    }
)  # fmt: skip
"""Of an event's data."""
WORD = re.compile(r"[a-z]+(_[a-z]+)*")
LARGEST = 10**8
"""A larger number may be a card's, or a moment."""


def totals(connection: Connection) -> dict[str, int]:
    """How many events of each type a journal has."""
    query = select(event_table.c.type, func.count()).group_by(event_table.c.type).order_by(event_table.c.type)
    known = {type.value for type in EventType}
    return {type: count for type, count in connection.execute(query) if type in known}


def counted(reader: Reader) -> dict[str, int]:
    """Raises DatabaseUnusable."""
    return reader.read(totals)


def last(reader: JournalReader, settings: Settings | None) -> Iterator[str]:
    """A line for each of the last events about things. Raises DatabaseUnusable."""
    names = names_of(settings)
    end = reader.last_seq()
    # Among so many there are enough of them; a journal with fewer is read whole.
    found = [
        event
        for event in reader.read(max(0, end - 50 * LAST), limit=50 * LAST, types=ABOUT_THINGS)
        if event.subject in names
    ]
    for event in found[-LAST:]:
        yield line(event, names)


def names_of(settings: Settings | None) -> frozenset[str]:
    """What things are called at this branch."""
    found = {CONTROLLER, "lms", "journal", *JOURNALS}
    if settings is not None:
        found |= {settings.branch.branch, *(door.id for door in settings.doors)}
        found |= {reader.id for _, reader in settings.readers()}
        found |= {camera.id for camera in settings.cameras} | {output.id for output in settings.outputs}
    return frozenset(found)


def line(event: Event, names: frozenset[str]) -> str:
    """Of one event: when, what, of which thing, and what of its data may be shown."""
    at = datetime.fromtimestamp(event.stamp.wall_us / 1_000_000, UTC)
    data = [
        f"{key}={text}"
        for key, value in event.data.items()
        if key in KEYS and (text := _text(value, names)) is not None
    ]
    believed = "" if event.stamp.clock_trusted else " (clock not believed)"
    return " ".join([f"{at:%Y-%m-%d %H:%M:%S}{believed}", event.type.value, event.subject, *data])


def _text(value: JsonValue, names: frozenset[str]) -> str | None:
    """None: it may not be shown."""
    match value:
        case bool() | None:
            return str(value).lower()
        case int() if abs(value) < LARGEST:
            return str(value)
        case str() if value in names or WORD.fullmatch(value):
            return value
        case list():
            each = [_text(one, names) for one in value]
            return ",".join(one or "" for one in each) if all(each) else None
        case _:
            return None
