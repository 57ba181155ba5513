"""Destroying footage that is due, and proving it: the only place where footage is destroyed.

1. ``disposal.started`` is journalled with the ids of a batch.
2. The rows are marked ``deleting``.
3. The holds are read afresh; what is held goes back to ``kept``. Whoever places a hold writes it first
   and reads the marks then, so one of the two always sees the other.
4. The files are unlinked and the folders synced.
5. The rows are dropped.
6. ``disposal.certificate`` is journalled.

A start finds a batch without certificate in the journal and goes on from wherever it ended: each step
may be done again. A file that cannot be unlinked stays, with its row, and holds up no other. Events hold
enumerations, numbers and ids of media only: a ledger that names who was destroyed would be a copy.

Never here: whether the clock is trusted, and when to sweep (``service``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from controller.core import retention
from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp, event_wall_us
from controller.core.hold import DAY_US, Category, Hold, Item
from controller.core.retention import FootageRule, Verdict
from controller.recorder.segments import files
from controller.store.footage import Footage, Segment, SegmentState
from controller.store.journal import Journal

BATCH = 100
"""Segments a certificate: their ids fit into one message."""

NEAR_EVENT_US = 600_000_000
"""A held event without a clip protects what was recorded this long before and after it: more than a clip."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. overdue: still there although they must be gone, and not held.

    Footage dated in the future counts as overdue: nobody knows how old it is.
    """

    destroyed: int
    held: int
    overdue: int


@dataclass(frozen=True, slots=True)
class _Done:
    """Of batches: how many segments they destroyed, and the ids of those that the disk would not let go."""

    destroyed: int
    failed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Disposal:
    """site: the branch. clock_source: what vouches for the clock, for the certificate.

    holds: reads all holds afresh; raises DatabaseUnusable when they cannot be known, and then nothing
    is destroyed. alive: called between batches, for the watchdog. unfinished: disposals without
    certificate, from the journal and since.
    """

    folder: Path
    footage: Footage
    journal: Journal
    holds: Callable[[], list[Hold]]
    rule: FootageRule
    site: str
    clock_source: str
    alive: Callable[[], None]
    unfinished: list[Event] = field(default_factory=list)

    def sweep(self, now: Stamp) -> Swept:
        """Destroy what is due and not held. Raises JournalUnavailable, DatabaseUnusable, OSError.

        ``now`` must be trusted.
        """
        stuck = self._finish(now).failed
        self.footage.unmark([row.id for row in self.footage.deleting()])
        destroyed = 0
        while batch := list(islice(self._due(now, stuck), BATCH)):
            self.unfinished.extend(self.journal.append([self._started(batch, now)]))
            done = self._finish(now)
            destroyed += done.destroyed
            stuck |= done.failed
            self.alive()
            if not done.destroyed and done.failed:
                break  # a disk that became read-only: no use in asking it for everything
        holds = self.holds()
        old = [self._item(segment, holds) for segment in self._ended_before_due(now)]
        held = sum(retention.blocked(item, holds, now.wall_us) for item in old)
        overdue = [item.start_us for item in old if retention.overdue(item, holds, now.wall_us)]
        future = self.footage.ended_after(now.wall_us + DAY_US)
        if overdue or future:
            data: dict[str, JsonValue] = {
                "category": "footage",
                "count": len(overdue) + len(future),
                "oldest_start_us": min(overdue, default=future[0].start_us if future else 0),
                "in_future": len(future),
            }
            self.journal.append([NewEvent(EventType.RETENTION_OVERDUE, self.site, now, data)])
        return Swept(destroyed, held, len(overdue) + len(future))

    def _finish(self, now: Stamp) -> _Done:
        """Complete what has begun, in this run or in one that a crash ended."""
        all_done = _Done(0, frozenset())
        while self.unfinished:
            done = self._complete(self.unfinished[0], now)
            all_done = _Done(all_done.destroyed + done.destroyed, all_done.failed | done.failed)
            del self.unfinished[0]
        return all_done

    def _ended_before_due(self, now: Stamp) -> list[Segment]:
        old = self.footage.ended_before(now.wall_us - self.rule.days * DAY_US + 1)
        return [s for s in old if s.clock_trusted and s.state is SegmentState.KEPT]

    def _due(self, now: Stamp, but: Collection[str]) -> Iterator[Segment]:
        holds = self.holds()
        old = (segment for segment in self._ended_before_due(now) if segment.id not in but)
        return (segment for segment in old if self._verdict(segment, holds, now) is Verdict.DUE)

    def _verdict(self, segment: Segment, holds: Sequence[Hold], now: Stamp) -> Verdict:
        return retention.verdict(self._item(segment, holds), self.rule, holds, now.wall_us)

    def _item(self, segment: Segment, holds: Sequence[Hold]) -> Item:
        events: set[str] = set()
        if held := {one for hold in holds for one in hold.scope.event_ids}:
            clips = self.footage.clips(segment.camera, segment.start_us, segment.end_us)
            events = {clip.event_id for clip in clips}
            events |= {one for one in held if _near(one, segment) and not self.footage.has_clip(one)}
        return Item(
            Category.FOOTAGE, self.site, segment.camera, segment.start_us, segment.end_us, frozenset(events)
        )

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

    def _complete(self, started: Event, now: Stamp) -> _Done:
        """Steps 2 to 6 for a batch, of which any may have been done already."""
        media = [str(one) for one in _strings(started.data["media"])]
        rows = self.footage.by_ids(media)
        self.footage.mark_deleting([row.id for row in rows])
        holds = self.holds()
        spared = {row.id for row in rows if self._verdict(row, holds, now) is not Verdict.DUE}
        self.footage.unmark(spared)
        doomed = [row for row in rows if row.id not in spared]
        failed = frozenset(row.id for row in doomed if not self._removed(row))
        self.footage.unmark(failed)
        doomed = [row for row in doomed if row.id not in failed]
        for folder in {(self.folder / row.name).parent for row in doomed}:
            if folder.is_dir():
                files.sync_folder(folder)
        self.footage.drop([row.id for row in doomed])
        destroyed: list[JsonValue] = [one for one in media if one not in spared | failed]
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
            "failed": len(failed),
            "count": len(destroyed),
            "media": destroyed,
        }
        self.journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, self.site, now, certificate)])
        return _Done(len(destroyed), failed)

    def _removed(self, row: Segment) -> bool:
        try:
            files.remove(self.folder / row.name)
        except OSError as error:
            log.error("footage that is due cannot be destroyed: %s", error)
            return False
        return True


def _near(event_id: str, segment: Segment) -> bool:
    """By the time in the event's id: clips are lost with footage.db, and come back later or not at all."""
    if (wall_us := event_wall_us(event_id)) is None:
        return False
    return segment.start_us - NEAR_EVENT_US <= wall_us < segment.end_us + NEAR_EVENT_US


def _strings(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
