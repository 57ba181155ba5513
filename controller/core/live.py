"""When the library management system is asked about a card, besides what the branch knows. Pure.

The cache comes first: a membership that opens the door and is young enough opens it, and nobody is asked.
Somebody is asked where an answer could turn a no into a yes, at most once an attempt, and afterwards about a
membership that has just opened the door and is getting old. Never here: asking, or what an answer comes to
(``access``).
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.access import Decision, Reason, Refused, Side
from controller.core.membership import Membership

NOT_KNOWN = frozenset({Reason.UNKNOWN_CARD, Reason.MEMBERSHIP_STALE})
"""Refusals because the branch does not know, or not well enough."""
SAID = frozenset(
    {
        Reason.SUSPENDED,
        Reason.EXPIRED,
        Reason.NOT_ENROLLED,
        Reason.ENTITLEMENT_NOT_BEGUN,
        Reason.ENTITLEMENT_ENDED,
    }
)
"""Refusals because of what the library said, which may have changed since."""


@dataclass(frozen=True, slots=True)
class LiveRules:
    """How old a membership may be where somebody can be asked, in microseconds.

    max_age_us: older, it opens nothing unless nobody answers. refresh_after_us: older, it is asked about once
    it has opened the door. negative_us: younger, a no is not asked about again.
    """

    max_age_us: int
    refresh_after_us: int
    negative_us: int


def worth_asking(
    decision: Decision, side: Side, membership: Membership | None, wall_us: int, rules: LiveRules
) -> bool:
    """Whether an answer could change this decision, taken with ``max_age_us`` on this membership."""
    if side is not Side.IN or not isinstance(decision, Refused):
        return False
    if decision.reason in NOT_KNOWN:
        return True
    if membership is None or wall_us - membership.as_of_us <= rules.negative_us:
        return False
    age_unknown = decision.reason is Reason.UNDER_AGE and membership.adult_on is None
    return decision.reason in SAID or age_unknown


def worth_refreshing(membership: Membership | None, wall_us: int, rules: LiveRules) -> bool:
    """Whether to ask about a membership that has just opened the door."""
    return membership is not None and wall_us - membership.as_of_us > rules.refresh_after_us
