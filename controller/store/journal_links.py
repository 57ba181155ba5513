"""The links of a chain with what belongs to each, read from the beginning in one go. Never here: judging."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from controller.core import chain
from controller.core.event import Event, EventType, Stamp

_LINKS = (
    "SELECT chain.seq, leaf, head,"
    " event.seq, id, type, wall_us, mono_us, boot_id, clock_trusted, subject, data"
    " FROM chain LEFT JOIN event ON event.seq = chain.seq ORDER BY chain.seq"
)
_BOXES = "SELECT seq, field, box FROM sealed ORDER BY seq, field"


class Link(NamedTuple):
    """seq, leaf, head: of the chain. All else is of the event, and None where that is gone."""

    seq: int
    leaf: bytes
    head: bytes
    event_seq: int | None
    id: str
    type: str
    wall_us: int
    mono_us: int
    boot_id: str
    clock_trusted: int
    subject: str
    data: str

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.wall_us, self.mono_us, self.boot_id, bool(self.clock_trusted))

    def event(self) -> Event:
        """Raises ValueError and TypeError if it cannot be read."""
        kind = EventType(self.type)
        return Event(self.seq, self.id, kind, self.stamp, self.subject, json.loads(self.data))

    def event_leaf(self, sealed: dict[str, bytes]) -> bytes:
        """The leaf that its event and boxes make. Raises ValueError and TypeError if they cannot be read.

        Quickly if the data stands there in the form in which it was hashed, as it always should.
        """
        kind, stamp = self.type, self.stamp
        quick = chain.leaf_of_text(self.seq, self.id, kind, stamp, self.subject, self.data, sealed)
        return quick if quick == self.leaf else chain.leaf(self.event(), sealed)


def links(connection: sqlite3.Connection) -> Iterator[Link]:
    return map(Link._make, connection.execute(_LINKS))


class Boxes:
    """The sealed boxes, read along with the chain."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._rows = iter(connection.execute(_BOXES))
        self._next: tuple[Any, ...] | None = next(self._rows, None)

    def of(self, seq: int) -> dict[str, bytes | None]:
        """Of this event, by field; None where it was destroyed. To be asked in rising order."""
        found: dict[str, bytes | None] = {}
        while self._next is not None and self._next[0] <= seq:
            if self._next[0] == seq:
                found[self._next[1]] = self._next[2]
            self._next = next(self._rows, None)
        return found
