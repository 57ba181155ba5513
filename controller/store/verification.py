"""What an examination of a journal is given to compare with, and what it finds. Values and words only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controller.core.journal_head import JournalHead
from controller.core.proof import Judge, Verdict, judgeable


def unchecked(note: str) -> tuple[JournalHead, bool]:
    """What a note says, whoever signed it. Raises NotAHead."""
    return JournalHead.parse(note.partition("\n\n")[0] + "\n"), False


@dataclass(frozen=True, slots=True)
class Heads:
    """What is compared with. witnessed: signed heads that were kept elsewhere, of any journal.

    own: what a note of the journal itself says, and whether a key that is at hand has signed it. It raises
    ValueError if such a key is named in it and has not. service: whose present journal this has to be; empty
    for a file by itself. branches: ``authority/branch`` as keys are named there; a witness may have the heads
    of several. Empty: any.
    """

    witnessed: Sequence[JournalHead] = ()
    own: Callable[[str], tuple[JournalHead, bool]] = unchecked
    service: str = ""
    branches: frozenset[str] = frozenset()

    def of_this(self, head: JournalHead) -> bool:
        """Whether the head is of this service's journal, of its present one or an earlier."""
        branch, _, service = head.key_name.rpartition("/")
        return service == (self.service or service) and (not self.branches or branch in self.branches)

    def missing(self) -> Verification | None:
        """What is to be said where there is no journal. None: there need not have been one."""
        last = max((head.seq for head in self.witnessed if self.of_this(head)), default=0)
        if not last:
            return None
        why = f"there is no journal any more, and a signed head kept elsewhere says that it went on to {last}"
        return Verification(False, 0, 0, why, 1, verdict=Verdict.ROLLBACK)


NO_HEADS = Heads()


@dataclass(frozen=True, slots=True)
class Verification:
    """events: still there. disposed: gone, under a certificate. fault: what is wrong first, at ``at_seq``.

    last_seq: of the chain. witnessed_seq: the last event of which a head that was kept elsewhere says the
    same; own_seq: the journal's own. cannot_exclude: what may be wrong all the same, in words.
    """

    ok: bool
    events: int
    disposed: int
    fault: str | None = None
    at_seq: int | None = None
    verdict: Verdict = field(default=Verdict.OK, compare=False)
    journal_id: str = field(default="", compare=False)
    last_seq: int = field(default=0, compare=False)
    witnessed_seq: int | None = field(default=None, compare=False)
    own_seq: int | None = field(default=None, compare=False)
    cannot_exclude: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far an examination has come. agreed: the last event that a head kept elsewhere speaks for.

    opaque: events whose sealed value was destroyed. unchecked_heads: of its own, without the key for them.
    elsewhere: other journals that witnessed heads speak of, each with its last number.
    """

    length: int
    agreed: int | None
    disposed: int
    opaque: int
    unchecked_heads: int
    elsewhere: Mapping[str, int]


def doubts(reached: Reached, judge: Judge) -> Iterator[str]:
    """What may be wrong although nothing was found, each to be read after "cannot exclude"."""
    if reached.agreed is None:
        yield "that it was written anew, cut off at its end or put back to an earlier state: see --heads"
    elif reached.length > reached.agreed:
        yield f"that what came after {reached.agreed} was written anew or cut off: no head of it was kept"
    for journal_id, seq in reached.elsewhere.items():
        yield (
            f"anything of the journal {journal_id}, of which a head was signed at {seq}: verify the file that"
            " was moved aside (--journal)"
        )
    if reached.unchecked_heads:
        yield "that its own signed heads are forged: their key is not at hand, see --keys"
    if reached.opaque:
        yield (
            f"that {reached.opaque} events whose sealed value was destroyed were changed otherwise, or were"
            " held"
        )
    if reached.disposed or reached.opaque:
        yield from _of_disposals(judge)


def _of_disposals(judge: Judge) -> Iterator[str]:
    protections = judge.known.protections
    if judge.without_policy:
        count = judge.without_policy
        yield (
            f"that something was destroyed before it was due: {count} certificate{'s' * (count != 1)} of a "
            "policy that is not at hand, see --policy"
        )
    if judge.under_none:
        yield (
            "that something was destroyed before it was due: certificates that say that no policy was in"
            f" force: {judge.under_none}"
        )
    if judge.decommissioned:
        yield (
            "that sealed values were destroyed before they were due: certificates that say that the branch"
            f" was decommissioned: {judge.decommissioned}"
        )
    if judge.times.set_back_at is not None:
        yield (
            "that something was destroyed too early: a clock that was believed went back by more than a day "
            f"at {judge.times.set_back_at}, so that what stands before it bounds nothing"
        )
    if judge.without_times:
        yield f"that something was destroyed too early: {judge.without_times} certificates tell no times"
    if protections is None:
        yield "that something held was destroyed: the registers are not at hand, see --registers"
    elif judge.of_another_site:
        yield "that something held was destroyed: certificates name another site than holds do"
    elif judge.around_a_hold:
        yield (
            "that something held was destroyed: stretches that reach from before the time of a hold to after"
            f" it: {judge.around_a_hold}"
        )
    elif not all(judgeable(one) for one in protections):
        yield "that an event of a single door or camera was destroyed although it was held"
