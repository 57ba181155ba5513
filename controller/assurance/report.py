"""What stands on the page for the data protection officer, as values.

Never here: where they come from (``collecting``), and how they look (``page``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """unproved: it may be kept, and nothing here shows it. elsewhere: the authority keeps it, or does not."""

    KEPT = "kept"
    NOT_KEPT = "not_kept"
    UNPROVED = "unproved"
    ELSEWHERE = "elsewhere"


WORST_FIRST = (State.NOT_KEPT, State.UNPROVED, State.KEPT, State.ELSEWHERE)


def worst(states: Iterator[State]) -> State:
    """Of several that must all be kept."""
    found = set(states)
    return next((state for state in WORST_FIRST if state in found), State.UNPROVED)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Of a disposal. Microseconds since 1970 UTC, as all times here. lateness_us: of the oldest of it."""

    wall_us: int
    count: int
    lateness_us: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A category of data. rule: in words. count, oldest_us: of what is there, None where nothing is.

    overdue: how much should be gone and is not. held: how much is due and protected. last: what was
    destroyed last. doubt: what was found that leaves open whether it is kept.
    """

    id: str
    what: str
    where: str
    rule: str
    sentence: str
    state: State
    says: str
    count: int | None = None
    oldest_us: int | None = None
    overdue: int = 0
    held: int = 0
    last: Certificate | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Something that keeps promises. how: in words. says: what shows it, or that it does not."""

    id: str
    how: str
    state: State
    says: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence of the notice. mechanisms: the ids of what keeps it."""

    id: str
    sentence: str
    state: State
    mechanisms: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Hold:
    """In force. review_overdue: nobody has looked at it when somebody should have."""

    id: str
    authority: str
    reference: str
    category: str
    placed_us: int
    review_us: int
    review_overdue: bool


@dataclass(frozen=True, slots=True)
class Journal:
    """verdict: "ok", or what is wrong first; "" where there is no journal yet.

    witnessed_seq: the last event of which a head that was kept elsewhere says the same. cannot_exclude: what
    may be wrong all the same, in words.
    """

    service: str
    verdict: str
    says: str
    events: int = 0
    disposed: int = 0
    last_seq: int = 0
    signed_seq: int | None = None
    witnessed_seq: int | None = None
    cannot_exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """trusted: now. source: what vouches for it."""

    trusted: bool
    source: str
    says: str


@dataclass(frozen=True, slots=True)
class Profile:
    """left: what must be done before it is in force; empty: it is."""

    id: str
    title: str
    sha256: str
    file: str
    left: tuple[str, ...]
    review_on: str
    review_passed: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """published_us: None where none was. differences: from the branch as it is now, the laxer marked."""

    state: State
    says: str
    published_us: int | None
    sha256: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """made_us: when. unproved: what could not be proved, each in a sentence."""

    authority: str
    branch: str
    made_us: int
    version: str
    profile: Profile
    notice: Notice
    clock: Clock
    kept: tuple[Kept, ...]
    mechanisms: tuple[Mechanism, ...]
    promises: tuple[Promise, ...]
    holds: tuple[Hold, ...]
    restrictions: int
    journals: tuple[Journal, ...]
    unproved: tuple[str, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is not kept, each in a line; empty: nothing is known to be."""
        return tuple(self._wrong())

    @property
    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "wrong": list(self.wrong)}

    def _wrong(self) -> Iterator[str]:
        for one in self.kept:
            if one.state is State.NOT_KEPT:
                yield f"{one.what}: {one.says}"
        for mechanism in self.mechanisms:
            if mechanism.state is State.NOT_KEPT:
                yield f"{mechanism.how}: {mechanism.says}"
        for hold in self.holds:
            if hold.review_overdue:
                yield f"the hold {hold.reference} of {hold.authority}: nobody has looked at it in time"
