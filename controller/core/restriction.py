"""Restrictions: events that are only stored, because the person they are about has asked for that.

While one is in force its events, what is tied to them and their clips are neither destroyed nor shown,
exported, sent again or counted. Before it is lifted the subject is told that it will be (UK GDPR,
article 18(3)).
Never here: who may restrict, what hides events, or where restrictions are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """Why a restriction is owed: article 18(1), (a) to (d)."""

    ACCURACY = "accuracy"
    UNLAWFUL = "unlawful"
    CLAIM = "claim"
    OBJECTION = "objection"


class Means(StrEnum):
    """How a subject was told."""

    LETTER = "letter"
    EMAIL = "email"
    TELEPHONE = "telephone"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class Restriction:
    """reference: of the request. placed_by and the others who acted: their accounts.

    Times in microseconds since 1970 UTC. informed: that the subject was told of its coming end.
    """

    id: str
    reference: str
    ground: Ground
    event_ids: frozenset[str]
    placed_us: int
    placed_by: str
    informed_us: int | None = None
    informed_by: str | None = None
    informed_how: Means | None = None
    lifted_us: int | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None

    def __post_init__(self) -> None:
        if not self.event_ids:
            raise ValueError("a restriction names at least one event")
        told = (self.informed_us, self.informed_by, self.informed_how)
        if len({value is None for value in told}) > 1:
            raise ValueError("a subject is told at a time, by somebody, by some means, or not at all")
        if len({value is None for value in (self.lifted_us, self.lifted_by, self.lift_reason)}) > 1:
            raise ValueError("a restriction is lifted at a time, by somebody, with a reason, or not at all")
        if self.lifted_us is not None and self.informed_us is None:
            raise ValueError("a restriction is lifted only after the subject was told")

    @property
    def in_force(self) -> bool:
        return self.lifted_us is None
