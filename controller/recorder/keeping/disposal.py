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

Never here: which footage is old (``sweep``), whether the clock is trusted, and when to sweep (``keeper``).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.protection import Protection
from controller.core.retention import footage as retention
from controller.core.retention.footage import FootageRule, Verdict
from controller.recorder.keeping.held import Held
from controller.recorder.segments import files
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal

BATCH = 100
"""Segments a certificate: their ids fit into one message."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """Of batches: how many segments they destroyed, how many a hold spared that came while they were marked,
    and those that the disk would not let go. held_by: how many of the spared each hold or restriction keeps.
    """

    destroyed: int
    spared: int
    failed: tuple[Segment, ...]
    held_by: Counter[str]


@dataclass(frozen=True, slots=True)
class Disposal:
    """site: the branch. clock_source: what vouches for the clock, for the certificate.

    holds: reads all holds and restrictions afresh; raises DatabaseUnusable when they cannot be known, and
    then nothing is destroyed. unfinished: disposals without certificate, from the journal and since.
    policy: SHA-256 of the profile's file; empty where there is none that can be used.

    All methods raise JournalUnavailable, DatabaseUnusable and OSError, and may be called again then. ``now``
    must be trusted.
    """

    folder: Path
    footage: Footage
    journal: Journal
    holds: Callable[[], Sequence[Protection]]
    rule: FootageRule
    site: str
    clock_source: str
    policy: str = ""
    unfinished: list[Event] = field(default_factory=list)

    def destroy(self, batch: Sequence[Segment], now: Stamp) -> Done:
        """What of these is due and not held. At most BATCH of them."""
        (started,) = self.journal.append([self._started(batch, now)])
        self.unfinished.append(started)
        return self.finish(now, begun=started)

    def finish(self, now: Stamp, begun: Event | None = None) -> Done:
        """Complete what has begun, in this run or in one that a crash ended. begun: only now."""
        done = []
        while self.unfinished:
            done.append(self._complete(self.unfinished[0], now, begun=self.unfinished[0] is begun))
            del self.unfinished[0]
        failed = tuple(segment for one in done for segment in one.failed)
        held_by = sum((one.held_by for one in done), Counter[str]())
        return Done(sum(one.destroyed for one in done), sum(one.spared for one in done), failed, held_by)

    def held(self) -> Held:
        """What is held at this moment."""
        return Held.look_up(self.holds(), self.site, self.footage)

    def _started(self, batch: Sequence[Segment], now: Stamp) -> NewEvent:
        due = [retention.due_from_us(segment.end_us, self.rule) for segment in batch]
        return NewEvent(
            EventType.DISPOSAL_STARTED,
            self.site,
            now,
            {
                "category": "footage",
                "basis": "window",
                "policy": self.policy,
                "retention_days": self.rule.days,
                "due_from_us": min(due),
                "due_to_us": max(due),
                "count": len(batch),
                "media": [segment.id for segment in batch],
            },
        )

    def _complete(self, started: Event, now: Stamp, *, begun: bool) -> Done:
        """Steps 2 to 6 for a batch, of which any may have been done already unless it was begun only now."""
        media = [str(one) for one in _strings(started.data["media"])]
        rows = self.footage.by_ids(media)
        self.footage.mark_deleting([row.id for row in rows])
        held = self.held()
        stay = [row for row in rows if held.verdict(row, self.rule, now.wall_us) is not Verdict.DUE]
        spared = {row.id for row in stay}
        held_by = Counter(keeper for row in stay for keeper in held.keepers(row, now.wall_us))
        self.footage.unmark(spared)
        doomed = [row for row in rows if row.id not in spared]
        failed = tuple(row for row in doomed if not self._removed(row, begun=begun))
        kept = spared | {row.id for row in failed}
        self.footage.unmark(kept - spared)
        doomed = [row for row in doomed if row.id not in kept]
        for folder in {(self.folder / row.name).parent for row in doomed}:
            if folder.is_dir():
                files.sync_folder(folder)
        self.footage.drop(doomed)
        destroyed: list[JsonValue] = [one for one in media if one not in kept]
        certificate: dict[str, JsonValue] = {
            "started": started.id,
            "policy": self.policy,
            "category": "footage",
            "basis": "window",
            "retention_days": self.rule.days,
            "due_from_us": started.data["due_from_us"],
            "due_to_us": started.data["due_to_us"],
            "lateness_us": max(0, now.wall_us - _number(started.data["due_from_us"])),
            "clock": self.clock_source,
            "method": "unlink",
            "holds_consulted": len(held.holds),
            "spared": len(spared),
            "held_by": dict(sorted(held_by.items())),
            "failed": len(failed),
            "count": len(destroyed),
            "media": destroyed,
        }
        self.journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, self.site, now, certificate)])
        return Done(len(destroyed), len(spared), failed, held_by)

    def _removed(self, row: Segment, *, begun: bool) -> bool:
        path = self.folder / row.name
        try:
            if begun:
                # Of a file that is not there nobody can certify that it was destroyed: a disk may be gone.
                path.stat()
            files.remove(path)
        except OSError as error:
            log.error("footage that is due cannot be destroyed: %s", error)
            return False
        return True


def _strings(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
