"""May this card open the door now? One pure function, and every reason for a no.

A card opens the door only on a positive, fresh and complete answer. The order of the reasons is that of
``decide``, and each comes before those that rest on it:

1. ``lockdown``: staff said nobody, whatever the time and whoever it is.
2. ``clock_untrusted``: without the time there are no hours, no expiry and no age of a membership.
3. staffed hours: no card is needed (not a refusal).
4. ``closed_hours``: true for everybody, so it is said without a look at the card.
5. ``unknown_card``.
6. ``membership_stale``: what an old copy says is not believed, neither a yes nor a no.
7. ``suspended``, then ``expired``, then ``not_enrolled``: what only the library can solve comes first.

``not_read`` and ``journal_unavailable`` are found by the door itself, before and after this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from controller.core.hours import Mode
from controller.core.membership import Membership, Status


class Reason(StrEnum):
    """Why somebody was not let in, as journals and messages say it."""

    NOT_READ = "not_read"
    UNKNOWN_CARD = "unknown_card"
    NOT_ENROLLED = "not_enrolled"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    CLOSED_HOURS = "closed_hours"
    MEMBERSHIP_STALE = "membership_stale"
    CLOCK_UNTRUSTED = "clock_untrusted"
    LOCKDOWN = "lockdown"
    JOURNAL_UNAVAILABLE = "journal_unavailable"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that counts besides the card. today: local date; wall_us: microseconds since 1970 UTC.

    max_age_us: a membership copied longer ago than this is not believed.
    """

    mode: Mode
    today: date
    wall_us: int
    clock_trusted: bool
    lockdown: bool
    max_age_us: int


@dataclass(frozen=True, slots=True)
class Granted:
    """Let them in."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Do not, and say why."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """Staff are in: no card is needed and the lock is not ours to drive."""


Decision = Granted | Refused | NotNeeded


def decide(membership: Membership | None, situation: Situation) -> Decision:
    """The decision on a card. membership: what is known of it, None when nothing is."""
    if situation.lockdown:
        return Refused(Reason.LOCKDOWN)
    if not situation.clock_trusted:
        return Refused(Reason.CLOCK_UNTRUSTED)
    match situation.mode:
        case Mode.STAFFED:
            return NotNeeded()
        case Mode.CLOSED:
            return Refused(Reason.CLOSED_HOURS)
        case Mode.UNSTAFFED:
            return _decide_unstaffed(membership, situation)


def _decide_unstaffed(membership: Membership | None, situation: Situation) -> Decision:
    if membership is None:
        return Refused(Reason.UNKNOWN_CARD)
    # A copy from the future was taken by a wrong clock: it would otherwise stay fresh for as long as that.
    if not 0 <= situation.wall_us - membership.as_of_us <= situation.max_age_us:
        return Refused(Reason.MEMBERSHIP_STALE)
    if membership.status is not Status.ACTIVE:
        return Refused(Reason.SUSPENDED)
    if situation.today > membership.expires:
        return Refused(Reason.EXPIRED)
    if not membership.enrolled:
        return Refused(Reason.NOT_ENROLLED)
    return Granted()
