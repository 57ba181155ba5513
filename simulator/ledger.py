"""What a door's journal should hold, day by day, reckoned from the promise itself and from outside.

An event of a day is kept for ninety more; then it goes, unless it is held, restricted, or the last that tells
what a device is like now. Nothing here asks the controller's own arithmetic: where the two disagree, one of
them is wrong. Never here: what happens at the branch.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from controller.core.event import Event, EventType, JsonValue
from controller.store.journal_reader import JournalReader

LONDON = ZoneInfo("Europe/London")
KEPT_DAYS = 90
WEEK_US = 7 * 86_400_000_000
PAIRS = (
    {EventType.DOOR_UNLOCKED, EventType.DOOR_LOCKED},
    {EventType.DOOR_OPENED, EventType.DOOR_CLOSED},
    {EventType.SERVICE_STARTED},
    {EventType.RETENTION_OVERDUE},
)
"""Of which the last stays, for each device."""


@cache
def local_us(text: str) -> int:
    """``"2026-11-22T18:30"`` at the branch, microseconds since 1970 UTC."""
    at = datetime.fromisoformat(text).replace(tzinfo=LONDON)
    return (at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def local_date(wall_us: int) -> date:
    return datetime.fromtimestamp(wall_us // 1_000_000, LONDON).date()


@cache
def due_us(day: date) -> int:
    """The first moment after the day and the ninety that follow it."""
    return local_us((day + timedelta(days=KEPT_DAYS + 1)).isoformat())


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as the sentence has it. from_us, happened_us: between when and when it happened."""

    seq: int
    type: EventType
    id: str
    subject: str
    from_us: int
    happened_us: int

    @property
    def due_us(self) -> int:
        return due_us(local_date(self.happened_us))


@dataclass(slots=True)
class Protected:
    """A hold, or a restriction: of a time, of events, or of both. A restriction needs no cooling-off."""

    placed_us: int
    start_us: int = 0
    end_us: int = 0
    ids: frozenset[str] = frozenset()
    device: str | None = None
    over_us: int | None = None
    cooling_off_us: int = WEEK_US

    def protects(self, one: Kept, now_us: int, from_us: int) -> bool:
        over = self.over_us is not None and now_us >= self.over_us + self.cooling_off_us
        if now_us < self.placed_us or over:
            return False
        if one.id in self.ids:
            return True
        meant = self.device in (None, one.subject)
        return meant and max(self.start_us, from_us) < min(self.end_us, one.happened_us + 1)


@dataclass(slots=True)
class Ledger:
    """reader: follows the journal. file: counts what is in it. Raises AssertionError where they disagree.

    patient_until_us: until then what is due may stay, since the clock is not believed yet. held: the names of
    protections by which something stayed that was due.
    """

    reader: JournalReader
    file: sqlite3.Connection
    protections: dict[str, Protected] = field(default_factory=dict)
    patient_until_us: int = 0
    destroyed: int = 0
    held: set[str] = field(default_factory=set)
    seq: int = 0
    _trusted_us: int = 0
    _undated: list[Event] = field(default_factory=list)
    _waiting: deque[Kept] = field(default_factory=deque)
    _due: dict[int, Kept] = field(default_factory=dict)
    _last_of: dict[tuple[int, str], int] = field(default_factory=dict)
    _gone: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def follow(self) -> list[Event]:
        """Put down what was added."""
        added: list[Event] = []
        while events := self.reader.read(self.seq):
            added += events
            self.seq = events[-1].seq
        for event in added:
            for group, types in enumerate(PAIRS):
                if event.type in types:
                    self._last_of[group, event.subject] = event.seq
            if event.type is EventType.DISPOSAL_CERTIFICATE:
                self._certified(event.stamp.wall_us, event.data)
            self._undated.append(event)
            if event.stamp.clock_trusted:
                self._date(event.stamp.wall_us)
        return added

    def _date(self, wall_us: int) -> None:
        """What an untrusted clock stamped happened before this, and after the trusted event before it."""
        for event in self._undated:
            from_us = wall_us if event.stamp.clock_trusted else self._trusted_us
            self._waiting.append(Kept(event.seq, event.type, event.id, event.subject, from_us, wall_us))
        self._undated.clear()
        self._trusted_us = wall_us

    def _certified(self, wall_us: int, data: Mapping[str, JsonValue]) -> None:
        ranges, times = data["event_seqs"], data["times_us"]
        assert isinstance(ranges, list)
        assert isinstance(times, list)
        for (first, last), (from_us, to_us) in zip(map(_pair, ranges), map(_pair, times), strict=True):
            for seq in range(first, last + 1):
                assert seq not in self._gone, f"{seq} was destroyed twice"
                self._gone[seq] = (wall_us, from_us, to_us)

    def check(self, now_us: int) -> None:
        """After a sweep: what went was due and free, by its certificate; what is due and free is gone."""
        self.follow()
        while self._waiting and self._waiting[0].due_us <= now_us:
            one = self._waiting.popleft()
            self._due[one.seq] = one
        newest = max(self._due, default=0)
        present = {seq for (seq,) in self.file.execute("SELECT seq FROM event WHERE seq <= ?", (newest,))}
        for one in list(self._due.values()):
            if one.seq in present:
                if now_us >= self.patient_until_us and not self._stays(one, now_us):
                    raise AssertionError(f"{one} is overdue at {now_us}")
                continue
            at_us, from_us, to_us = self._gone[one.seq]
            assert one.due_us <= at_us, f"{one} went too early, at {at_us}"
            # What dates an untrusted one may have gone before it: then it counts as younger, never as older.
            assert from_us <= one.happened_us or one.from_us < one.happened_us, f"{one} was dated {from_us}"
            assert one.happened_us <= to_us, f"{one} was dated {to_us}"
            assert not self._protected(one, at_us, one.from_us), f"{one} was held when it went, at {at_us}"
            self.destroyed += 1
            del self._due[one.seq]

    def check_day(self) -> None:
        """Nothing that is not due is missing."""
        newest = max(self._due, default=0)
        (count,) = self.file.execute("SELECT count(*) FROM event WHERE seq > ?", (newest,)).fetchone()
        assert count == sum(one.seq > newest for one in self._waiting) + len(self._undated)
        assert all(one.seq not in self._gone for one in self._waiting)

    def _stays(self, one: Kept, now_us: int) -> bool:
        if one.type is EventType.DISPOSAL_CERTIFICATE:
            return True
        if any(self._last_of.get((group, one.subject)) == one.seq for group in range(len(PAIRS))):
            return True
        held = self._protected(one, now_us, one.from_us)
        self.held.update(held)
        if one.from_us < one.happened_us:
            # How early it can have been is no longer known once what was before has gone.
            held += self._protected(one, now_us, 0)
        return bool(held)

    def _protected(self, one: Kept, now_us: int, from_us: int) -> list[str]:
        return [name for name, each in self.protections.items() if each.protects(one, now_us, from_us)]


def _pair(value: JsonValue) -> tuple[int, int]:
    assert isinstance(value, list)
    first, last = value
    assert isinstance(first, int)
    assert isinstance(last, int)
    return first, last
