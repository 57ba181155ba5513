"""The events of a time in one journal, for whoever counts them: some types, by clocks that could be believed.

Some thousands a read, by number, so that a long time takes no long transaction. Never here: counting.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from controller.core.event import Event, EventType
from controller.store.journal_rows import Range, event_of_columns

CHUNK = 5_000
"""How many events are looked at in one read."""

_BOUNDS = (
    "SELECT min(seq), max(seq) FROM event"
    " WHERE clock_trusted = 1 AND wall_us >= :from_us AND wall_us < :to_us"
)
# The plus keeps SQLite from going by the index of types, which would have it sort all that there is of them.
_CHUNK = (
    "SELECT seq, id, type, wall_us, mono_us, boot_id, clock_trusted, subject, data FROM event"
    " WHERE seq BETWEEN :first AND :last AND clock_trusted = 1 AND wall_us >= :from_us AND wall_us < :to_us"
    " AND +type IN (SELECT value FROM json_each(:types)) ORDER BY seq"
)


def bounds(driver: sqlite3.Connection, from_us: int, to_us: int) -> Range | None:
    """The first and last number of the events of that time; None: there are none."""
    first, last = driver.execute(_BOUNDS, {"from_us": from_us, "to_us": to_us}).fetchone()
    return None if first is None else (int(first), int(last))


def chunk(
    driver: sqlite3.Connection, first: int, last: int, from_us: int, to_us: int, types: Collection[EventType]
) -> list[Event]:
    """Those of these numbers, at most CHUNK of them, of that time and of these types, in order."""
    values = {
        "first": first,
        "last": min(last, first + CHUNK - 1),
        "from_us": from_us,
        "to_us": to_us,
        "types": json.dumps([type.value for type in types]),
    }
    return [event_of_columns(*row) for row in driver.execute(_CHUNK, values)]
