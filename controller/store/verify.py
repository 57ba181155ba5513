"""Is a journal whole? Every leaf, every head, and a certificate for whatever is missing.

Here: reading a journal from its beginning and comparing it with itself, with the heads that were signed, and
with what its certificates may tell. Never here: repairing, keys, and what a certificate may tell
(``core.proof``).

Its own chain shows what was changed in it. That somebody who can compute hashes wrote all of it anew, or cut
off its end, only a head shows that was signed before and is kept elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from controller.core import chain
from controller.core.certificate import Cover, Range, certificate_of
from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.hold import OF_JOURNAL
from controller.core.journal_head import JournalHead
from controller.core.proof import NOTHING_KNOWN, Judge, Known, Times, Verdict, Wrong
from controller.store import signed_heads
from controller.store.engine import driver
from controller.store.journal_links import Boxes, Link, links
from controller.store.reader import Reader
from controller.store.verification import NO_HEADS, Heads, Reached, Verification, doubts

UNREADABLE = (ValueError, TypeError, RecursionError)
"""Whatever stands there instead of an event; the last is raised by lists in lists in lists."""
TOLD_EVERY = 1000
"""Links between two words on how far it has got."""

_CERTIFICATES = "SELECT seq, data FROM event WHERE type = 'disposal.certificate'"
_NO_TABLES = "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index', 'trigger') LIMIT 1"
_RESTORED = "SELECT seq, wall_us FROM event WHERE type = 'journal.restored' ORDER BY seq"
_STRAY = (
    "SELECT {0}.seq FROM {0} LEFT JOIN chain ON chain.seq = {0}.seq"
    " WHERE chain.seq IS NULL ORDER BY {0}.seq LIMIT 1"
)


def verify(
    path: Path,
    told: Callable[[int, int], None] | None = None,
    *,
    heads: Heads = NO_HEADS,
    known: Known = NOTHING_KNOWN,
) -> Verification:
    """Check the journal at ``path``, beside its owner or without. Raises DatabaseUnusable.

    told: called from time to time with how many links have been checked, and how many there are.
    """
    reader = Reader(path)
    try:
        return reader.read(lambda connection: _Examination(connection, heads, known).run(told))
    finally:
        reader.close()


class _Examination:
    """Of one journal, at one moment of it."""

    def __init__(self, connection: Connection, heads: Heads, known: Known) -> None:
        self._driver = driver(connection)
        self._given = heads
        self._notes = signed_heads.notes(connection)
        self._journal_id: str = self._one("SELECT id FROM journal") or ""
        length = self._one("SELECT max(seq) FROM chain")
        self._length = length if isinstance(length, int) else 0
        self._category = OF_JOURNAL.get(self._one("SELECT service FROM journal") or "")
        self._events = self._disposed = self._opaque = self._unchecked = 0
        witnessed = [head for head in heads.witnessed if head.journal_id == self._journal_id]
        self._witnessed: dict[int, list[JournalHead]] = {}
        for head in witnessed:
            self._witnessed.setdefault(head.seq, []).append(head)
        self._elsewhere: dict[str, int] = {}
        self._own: dict[int, JournalHead] = {}
        self._agreed: int | None = None
        self._own_agreed: int | None = None
        trusted = sorted((head.seq, head.wall_us) for head in witnessed if head.clock_trusted)
        self._judge = Judge(known, Times(), trusted)
        self._restored: list[tuple[int, int]] = self._driver.execute(_RESTORED).fetchall()
        self._put_back: Wrong | None = None

    def run(self, told: Callable[[int, int], None] | None) -> Verification:
        wrong: list[Wrong] = []
        try:
            self._is_a_journal()
            wrong += self._other_journals()
            wrong += self._read_own_heads()
            for judged in self._links(told):
                wrong += judged
            self._nothing_beside_the_chain()
            self._nothing_after_the_end()
        except Wrong as found:
            wrong.append(found)
        # That a backup was put back stays so for ever: it must hide nothing else.
        first = min(wrong, key=lambda one: one.seq, default=self._put_back)
        reached = Reached(
            self._length, self._agreed, self._disposed, self._opaque, self._unchecked, self._elsewhere
        )
        return Verification(
            first is None,
            self._events,
            self._disposed,
            None if first is None else str(first),
            None if first is None else first.seq,
            verdict=Verdict.OK if first is None else first.verdict,
            journal_id=self._journal_id,
            last_seq=self._length,
            witnessed_seq=self._agreed,
            own_seq=self._own_agreed,
            cannot_exclude=tuple(doubts(reached, self._judge)),
        )

    def _is_a_journal(self) -> None:
        """The tables are tables, and of the service that is asked about: its rules are another's."""
        service, wanted = self._one("SELECT service FROM journal"), self._given.service
        if self._one(_NO_TABLES) is not None:
            raise Wrong(1, Verdict.ALTERED, "what looks like its tables is computed from others")
        if wanted and service != wanted:
            raise Wrong(1, Verdict.ALTERED, f"it says that it is the journal of {service!r}")

    # --- the chain ---

    def _links(self, told: Callable[[int, int], None] | None) -> Iterator[list[Wrong]]:
        """Check link after link; of certificates, what they tell that should not have been."""
        gaps, erasures = self._covers()
        boxes = Boxes(self._driver)
        head = chain.first_head(self._journal_id)
        for expected, link in enumerate(links(self._driver), start=1):
            seq = link.seq
            if seq != expected:
                raise Wrong(expected, Verdict.UNEXPLAINED_GAP, "it is missing from the chain")
            self._check(link, boxes.of(seq), gaps, erasures)
            if len(link.leaf) != chain.DIGEST_BYTES or (head := chain.head(head, link.leaf)) != link.head:
                raise Wrong(seq, Verdict.ALTERED, "its head does not follow from the one before")
            self._compare(seq, head)
            if link.clock_trusted:
                self._judge.times.saw(seq, link.wall_us)
            if link.type == EventType.DISPOSAL_CERTIFICATE:
                yield self._judged(link)
            if told is not None and seq % TOLD_EVERY == 0:
                told(seq, self._length)

    def _check(self, link: Link, boxes: dict[str, bytes | None], gaps: Cover, erasures: Cover) -> None:
        seq = link.seq
        if link.event_seq is None:
            if seq not in gaps:
                why = "the event is missing and no later certificate covers it"
                raise Wrong(seq, Verdict.UNEXPLAINED_GAP, why)
            self._disposed += 1
            return
        sealed = {field: box for field, box in boxes.items() if box is not None}
        if len(sealed) < len(boxes):
            # Its leaf includes the hash of what was destroyed, so that only the head speaks for it now.
            if seq not in erasures:
                why = "a sealed box is missing and no later certificate covers it"
                raise Wrong(seq, Verdict.UNEXPLAINED_ERASURE, why)
            self._opaque += 1
        else:
            try:
                leaf = link.event_leaf(sealed)
            except UNREADABLE as error:
                raise Wrong(seq, Verdict.ALTERED, f"the event cannot be read: {error}") from None
            if leaf != link.leaf:
                raise Wrong(seq, Verdict.ALTERED, "the event or one of its boxes was changed")
        self._events += 1

    def _covers(self) -> tuple[Cover, Cover]:
        """Which events, and which boxes, may be missing."""
        events: list[tuple[int, Range]] = []
        boxes: list[tuple[int, Range]] = []
        for seq, data in self._driver.execute(_CERTIFICATES):
            try:
                certificate = certificate_of(_as_event(seq, json.loads(data)))
            except UNREADABLE:
                continue  # it was changed, which its own leaf will tell
            if certificate.category != self._category:
                continue  # it is of something else than these rows
            events += [(seq, one) for one in certificate.event_seqs]
            boxes += [(seq, one) for one in certificate.box_seqs]
        return Cover(events), Cover(boxes)

    def _judged(self, link: Link) -> list[Wrong]:
        try:
            certificate = certificate_of(link.event())
        except ValueError as error:
            return [Wrong(link.seq, Verdict.ALTERED, f"it is no certificate: {error}")]
        return list(self._judge.judge(certificate))

    def _nothing_beside_the_chain(self) -> None:
        """Rows without a link were never appended by a journal."""
        for table in ("event", "sealed"):
            seq = self._one(_STRAY.format(table))
            if seq is not None:
                raise Wrong(seq, Verdict.ALTERED, f"a row of {table} has no place in the chain")

    # --- signed heads ---

    def _other_journals(self) -> Iterator[Wrong]:
        """A journal that begins anew after damage says so first, and the old file is kept."""
        recovered = self._one("SELECT 1 FROM event WHERE seq = 1 AND type = 'journal.recovered'")
        for head in self._given.witnessed:
            other = head.journal_id
            if other == self._journal_id or not self._given.of_this(head):
                continue
            self._elsewhere[other] = max(head.seq, self._elsewhere.get(other, 0))
            if self._given.service and not recovered:
                why = f"a head was signed at {head.seq} of the journal {other}, and another is in its place"
                yield Wrong(1, Verdict.ROLLBACK, why)

    def _read_own_heads(self) -> Iterator[Wrong]:
        for note in self._notes:
            try:
                head, checked = self._given.own(note)
            except ValueError as error:
                seq = self._one("SELECT seq FROM signed_head WHERE note = ?", note) or 0
                yield Wrong(seq, Verdict.ALTERED, f"the head that the journal has signed there: {error}")
            else:
                self._own[head.seq] = head
                self._unchecked += not checked

    def _compare(self, seq: int, head: bytes) -> None:
        """With the heads that were signed when the journal was as long as this."""
        for witnessed in self._witnessed.get(seq, ()):
            if witnessed.head != head:
                if self._explained(witnessed):
                    continue
                raise Wrong(seq, Verdict.FORK, _forked("kept elsewhere", self._agreed))
            self._agreed = seq
            if witnessed.clock_trusted:
                self._judge.times.saw(seq, witnessed.wall_us)
        own = self._own.get(seq)
        if own is not None:
            if own.head != head or own.journal_id != self._journal_id:
                raise Wrong(seq, Verdict.FORK, _forked("that the journal itself keeps", self._own_agreed))
            self._own_agreed = seq

    def _explained(self, head: JournalHead) -> bool:
        """Whether it was signed before a backup was put back in place of what it speaks for.

        That is told all the same: whoever can write to the journal can put in that it was restored.
        """
        for seq, wall_us in self._restored:
            if seq <= head.seq and head.wall_us <= wall_us:
                gone = f"a signed head kept elsewhere says that the journal had gone on to {head.seq}"
                why = f"a backup was put back here (journal.restored), and {gone}, which is lost"
                self._put_back = Wrong(seq, Verdict.ROLLBACK, why)
                return True
        return False

    def _nothing_after_the_end(self) -> None:
        beyond = [
            (seq, "kept elsewhere")
            for seq, heads in self._witnessed.items()
            if seq > self._length and not all(map(self._explained, heads))
        ]
        beyond += [(seq, "that it keeps itself") for seq in self._own if seq > self._length]
        if beyond:
            seq, which = max(beyond)
            why = f"the journal ends before this, and a signed head {which} says that it went on to {seq}"
            raise Wrong(self._length + 1, Verdict.ROLLBACK, why)

    def _one(self, query: str, *values: object) -> Any:
        found = self._driver.execute(query, values).fetchone()
        return found[0] if found else None


def _forked(which: str, agreed: int | None) -> str:
    since = "anywhere before" if agreed is None else f"after {agreed}, where both still agree"
    return f"its past is not that of a signed head {which}: it was written anew, {since}"


def _as_event(seq: int, data: JsonValue) -> Event:
    """Of a certificate, as far as it covers rows."""
    if not isinstance(data, dict):
        raise TypeError("no object")
    return Event(seq, "", EventType.DISPOSAL_CERTIFICATE, Stamp(0, 0, "", True), "", data)
