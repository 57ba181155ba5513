"""Ending a hold: a supervisor does it, or proposes it and a second one confirms; and reviewing it, so that it
stays. Where the profile asks for two people, both are recorded.

Also for a hold that the register has lost: until it is ended or restored, nothing is destroyed.
Never here: who may (``roles``).
"""

from __future__ import annotations

from controller.core.event import EventType
from controller.core.hold import DAY_US
from controller.core.proposal import Kind, Outcome, Proposal
from controller.settings.policy.tables import HoldRules
from controller.settings.staff import Role
from controller.staff.desk import Desk
from controller.staff.refusal import Refused
from controller.store.registers import NotInForce

MAY_END = frozenset({Role.SUPERVISOR})
MAY_REVIEW = frozenset({Role.SUPERVISOR, Role.DPO})


class NoReason(Refused):
    """An end wants one."""

    def __init__(self) -> None:
        super().__init__("say why it is no longer needed")


def proposed(at: Desk, hold_id: str) -> Proposal | None:
    """What somebody has proposed for this hold, while it waits. Raises DatabaseUnusable."""
    about = (Kind.HOLD_END, hold_id)
    return next(
        (one for one in at.registers.proposals() if one.open and (one.kind, one.about) == about), None
    )


def end(at: Desk, rules: HoldRules, hold_id: str, reason: str) -> bool:
    """Whether it has ended; else it is proposed. Raises Refused, NotInForce, DatabaseUnusable and
    JournalUnavailable, as the others here do.
    """
    _check_clock(at)
    if not reason:
        raise NoReason
    if rules.people_to_end == 2:
        _propose(at, hold_id, reason)
        return False
    _end(at, rules, hold_id, reason, None)
    return True


def confirm(at: Desk, rules: HoldRules, proposal: Proposal, reason: str | None = None) -> None:
    """End the hold as somebody else has proposed. reason: None for that of the proposal."""
    _check_clock(at)
    if not proposal.second_person(at.who.user):
        raise Refused(f"{at.who.user} has proposed this; another supervisor confirms it")
    _end(at, rules, proposal.about, reason or proposal.reason, proposal)


def review(at: Desk, hold_id: str, days: int) -> int:
    """It is still needed; by when it is looked at again. A proposal to end it is withdrawn."""
    if not at.now.clock_trusted:
        raise Refused("the clock is not set: nobody can say when to look again")
    review_us = at.now.wall_us + days * DAY_US
    at.registers.review_hold(hold_id, at.now.wall_us, review_us, by=at.who.user)
    if (waiting := proposed(at, hold_id)) is not None:
        at.registers.decide(waiting.id, at.now.wall_us, at.who.user, Outcome.WITHDRAWN)
    at.note(EventType.HOLD_REVIEWED, {"hold": hold_id, "review_us": review_us})
    return review_us


def _check_clock(at: Desk) -> None:
    if not at.now.clock_trusted:
        raise Refused("the clock is not set: the cooling off cannot be counted from now")


def _propose(at: Desk, hold_id: str, reason: str) -> None:
    in_force = any(hold.id == hold_id and hold.ended_us is None for hold in at.registers.holds())
    if not in_force and not at.lost(hold_id):
        raise NotInForce(f"there is no hold {hold_id} in force")
    if (waiting := proposed(at, hold_id)) is not None:
        raise Refused(f"{waiting.proposed_by} has proposed to end it already; another supervisor confirms it")
    at.registers.propose(Proposal(at.new_id(), Kind.HOLD_END, hold_id, reason, at.now.wall_us, at.who.user))
    at.note(EventType.HOLD_END_PROPOSED, {"hold": hold_id})


def _end(at: Desk, rules: HoldRules, hold_id: str, reason: str, proposal: Proposal | None) -> None:
    now_us, by = at.now.wall_us, at.who.user
    try:
        at.registers.end_hold(
            hold_id, now_us, reason, by=by, cooling_off_days=rules.cooling_off_days, proposal=proposal
        )
    except NotInForce:
        if not at.lost(hold_id):
            raise
        if proposal is not None:
            at.registers.decide(proposal.id, now_us, by, Outcome.CONFIRMED)
    at.note(EventType.HOLD_ENDED, {"hold": hold_id, **({"proposal": proposal.id} if proposal else {})})
