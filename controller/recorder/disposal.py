"""Destroying footage that is due, and proving it: the only place where footage is destroyed.

1. ``disposal.started`` is journalled with the ids of a batch.
2. The rows are marked ``deleting``.
3. The holds are read afresh; what is held goes back to ``kept``. Whoever places a hold writes it first
   and reads the marks then, so one of the two always sees the other.
4. The files are unlinked and the folders synced.
5. The rows are dropped.
6. ``disposal.certificate`` is journalled.

A start finds a batch without certificate in the journal and goes on from wherever it ended: each step
may be done again. Events hold enumerations, numbers and ids of media only: a ledger that names who was
destroyed would be a copy.

Never here: whether the clock is trusted, and when to sweep (``service``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from controller.core import retention
from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Item
from controller.core.retention import FootageRule, Verdict
from controller.recorder import files
from controller.store.footage import Footage, Segment, SegmentState
from controller.store.journal import Journal

BATCH = 100
"""Segments a certificate: their ids fit into one message."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. overdue: still there although they must be gone, and not held."""

    destroyed: int
    held: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Disposal:
    """site: the branch. clock_source: what vouches for the clock, for the certificate.

    holds: reads all holds afresh; raises DatabaseUnusable when they cannot be known, and then nothing
    is destroyed. alive: called between batches, for the watchdog.
    """

    folder: Path
    footage: Footage
    journal: Journal
    holds: Callable[[], list[Hold]]
    rule: FootageRule
    site: str
    clock_source: str
    alive: Callable[[], None]

    def finish(self, unfinished: Iterable[Event], now: Stamp) -> None:
        """Complete the batches that a crash left. ``now`` must be trusted, as in ``sweep``."""
        for started in unfinished:
            self._complete(started, now)

    def sweep(self, now: Stamp) -> Swept:
        """Destroy what is due and not held. Raises JournalUnavailable, DatabaseUnusable, OSError."""
        destroyed = 0
        while batch := list(islice(self._due(now), BATCH)):
            (started,) = self.journal.append([self._started(batch, now)])
            destroyed += self._complete(started, now)
            self.alive()
        holds = self.holds()
        old = [self._item(segment, holds) for segment in self._ended_before_due(now)]
        held = sum(retention.blocked(item, holds, now.wall_us) for item in old)
        overdue = [item.start_us for item in old if retention.overdue(item, holds, now.wall_us)]
        if overdue:
            data: dict[str, JsonValue] = {
                "category": "footage",
                "count": len(overdue),
                "oldest_start_us": min(overdue),
            }
            self.journal.append([NewEvent(EventType.RETENTION_OVERDUE, self.site, now, data)])
        return Swept(destroyed, held, len(overdue))

    def _ended_before_due(self, now: Stamp) -> list[Segment]:
        old = self.footage.ended_before(now.wall_us - self.rule.days * DAY_US + 1)
        return [s for s in old if s.clock_trusted and s.state is SegmentState.KEPT]

    def _due(self, now: Stamp) -> Iterator[Segment]:
        holds = self.holds()
        return (s for s in self._ended_before_due(now) if self._verdict(s, holds, now) is Verdict.DUE)

    def _verdict(self, segment: Segment, holds: Sequence[Hold], now: Stamp) -> Verdict:
        return retention.verdict(self._item(segment, holds), self.rule, holds, now.wall_us)

    def _item(self, segment: Segment, holds: Sequence[Hold]) -> Item:
        events: frozenset[str] = frozenset()
        if any(hold.scope.event_ids for hold in holds):
            clips = self.footage.clips(segment.camera, segment.start_us, segment.end_us)
            events = frozenset(clip.event_id for clip in clips)
        return Item(Category.FOOTAGE, self.site, segment.camera, segment.start_us, segment.end_us, events)

    def _started(self, batch: Sequence[Segment], now: Stamp) -> NewEvent:
        due = [retention.due_from_us(segment.end_us, self.rule) for segment in batch]
        return NewEvent(
            EventType.DISPOSAL_STARTED,
            self.site,
            now,
            {
                "category": "footage",
                "basis": "window",
                "retention_days": self.rule.days,
                "due_from_us": min(due),
                "due_to_us": max(due),
                "count": len(batch),
                "media": [segment.id for segment in batch],
            },
        )

    def _complete(self, started: Event, now: Stamp) -> int:
        """Steps 2 to 6 for a batch, of which any may have been done already; how many it destroyed."""
        media = [str(one) for one in _strings(started.data["media"])]
        rows = self.footage.by_ids(media)
        self.footage.mark_deleting([row.id for row in rows])
        holds = self.holds()
        spared = {row.id for row in rows if self._verdict(row, holds, now) is not Verdict.DUE}
        self.footage.unmark(spared)
        doomed = [row for row in rows if row.id not in spared]
        for row in doomed:
            files.remove(self.folder / row.name)
        for folder in {(self.folder / row.name).parent for row in doomed}:
            if folder.is_dir():
                files.sync_folder(folder)
        self.footage.drop([row.id for row in doomed])
        destroyed: list[JsonValue] = [one for one in media if one not in spared]
        certificate: dict[str, JsonValue] = {
            "started": started.id,
            "category": "footage",
            "basis": "window",
            "retention_days": self.rule.days,
            "due_from_us": started.data["due_from_us"],
            "due_to_us": started.data["due_to_us"],
            "lateness_us": max(0, now.wall_us - _number(started.data["due_from_us"])),
            "clock": self.clock_source,
            "method": "unlink",
            "holds_consulted": len(holds),
            "spared": len(spared),
            "count": len(destroyed),
            "media": destroyed,
        }
        self.journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, self.site, now, certificate)])
        return len(destroyed)


def _strings(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
