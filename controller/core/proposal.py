"""What one person proposes and a second one confirms, where the policy profile asks for two.

Never here: which acts need two people, or who may confirm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is proposed."""

    HOLD_END = "hold_end"


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Proposal:
    """about: what it concerns: the id of the hold.

    proposed_by, decided_by: accounts. Times in microseconds since 1970 UTC.
    """

    id: str
    kind: Kind
    about: str
    reason: str
    proposed_us: int
    proposed_by: str
    decided_us: int | None = None
    decided_by: str | None = None
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        if len({value is None for value in (self.decided_us, self.decided_by, self.outcome)}) > 1:
            raise ValueError("a proposal is decided at a time, by somebody, in one way, or not at all")
        if self.outcome is Outcome.CONFIRMED and same_name(self.decided_by or "", self.proposed_by):
            raise ValueError("nobody confirms a proposal of their own")

    @property
    def open(self) -> bool:
        return self.outcome is None

    def second_person(self, account: str) -> bool:
        """Whether this account may be the one that confirms it."""
        return self.open and not same_name(account, self.proposed_by)


def same_name(one: str, other: str) -> bool:
    """Whether two accounts count as one person's, wherever they logged in; small letters or large."""
    return one.casefold() == other.casefold()
