"""The register of holds as it is shown: what each is of, by when it is looked at again, how far it is.

Never here: requests and pages, and placing or ending one (``controller.staff.holds``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.core.hold import DAY_US, Hold
from controller.core.proposal import Kind, Proposal
from controller.store.registers import RegistersReader

SOON_US = 14 * DAY_US
"""How long before its date a review is told of as coming."""


class State(StrEnum):
    """What a hold is at a moment, in the words of the page."""

    OVERDUE = "Review overdue"
    SOON = "Review soon"
    IN_FORCE = "In force"
    COOLING = "Ended, still protects"
    OVER = "Over"


STYLE = {
    State.OVERDUE: "govuk-tag--red",
    State.SOON: "govuk-tag--yellow",
    State.IN_FORCE: "govuk-tag--green",
    State.COOLING: "govuk-tag--purple",
    State.OVER: "govuk-tag--grey",
}
_ORDER = tuple(State)


@dataclass(frozen=True, slots=True)
class Shown:
    """A hold, and what has been proposed about it and waits."""

    hold: Hold
    proposal: Proposal | None
    state: State

    @property
    def style(self) -> str:
        return STYLE[self.state]

    @property
    def protects(self) -> bool:
        return self.state is not State.OVER

    @property
    def in_force(self) -> bool:
        """Nobody has ended it."""
        return self.hold.ended_us is None

    @property
    def of_time(self) -> bool:
        return self.hold.scope.start_us < self.hold.scope.end_us


def state_of(hold: Hold, now_us: int) -> State:
    if hold.protected_until_us is not None:
        return State.COOLING if now_us < hold.protected_until_us else State.OVER
    if hold.review_us < now_us:
        return State.OVERDUE
    return State.SOON if hold.review_us < now_us + SOON_US else State.IN_FORCE


def shown(holds: Iterable[Hold], proposals: Iterable[Proposal], now_us: int) -> list[Shown]:
    """What wants attention first; of the same state, by the date of the review."""
    waiting = {one.about: one for one in proposals if one.open and one.kind is Kind.HOLD_END}
    found = [Shown(hold, waiting.get(hold.id), state_of(hold, now_us)) for hold in holds]
    return sorted(found, key=lambda one: (_ORDER.index(one.state), one.hold.review_us, one.hold.id))


def register(registers: RegistersReader, now_us: int) -> list[Shown]:
    """All holds that there are. Raises DatabaseUnusable."""
    return shown(registers.holds(), registers.proposals(), now_us)


def protecting(found: Sequence[Shown]) -> list[Shown]:
    return [one for one in found if one.protects]


def over(found: Sequence[Shown]) -> list[Shown]:
    """Those that are over, the last first."""
    ended = [one for one in found if not one.protects]
    return sorted(ended, key=lambda one: one.hold.ended_us or 0, reverse=True)


def waiting(found: Sequence[Shown]) -> list[Shown]:
    """Those of which somebody has proposed the end, in the order of the proposals."""
    return sorted(
        (one for one in found if one.proposal is not None),
        key=lambda one: one.proposal.proposed_us if one.proposal else 0,
    )


def of_lost(registers: RegistersReader) -> list[Proposal]:
    """What waits about holds that the register has lost. Raises DatabaseUnusable."""
    there = {hold.id for hold in registers.holds()}
    ends = (one for one in registers.proposals() if one.open and one.kind is Kind.HOLD_END)
    return [one for one in ends if one.about not in there]
