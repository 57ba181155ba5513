"""The rows of a journal as its owner sees them who destroys them: which there are, and what tells their age.

Here: queries and deletions, for ``Journal.rows`` and inside ``Journal.destroy``. Never here: which of the
rows are due, held, or must stay.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from controller.core.event import Event, EventType, Stamp
from controller.store.engine import DatabaseUnusable

Range = tuple[int, int]
"""First seq and last, both inclusive."""

_ROW = "SELECT seq, id, type, wall_us, clock_trusted, subject FROM event"
_EVENT = "SELECT seq, id, type, wall_us, mono_us, boot_id, clock_trusted, subject, data FROM event"
_TRUSTED = "SELECT wall_us FROM event WHERE clock_trusted = 1"
_ABOUT = ("device", "reader", "fault")
"""What in its data tells, with the subject, what an event is about."""
_SAME = " AND ".join(
    f"json_extract(other.data, '$.{it}') IS json_extract(row.data, '$.{it}')" for it in _ABOUT
)
_OTHER = (
    "SELECT 1 FROM event AS row, event AS other"  # noqa: S608 -- made of our own names
    f" WHERE row.seq = ? AND other.type = ? AND other.subject = row.subject AND {_SAME}"
)
_FOLLOWS = f"{_OTHER} AND other.seq > row.seq LIMIT 1"
_TELLS = "SELECT 1 FROM event WHERE type = ? AND seq > ? AND json_extract(data, ?) = ? ORDER BY seq LIMIT 1"


@dataclass(frozen=True, slots=True)
class Row:
    """What tells of an event how old it is, and whether something covers it. wall_us: as it was stamped."""

    seq: int
    id: str
    type: str
    wall_us: int
    clock_trusted: bool
    subject: str


def ranges(seqs: Iterable[int]) -> list[Range]:
    """Rising numbers as ranges."""
    found: list[Range] = []
    for seq in seqs:
        if found and seq == found[-1][1] + 1:
            found[-1] = (found[-1][0], seq)
        else:
            found.append((seq, seq))
    return found


class Rows:
    """Over the journal's own connection, for its thread. What SQLite raises the journal translates."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def between(self, first: int, last: int, limit: int = -1) -> list[Row]:
        """The events with a seq from ``first`` to ``last`` that are still there, in order."""
        found = self._driver.execute(
            f"{_ROW} WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?", (first, last, limit)
        )
        return [
            Row(seq, id, type, wall_us, bool(trusted), subject)
            for seq, id, type, wall_us, trusted, subject in found
        ]

    def event(self, seq: int) -> Event:
        """An event that is there, as it was journalled."""
        return event_of_columns(*self._driver.execute(f"{_EVENT} WHERE seq = ?", (seq,)).fetchone())

    def count_before(self, wall_us: int, without: Collection[EventType]) -> tuple[int, int]:
        """How many events other than these a trusted clock stamped before this time, and the first time."""
        query = (
            "SELECT count(*), coalesce(min(wall_us), 0) FROM event WHERE clock_trusted = 1 AND wall_us < ?"
            " AND type NOT IN (SELECT value FROM json_each(?))"
        )
        count, first_us = self._driver.execute(query, (wall_us, json.dumps(list(without)))).fetchone()
        return int(count), int(first_us)

    def oldest_us(self, without: Collection[EventType]) -> int | None:
        """The earliest time that a trusted clock stamped on an event other than these."""
        query = f"{_TRUSTED} AND type NOT IN (SELECT value FROM json_each(?)) ORDER BY wall_us LIMIT 1"  # noqa: S608
        row = self._driver.execute(query, (json.dumps(list(without)),)).fetchone()
        return None if row is None else int(row[0])

    def count_between(
        self, start_us: int, end_us: int, subjects: Collection[str], look: int
    ) -> tuple[int, bool]:
        """How many events of these subjects (none: of all) are stamped in this time, of the first ``look``;
        and whether there are more.
        """
        query = (
            "SELECT count(*), coalesce(sum(:subjects IS NULL"
            " OR subject IN (SELECT value FROM json_each(:subjects))), 0)"
            " FROM (SELECT subject FROM event WHERE wall_us >= :start AND wall_us < :end LIMIT :look)"
        )
        named = json.dumps(list(subjects)) if subjects else None
        values = {"start": start_us, "end": end_us, "subjects": named, "look": look + 1}
        looked_at, count = self._driver.execute(query, values).fetchone()
        return min(int(count), look), int(looked_at) > look

    def count_after(self, wall_us: int) -> int:
        """How many a trusted clock stamped later than this time."""
        query = "SELECT count(*) FROM event WHERE clock_trusted = 1 AND wall_us > ?"
        return self._number(query, (wall_us,)) or 0

    def count_untrusted_end(self) -> int:
        """How many of an untrusted clock no trusted one follows: nothing tells when they happened."""
        query = (
            "SELECT count(*) FROM event WHERE clock_trusted = 0"
            " AND seq > (SELECT coalesce(max(seq), 0) FROM event WHERE clock_trusted = 1)"
        )
        return self._number(query, ()) or 0

    def last_before(self, wall_us: int) -> int:
        """The highest seq of what a trusted clock stamped before this time; 0 if there is nothing."""
        query = "SELECT max(seq) FROM event WHERE clock_trusted = 1 AND wall_us < ?"
        return self._number(query, (wall_us,)) or 0

    def trusted_after(self, seq: int) -> int | None:
        """The time of the first event after this one that a trusted clock stamped."""
        return self._number(f"{_TRUSTED} AND seq > ? ORDER BY seq LIMIT 1", (seq,))

    def trusted_before(self, seq: int) -> int | None:
        """Of the last before this one that is still there."""
        return self._number(f"{_TRUSTED} AND seq < ? ORDER BY seq DESC LIMIT 1", (seq,))

    def latest_trusted_us(self) -> int | None:
        """The latest of all times that a trusted clock stamped."""
        return self._number(f"{_TRUSTED} ORDER BY wall_us DESC LIMIT 1", ())

    def follows(self, row: Row, types: Collection[str]) -> bool:
        """Whether an event of these types about the same thing stands after this one."""
        return any(self._driver.execute(_FOLLOWS, (row.seq, type)).fetchone() for type in types)

    def told(self, type: EventType, name: str, value: str | int, *, after: int = 0) -> bool:
        """Whether an event of this type after that one says ``value`` under this name of its data."""
        return bool(self._driver.execute(_TELLS, (type.value, after, f"$.{name}", value)).fetchone())

    def said(self, row: Row, name: str) -> str:
        """What an event says under this name of its data; empty if nothing."""
        query = "SELECT coalesce(json_extract(data, ?), '') FROM event WHERE seq = ?"
        return str((self._driver.execute(query, (f"$.{name}", row.seq)).fetchone() or ("",))[0])

    def since_before(self, wall_us: int) -> list[Stamp]:
        """The trusted stamps from the last that is older than this time to the newest, in order.

        None from before a restore: whoever restored has vouched for the time, and what a backup had is old.
        """
        query = "SELECT wall_us, mono_us, boot_id, type FROM event WHERE clock_trusted = 1 ORDER BY seq DESC"
        found: list[Stamp] = []
        for stamped_us, mono_us, boot_id, type in self._driver.execute(query):
            found.append(Stamp(stamped_us, mono_us, boot_id, clock_trusted=True))
            if stamped_us < wall_us or type == EventType.JOURNAL_RESTORED:
                break
        return found[::-1]

    def without_certificate(self) -> list[Event]:
        """The disposals that were begun, and of which no certificate tells, in order."""
        query = (
            f"{_EVENT} WHERE type = ? AND id NOT IN"  # noqa: S608 -- made of our own names
            " (SELECT coalesce(json_extract(data, '$.started'), '') FROM event WHERE type = ?) ORDER BY seq"
        )
        types = (EventType.DISPOSAL_STARTED.value, EventType.DISPOSAL_CERTIFICATE.value)
        return [event_of_columns(*row) for row in self._driver.execute(query, types)]

    def destroy(self, doomed: Sequence[Range]) -> None:
        """Delete these events with their boxes. Only inside ``Journal.destroy``."""
        self._driver.executemany("DELETE FROM sealed WHERE seq BETWEEN ? AND ?", doomed)
        self._driver.executemany("DELETE FROM event WHERE seq BETWEEN ? AND ?", doomed)

    def extent(self) -> tuple[int, int, bytes]:
        """How many events there are, the number of the last that ever was, and the chain's head there."""
        last = self._driver.execute("SELECT seq, head FROM chain ORDER BY seq DESC LIMIT 1").fetchone()
        count = self._driver.execute("SELECT count(*) FROM event").fetchone()[0]
        return int(count), *(last or (0, b""))

    def boxes(self) -> tuple[int, int]:
        """How many sealed boxes there are, and the number of the last event that has one."""
        query = "SELECT count(*), coalesce(max(seq), 0) FROM sealed WHERE box IS NOT NULL"
        count, last = self._driver.execute(query).fetchone()
        return int(count), int(last)

    def destroy_boxes(self, doomed: Sequence[Range]) -> None:
        """Empty the boxes of these events, which stay. Only inside ``Journal.destroy``."""
        self._driver.executemany("UPDATE sealed SET box = NULL WHERE seq BETWEEN ? AND ?", doomed)

    def _number(self, query: str, values: tuple[int, ...]) -> int | None:
        found: int | None = (self._driver.execute(query, values).fetchone() or (None,))[0]
        return found


def event_of_columns(
    seq: int,
    id: str,
    type: str,
    wall_us: int,
    mono_us: int,
    boot_id: str,
    trusted: int,
    subject: str,
    data: str,
) -> Event:
    """The event of a row of the table ``event``. Raises DatabaseUnusable for what no event is."""
    stamp = Stamp(wall_us, mono_us, boot_id, bool(trusted))
    try:
        return Event(seq, id, EventType(type), stamp, subject, json.loads(data))
    except (ValueError, RecursionError) as error:
        raise DatabaseUnusable(
            f"event {seq} cannot be understood: {error}; it is of a later release, or was changed"
        ) from error
