"""A page of one journal, back or on from a number, with only what is wanted.

As quick in a long journal as in a short one.
By number and never by time, so that each journal keeps its own order where its clock was set, and so that the
next page needs nothing but a number. What of a kind is found by its index; what happened at a place has none,
so that at most LOOK events are looked at, and the page says how far that went.
Never here: several journals at once, or what may be shown to whom.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from controller.core.event import Event, EventType
from controller.store.journal_rows import event_of_columns

LOOK = 5_000
"""How many events a page of one place looks at, which lie beside each other."""
LOOK_OF_TYPES = 1_000
"""The same where only some types are wanted, which lie apart."""

_COLUMNS = "seq, id, type, wall_us, mono_us, boot_id, clock_trusted, subject, data"
_BEYOND = {True: "seq <= :beyond", False: "seq > :beyond"}
_ORDER = {True: "ORDER BY seq DESC", False: "ORDER BY seq"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """types: none: all. subject: of the events. said: names in their data with what stands there."""

    types: Collection[EventType] = ()
    subject: str | None = None
    said: Mapping[str, str] | None = None

    @property
    def is_of_a_place(self) -> bool:
        return self.subject is not None or bool(self.said)


@dataclass(frozen=True, slots=True)
class Dated:
    """at_us: when it happened, as far as anybody knows: where its clock could not be believed, the last time
    before it that could."""

    event: Event
    at_us: int


@dataclass(frozen=True, slots=True)
class Page:
    """looked_to: the last event that was looked at, where there may be more beyond it; None: that is all."""

    found: list[Dated]
    looked_to: Dated | None


def page(driver: sqlite3.Connection, wanted: Wanted, beyond: int, *, back: bool, limit: int) -> Page:
    """Up to ``limit`` events. back: from number ``beyond`` down; else from the one after it up."""
    values: dict[str, object] = {
        "beyond": beyond,
        "limit": limit,
        "look": LOOK_OF_TYPES if wanted.types else LOOK,
    }
    seqs, order = _seqs(wanted, values, back=back), _ORDER[back]
    last = None
    if wanted.is_of_a_place:
        last = _last_looked_at(driver, seqs, values)
        values["last"] = last
        seqs = _at_the_place(wanted, values, seqs, back=back)
    rows = driver.execute(
        f"SELECT {_COLUMNS} FROM event WHERE seq IN (SELECT seq FROM ({seqs}) {order} LIMIT :limit) {order}",  # noqa: S608
        values,
    )
    found = _dated(driver, [event_of_columns(*row) for row in rows])
    if len(found) == limit:
        return Page(found, found[-1])
    return Page(found, None if last is None else _dated(driver, [_event(driver, last)])[0])


def number_at(driver: sqlite3.Connection, wall_us: int) -> int:
    """The last event that did not happen later than this, by the clocks that could be believed."""
    later = driver.execute(
        "SELECT seq FROM event WHERE clock_trusted = 1 AND wall_us > ? ORDER BY wall_us, seq LIMIT 1",
        (wall_us,),
    ).fetchone()
    if later is not None:
        return int(later[0]) - 1
    return int(driver.execute("SELECT coalesce(max(seq), 0) FROM chain").fetchone()[0])


def _seqs(wanted: Wanted, values: dict[str, object], *, back: bool) -> str:
    """All numbers of these types; SQLite merges them by their index, one by one."""
    if not wanted.types:
        return f"SELECT seq FROM event WHERE {_BEYOND[back]} {_ORDER[back]}"  # noqa: S608
    parts = []
    for number, type in enumerate(sorted(wanted.types)):
        values[f"type{number}"] = type.value
        parts.append(f"SELECT seq FROM event WHERE type = :type{number} AND {_BEYOND[back]}")  # noqa: S608
    return f"{' UNION ALL '.join(parts)} {_ORDER[back]}"


def _last_looked_at(driver: sqlite3.Connection, seqs: str, values: dict[str, object]) -> int | None:
    """The number beyond which it is not looked for a place; None: there are no more than are looked at."""
    found = driver.execute(f"SELECT seq FROM ({seqs}) LIMIT 1 OFFSET :look - 1", values).fetchone()  # noqa: S608
    return int(found[0]) if found else None


def _at_the_place(wanted: Wanted, values: dict[str, object], seqs: str, *, back: bool) -> str:
    conditions = []
    if wanted.subject is not None:
        values["subject"] = wanted.subject
        conditions.append("event.subject = :subject")
    for number, (name, value) in enumerate((wanted.said or {}).items()):
        values[f"name{number}"], values[f"value{number}"] = f"$.{name}", value
        conditions.append(f"json_extract(event.data, :name{number}) = :value{number}")
    place = " AND ".join(conditions)
    if not wanted.types:
        within = "" if values["last"] is None else f" AND seq {'>=' if back else '<='} :last"
        return f"SELECT seq FROM event WHERE {_BEYOND[back]}{within} AND {place} {_ORDER[back]}"  # noqa: S608
    return (
        f"SELECT event.seq AS seq FROM (SELECT seq FROM ({seqs}) LIMIT :look) AS looked"  # noqa: S608
        f" CROSS JOIN event ON event.seq = looked.seq WHERE {place}"
    )


def _event(driver: sqlite3.Connection, seq: int) -> Event:
    row = driver.execute(f"SELECT {_COLUMNS} FROM event WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
    return event_of_columns(*row)


def _dated(driver: sqlite3.Connection, events: list[Event]) -> list[Dated]:
    found: dict[int, Dated] = {}
    last_seq, last_us = 0, None
    for event in sorted(events, key=lambda one: one.seq):
        if event.stamp.clock_trusted:
            last_us = event.stamp.wall_us
        else:
            row = driver.execute(
                "SELECT wall_us FROM event WHERE clock_trusted = 1 AND seq < ? AND seq > ?"
                " ORDER BY seq DESC LIMIT 1",
                (event.seq, last_seq),
            ).fetchone()
            last_us = row[0] if row else last_us
        last_seq = event.seq
        found[event.seq] = Dated(event, event.stamp.wall_us if last_us is None else last_us)
    return [found[event.seq] for event in events]
