"""What is found of a journal that is examined: whole, or exactly one thing that is wrong first.

Here: the verdicts, and whether what a certificate tells was destroyed in time and unheld. A certificate may
say what it likes of the ages of what is gone; the events that still stand before it and the signed heads
bound what can be true. Never here: reading journals (``store.verify``), keys.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.core.certificate import DECOMMISSIONED, Certificate, Range
from controller.core.event import event_wall_us
from controller.core.hold import DAY_US, Hold
from controller.core.protection import Protection, protects
from controller.core.restriction import Restriction

SLACK_US = DAY_US
"""By so much may clocks that were believed have differed: nothing that is kept for days hangs on it."""
STEP_US = 3_600_000_000
"""How finely it is remembered when the journal had got how far."""
PLACING_US = 60_000_000
"""A hold may be written so long after the moment that it bears."""


class Verdict(StrEnum):
    """altered: a row is not what was journalled, or was put in.

    unexplained_gap, unexplained_erasure: an event, or a sealed value, is missing without a certificate.
    premature, held: it was destroyed under a certificate, but before it was due, or although protected.
    fork: the journal's past is not the one whose head was signed. rollback: it ends before such a head.
    """

    OK = "ok"
    ALTERED = "altered"
    UNEXPLAINED_GAP = "unexplained_gap"
    UNEXPLAINED_ERASURE = "unexplained_erasure"
    PREMATURE = "premature"
    HELD = "held"
    FORK = "fork"
    ROLLBACK = "rollback"


class Wrong(Exception):
    """What is wrong, and at which event."""

    def __init__(self, seq: int, verdict: Verdict, why: str) -> None:
        super().__init__(why)
        self.seq = seq
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the journal.

    rules: of each policy by its SHA-256, and of each category: from when an event of a time is due.
    It raises LookupError for what is never destroyed. protections: all there ever were; None where the
    registers are not at hand. present: whether any journal of the branch still has an event of this id; None
    where not all of them are at hand.
    """

    rules: Mapping[tuple[str, str], Callable[[int], int]]
    protections: Sequence[Protection] | None = None
    present: Callable[[str], bool] | None = None


NOTHING_KNOWN = Known({})


class Times:
    """When an event can have happened, by what is still there or was signed. Built in the journal's order."""

    def __init__(self) -> None:
        self._seqs: list[int] = []
        self._latest_us: list[int] = []
        self.set_back_at: int | None = None
        """Where such a clock went back last."""

    def saw(self, seq: int, wall_us: int) -> None:
        """By a clock that was believed, it was this late when the journal had got so far.

        Where such a clock goes back by more than clocks differ, it was wrong before: that bounds nothing.
        """
        while self._latest_us and self._latest_us[-1] > wall_us + SLACK_US:
            self._seqs.pop()
            self._latest_us.pop()
            self.set_back_at = seq
        if not self._seqs or wall_us >= self._latest_us[-1] + STEP_US:
            self._seqs.append(seq)
            self._latest_us.append(wall_us)

    def not_before_us(self, seq: int) -> int:
        """An event of this number is no older: 0 if nothing tells."""
        at = bisect_left(self._seqs, seq)
        return max(0, self._latest_us[at - 1] - SLACK_US) if at else 0


@dataclass(slots=True)
class Judge:
    """Judges certificates in the order of the journal. It counts what it could not judge.

    times: as far as the journal has been read. witnessed_us: seq and time of signed heads, in order.
    """

    known: Known
    times: Times
    witnessed_us: Sequence[tuple[int, int]]
    without_policy: int = 0
    without_times: int = 0
    of_another_site: int = 0
    around_a_hold: int = 0
    """Stretches that begin before the time of a hold of their category and end after it."""
    under_none: int = 0
    """Certificates that say that no policy was in force, where one is known."""
    decommissioned: int = 0
    """Certificates of sealed values that went because the branch closed."""

    def judge(self, certificate: Certificate) -> Iterator[Wrong]:
        """What it tells that should not have been."""
        written_us = self._written_us(certificate)
        yield from self._premature(certificate, written_us)
        yield from self._held(certificate, written_us)

    def _written_us(self, certificate: Certificate) -> int:
        """When it was written at the latest: a head that speaks for it was signed after that."""
        at = bisect_right(self.witnessed_us, (certificate.seq, 0))
        bound = min((us for _, us in self.witnessed_us[at:]), default=None)
        return certificate.wall_us if bound is None else min(certificate.wall_us, bound + SLACK_US)

    def _premature(self, certificate: Certificate, written_us: int) -> Iterator[Wrong]:
        seqs, boxes, due_to_us = certificate.event_seqs, certificate.box_seqs, certificate.due_to_us
        first = min((first for first, _ in (*seqs, *boxes)), default=certificate.seq)
        if (seqs or boxes) and not certificate.clock_trusted:
            yield _wrong(first, Verdict.PREMATURE, certificate, "by a clock that could not be believed")
        if due_to_us is not None and due_to_us > written_us:
            yield _wrong(first, Verdict.PREMATURE, certificate, "which itself says that it was not due yet")
        if certificate.basis == DECOMMISSIONED and boxes and not seqs:
            self.decommissioned += 1
            return
        due_us = self.known.rules.get((certificate.policy, certificate.category))
        if due_us is None:
            self.without_policy += bool(seqs or boxes)
            return
        if not certificate.policy and any(policy for policy, _ in self.known.rules):
            self.under_none += bool(seqs or boxes)
        self.without_times += bool(seqs and not certificate.times_us)
        spans = certificate.times_us or ((0, 0),) * len(seqs)
        # A sealed value is as old as its event, which still stands: no certificate need tell how old.
        doomed, ages = (*seqs, *boxes), (*spans, *((0, 0),) * len(boxes))
        for (first, last), (_, latest_us) in zip(doomed, ages, strict=True):
            try:
                due = due_us(max(latest_us, self.times.not_before_us(last))) <= written_us
            except LookupError:
                due = False
            if not due:
                yield _wrong(first, Verdict.PREMATURE, certificate, "before it was due", last)

    def _held(self, certificate: Certificate, written_us: int) -> Iterator[Wrong]:
        for protection in self.known.protections or ():
            placed_us = protection.placed_us
            if not protects(protection, written_us):
                continue
            if isinstance(protection, Hold) and protection.scope.site != certificate.site:
                self.of_another_site += protection.scope.category.value == certificate.category
            if placed_us + PLACING_US > certificate.wall_us:
                continue
            for seqs, times in zip(certificate.event_seqs, certificate.times_us, strict=False):
                if self._certainly_held(certificate, protection, times):
                    why = f"although {protection.id} protected it"
                    yield _wrong(seqs[0], Verdict.HELD, certificate, why, seqs[1])
                elif isinstance(protection, Hold) and protection.scope.category.value == certificate.category:
                    scope = protection.scope
                    self.around_a_hold += times[0] < scope.start_us < scope.end_us <= times[1]

    def _certainly_held(self, certificate: Certificate, protection: Protection, times: Range) -> bool:
        """Of a range the times of its first and last are known, and of no event its device."""
        if isinstance(protection, Restriction):
            return self._lost(protection.event_ids, times)
        scope = protection.scope
        if (scope.category.value, scope.site) != (certificate.category, certificate.site):
            return False
        if scope.device is None and any(scope.start_us <= moment < scope.end_us for moment in times):
            return True
        return self._lost(scope.event_ids, times)

    def _lost(self, event_ids: frozenset[str], times: Range) -> bool:
        """Whether one of these events happened then, and is in no journal any more."""
        present = self.known.present
        if present is None:
            return False
        for event_id in event_ids:
            wall_us = event_wall_us(event_id)  # to the millisecond
            if wall_us is not None and times[0] - 1000 < wall_us <= times[1] and not present(event_id):
                return True
        return False


def judgeable(protection: Protection) -> bool:
    """Whether a certificate alone can tell that this was obeyed throughout."""
    if isinstance(protection, Hold):
        return protection.scope.device is None
    return True


def _wrong(
    first: int, verdict: Verdict, certificate: Certificate, why: str, last: int | None = None
) -> Wrong:
    which = f"{first} to {last}" if last is not None and last != first else f"{first}"
    return Wrong(first, verdict, f"{which} destroyed under the certificate {certificate.seq}, {why}")
