"""Destroying events of a journal that are due, and proving it: the only place where a journal's rows go.

1. ``disposal.started`` is journalled with the numbers of a batch.
2. In one transaction: what is held or restricted is read afresh, each row is looked at again, what is still
   due goes with its boxes, and ``disposal.certificate`` says so.

Whoever places a hold writes it first and looks for disposals without certificate then, so one of the two
always sees the other. A crash between the two steps has destroyed nothing; the batch is looked at again
later, and what became of it certified. Events hold enumerations, numbers and ids of holds only.

Never here: when to look for what is due (``journal_keeper``), and how old is too old (``edge_rules``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.protection import Protection, in_force, item_of, protecting
from controller.keeping.dated_rows import Dated, dated
from controller.keeping.edge_rules import EdgeRule
from controller.keeping.lasting_events import lasts
from controller.store.journal import Journal
from controller.store.journal_rows import Range, Row, Rows, ranges

PAGE = 200
"""Events a batch at most, so that the journal's thread is soon free again."""
RUNS = 100
"""Runs of numbers a batch at most: they fit into one message."""
SHARE = 20
"""Events between two questions whether somebody waits."""


def nobody_waits() -> bool:
    return False


@dataclass(slots=True)
class Page:
    """Some rows that follow each other, up to the number ``upto``: what of them is due and may go.

    held: how many are due and may not. held_by: how many of them each hold or restriction keeps.
    """

    upto: int
    due: list[Dated] = field(default_factory=list)
    held: int = 0
    held_by: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Look:
    """At events, at one moment, inside one transaction or in none.

    before_us: what happened before is due. protections: those in force.
    """

    rows: Rows
    rule: EdgeRule
    site: str
    before_us: int
    protections: Sequence[Protection]
    now_us: int

    def page(self, after: int, last: int) -> Page:
        """The next rows after this number, up to the last at most."""
        rows = self.rows.between(after + 1, last, PAGE)
        found = Page(rows[-1].seq if len(rows) == PAGE else last)
        runs, before = 0, 0
        for one in dated(self.rows, rows):
            seq = one.row.seq
            if not self._take(one, found):
                continue
            runs += seq != before + 1
            before = seq
            if runs == RUNS:
                found.upto = seq
                break
        return found

    def again(self, batch: Sequence[Range]) -> Page:
        """The rows of a batch that are still there."""
        found = Page(batch[-1][1] if batch else 0)
        for first, last in batch:
            for one in dated(self.rows, self.rows.between(first, last)):
                self._take(one, found)
        return found

    def _take(self, one: Dated, page: Page) -> bool:
        """Put it down where it belongs; whether it may go."""
        if one.happened_us is None or one.happened_us >= self.before_us or lasts(self.rows, one.row):
            return False
        if self.protections and (keepers := self._kept_by(one.row)):
            page.held += 1
            page.held_by.update(keepers)
            return False
        page.due.append(one)
        return True

    def _kept_by(self, row: Row) -> tuple[str, ...]:
        between = (0, None) if row.clock_trusted else self._between(row)
        item = item_of(
            self.rows.event(row.seq),
            self.rule.category,
            self.site,
            not_before_us=between[0],
            not_after_us=between[1],
        )
        return protecting(item, self.protections, self.now_us)

    def _between(self, row: Row) -> tuple[int, int | None]:
        """What an untrusted clock stamped happened between these two."""
        return self.rows.trusted_before(row.seq) or 0, self.rows.trusted_after(row.seq)


@dataclass(frozen=True, slots=True)
class JournalDisposal:
    """site: the branch. clock_source: what vouches for the clock, for the certificate.

    protections: reads all holds and restrictions afresh; raises DatabaseUnusable when they cannot be known,
    and then nothing is destroyed. waited_for: whether somebody wants the journal's thread; then a batch ends
    with what it has.

    All methods raise JournalUnavailable and DatabaseUnusable, and may be called again then.
    """

    journal: Journal
    rule: EdgeRule
    site: str
    clock_source: str
    protections: Callable[[], Sequence[Protection]]
    waited_for: Callable[[], bool] = nobody_waits

    def look(self, rows: Rows, before_us: int, now_us: int) -> Look:
        """before_us: what happened before is due. What protects is read afresh."""
        protections = in_force(self.protections(), now_us)
        return Look(rows, self.rule, self.site, before_us, protections, now_us)

    def destroy(self, batch: Sequence[Dated], before_us: int, now: Stamp) -> int | None:
        """What of these may go. The number of the last that went, if somebody waited before all had gone."""
        (started,) = self.journal.append([self._started(batch, now)])
        return self.finish(started, before_us, now)

    def finish(self, started: Event, before_us: int, now: Stamp) -> int | None:
        """Step 2 for a batch that was begun, in this run or in an earlier one."""
        cut_at: int | None = None

        def act(rows: Rows) -> NewEvent:
            nonlocal cut_at
            look = self.look(rows, before_us, now.wall_us)
            page = look.again(_ranges(started.data["event_seqs"]))
            gone = self._destroy(rows, page.due)
            cut_at = gone[-1].row.seq if len(gone) < len(page.due) else None
            return self._certificate(started, gone, page, len(look.protections), now)

        self.journal.destroy(act)
        return cut_at

    def unfinished(self) -> list[Event]:
        """The disposals of this journal's events that have no certificate."""
        found = self.journal.read(Rows.without_certificate)
        return [event for event in found if event.data.get("category") == self.rule.category.value]

    def _started(self, batch: Sequence[Dated], now: Stamp) -> NewEvent:
        times = [one.happened_us for one in batch if one.happened_us is not None]
        seqs = ranges(one.row.seq for one in batch)
        data: dict[str, JsonValue] = {
            "category": self.rule.category.value,
            "basis": self.rule.basis,
            "policy": self.rule.policy,
            "due_from_us": self.rule.due_us(min(times)),
            "due_to_us": self.rule.due_us(max(times)),
            "count": len(batch),
            "event_seqs": _json(seqs),
        }
        return NewEvent(EventType.DISPOSAL_STARTED, self.site, now, data)

    def _destroy(self, rows: Rows, doomed: Sequence[Dated]) -> Sequence[Dated]:
        """A share at a time, until somebody waits; what is gone."""
        for begin in range(0, len(doomed), SHARE):
            if begin and self.waited_for():
                return doomed[:begin]
            rows.destroy(ranges(one.row.seq for one in doomed[begin : begin + SHARE]))
        return doomed

    def _certificate(
        self, started: Event, gone: Sequence[Dated], page: Page, consulted: int, now: Stamp
    ) -> NewEvent:
        times = {one.row.seq: one.happened_us for one in gone if one.happened_us is not None}
        seqs = ranges(times)
        spans = [[times[seq] for seq in range(first, last + 1)] for first, last in seqs]
        due = [self.rule.due_us(at(times.values())) for at in (min, max)] if times else [now.wall_us] * 2
        data: dict[str, JsonValue] = {
            "started": started.id,
            "policy": self.rule.policy,
            "category": self.rule.category.value,
            "basis": self.rule.basis,
            "due_from_us": due[0],
            "due_to_us": due[1],
            "lateness_us": now.wall_us - due[0],
            "clock": self.clock_source,
            "method": "delete",
            "holds_consulted": consulted,
            "spared": page.held,
            "held_by": dict(sorted(page.held_by.items())),
            "count": len(times),
            "event_seqs": _json(seqs),
            "times_us": [[min(span), max(span)] for span in spans],
            "box_seqs": [],
        }
        return NewEvent(EventType.DISPOSAL_CERTIFICATE, self.site, now, data)


def _json(seqs: Sequence[Range]) -> list[JsonValue]:
    return [[first, last] for first, last in seqs]


def _ranges(value: JsonValue) -> list[Range]:
    pairs = value if isinstance(value, list) else []
    return [(int(str(pair[0])), int(str(pair[1]))) for pair in pairs if isinstance(pair, list)]
