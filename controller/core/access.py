"""May this card open the door now? One pure function, and every reason for a no.

A card opens the door only on a positive, fresh and complete answer. The order of the reasons is that of
``decide``, and each comes before those that rest on it:

1. ``lockdown``: staff said nobody, whatever the time, whoever it is, and whichever side of the door. The
   exit button still works: it is wired, not programmed.
2. At a reader for leaving any card that is known lets out, and nothing further is asked.
3. ``evacuation``: whoever is inside shall leave; nobody goes in.
4. ``clock_untrusted``: without the time there are no hours, no expiry and no age of a membership.
5. Staffed hours: no card is needed (not a refusal). Where the door waits for the first member of staff to
   open up, the card of one does that (12); for everybody else the branch is not open yet.
6. ``closed_hours``, ``clear_out``, ``last_entry``: true for everybody of the same hours, so they are said
   before anything is said about the card. A category with hours of its own goes by those alone.
7. ``locked_out``: after too many failed attempts an answer, either way, would help whoever tries cards.
8. ``blocked``: staff at this branch said no to this card, which is newer than what the library says.
9. A card on the list of the allowed needs no membership and no PIN: it goes on with 13.
10. ``unknown_card``, or ``not_checked`` where the library management system was asked about it and nobody
    answered; then ``membership_stale``: what an old copy says is not believed, neither a yes nor a no, nor
    which category it is.
11. ``suspended``, ``expired``, ``not_enrolled``, ``entitlement_not_begun``, ``entitlement_ended``: what only
    the library can solve, the membership as a whole first. ``under_age`` comes last of these, since it is
    the one that somebody else, a guardian, can make good.
12. A card that opens up needs all of this but the hours, and then its PIN if one is wanted.
13. ``full``: said to those only who would be let in if it were not.
14. ``passback``: likewise; it may be no more than a warning.
15. ``pin_missing``, ``pin_wrong``, ``pin_unavailable``: a PIN is asked for last, and never in vain.

``not_read``, ``half_read``, ``too_late`` and ``journal_unavailable`` are found by the door itself, before and
after this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from controller.core.hours import Mode, Now
from controller.core.membership import Listed, Listing, Membership, Status
from controller.core.passback import Policy


class Side(StrEnum):
    """Where a reader is, by what whoever swipes at it wants: to come in, or to leave."""

    IN = "in"
    OUT = "out"


class Reason(StrEnum):
    """Why somebody was not let in, as journals and messages say it."""

    NOT_READ = "not_read"
    HALF_READ = "half_read"
    TOO_LATE = "too_late"
    LOCKDOWN = "lockdown"
    EVACUATION = "evacuation"
    CLOCK_UNTRUSTED = "clock_untrusted"
    CLOSED_HOURS = "closed_hours"
    CLEAR_OUT = "clear_out"
    LAST_ENTRY = "last_entry"
    LOCKED_OUT = "locked_out"
    BLOCKED = "blocked"
    UNKNOWN_CARD = "unknown_card"
    NOT_CHECKED = "not_checked"
    MEMBERSHIP_STALE = "membership_stale"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    NOT_ENROLLED = "not_enrolled"
    ENTITLEMENT_NOT_BEGUN = "entitlement_not_begun"
    ENTITLEMENT_ENDED = "entitlement_ended"
    UNDER_AGE = "under_age"
    FULL = "full"
    PASSBACK = "passback"
    PIN_MISSING = "pin_missing"
    PIN_WRONG = "pin_wrong"
    PIN_UNAVAILABLE = "pin_unavailable"
    JOURNAL_UNAVAILABLE = "journal_unavailable"


class PinResult(StrEnum):
    """What came of asking for a PIN. missing: none was entered in time, or an empty one."""

    CORRECT = "correct"
    WRONG = "wrong"
    MISSING = "missing"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Applicant:
    """All that is known of the card that was swiped.

    membership: None when nothing is. own_hours: those of its category now, if it has hours of its own.
    opens_up: of a category whose members open the branch to the public. locked_out: the card or the reader
    is, after failed attempts. pin: None as long as none was asked for.
    """

    membership: Membership | None
    listed: Listed | None = None
    own_hours: Now | None = None
    opens_up: bool = False
    locked_out: bool = False
    pin: PinResult | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """All that counts besides the card. today: local date; wall_us: microseconds since 1970 UTC.

    max_age_us: a membership copied longer ago than this is not believed. own_hours_max_age_us: but which
    category it is is believed for so long as to go by that category's hours; None: no longer than the rest.
    asked_in_vain: the library management system, about this card, just now. awaits_first_person: in staffed
    hours the door is to stand unlocked, but nobody of the staff has opened up yet. minimum_age: there is
    one. guardian_admitted: companions are allowed, and a guardian came in at this door just now. full: as
    many are inside as may be. passback: what is done about it that this card is inside already; off: it is
    not, or nothing is. pin_needed: here and now a PIN is wanted.
    """

    hours: Now
    today: date
    wall_us: int
    clock_trusted: bool
    lockdown: bool
    max_age_us: int
    own_hours_max_age_us: int | None = None
    asked_in_vain: bool = False
    side: Side = Side.IN
    evacuation: bool = False
    awaits_first_person: bool = False
    minimum_age: bool = False
    guardian_admitted: bool = False
    full: bool = False
    passback: Policy = Policy.OFF
    pin_needed: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """Let them in, or out. passback: coming in, though it has not left since, which shall be recorded."""

    passback: bool = False


@dataclass(frozen=True, slots=True)
class OpensUp:
    """Let them in, and leave the door unlocked until the staffed hours end."""


@dataclass(frozen=True, slots=True)
class PinNeeded:
    """Ask for the PIN, and decide again with what came of it."""


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """Staff are in: no card is needed and the lock is not ours to drive."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Do not, and say why."""

    reason: Reason


Decision = Granted | OpensUp | PinNeeded | NotNeeded | Refused

_NOT_OPEN_YET = Now(Mode.CLOSED, None, entry=True)
_PIN_REASONS = {
    PinResult.WRONG: Reason.PIN_WRONG,
    PinResult.MISSING: Reason.PIN_MISSING,
    PinResult.UNAVAILABLE: Reason.PIN_UNAVAILABLE,
}


def decide(applicant: Applicant, situation: Situation) -> Decision:
    """The decision on a card."""
    if situation.lockdown:
        return Refused(Reason.LOCKDOWN)
    if situation.side is Side.OUT:
        return _decide_leaving(applicant)
    if situation.evacuation:
        return Refused(Reason.EVACUATION)
    if not situation.clock_trusted:
        return Refused(Reason.CLOCK_UNTRUSTED)
    if situation.hours.mode is Mode.STAFFED:
        if not situation.awaits_first_person:
            return NotNeeded()
        if applicant.opens_up:
            return _decide_opening_up(applicant, situation)
    return _decide_entry(applicant, situation)


def _decide_leaving(applicant: Applicant) -> Decision:
    if applicant.membership is None and applicant.listed is None:
        return Refused(Reason.UNKNOWN_CARD)
    return Granted()


def _decide_opening_up(applicant: Applicant, situation: Situation) -> Decision:
    # What one list allows is to come in; the branch is opened by members of staff with a membership.
    reason = _barred(applicant, situation) or _membership_reason(applicant.membership, situation)
    if reason is not None:
        return Refused(reason)
    return _pin_decision(applicant, situation) or OpensUp()


def _decide_entry(applicant: Applicant, situation: Situation) -> Decision:
    reason = _hours_reason(_hours_of(applicant, situation)) or _barred(applicant, situation)
    allowed = _listing(applicant, situation) is Listing.ALLOWED
    if reason is None and not allowed:
        reason = _membership_reason(applicant.membership, situation)
    if reason is None and situation.full:
        reason = Reason.FULL
    if reason is None and situation.passback is Policy.REFUSE:
        reason = Reason.PASSBACK
    if reason is not None:
        return Refused(reason)
    if not allowed and (asked := _pin_decision(applicant, situation)):
        return asked
    return Granted(passback=situation.passback is Policy.WARN)


def _hours_of(applicant: Applicant, situation: Situation) -> Now:
    membership, max_age_us = applicant.membership, situation.own_hours_max_age_us
    if max_age_us is None:
        max_age_us = situation.max_age_us
    if applicant.own_hours and membership and _is_younger(membership, situation, max_age_us):
        return applicant.own_hours
    return _NOT_OPEN_YET if situation.hours.mode is Mode.STAFFED else situation.hours


def _hours_reason(hours: Now) -> Reason | None:
    match hours.mode:
        case Mode.CLOSED:
            return Reason.CLOSED_HOURS
        case Mode.CLEAR_OUT:
            return Reason.CLEAR_OUT
        case Mode.STAFFED | Mode.UNSTAFFED:
            return None if hours.entry else Reason.LAST_ENTRY


def _barred(applicant: Applicant, situation: Situation) -> Reason | None:
    if applicant.locked_out:
        return Reason.LOCKED_OUT
    return Reason.BLOCKED if _listing(applicant, situation) is Listing.BLOCKED else None


def _listing(applicant: Applicant, situation: Situation) -> Listing | None:
    listed = applicant.listed
    return listed.listing if listed is not None and listed.counts(situation.today) else None


def _membership_reason(membership: Membership | None, situation: Situation) -> Reason | None:
    today = situation.today
    if membership is None:
        return Reason.NOT_CHECKED if situation.asked_in_vain else Reason.UNKNOWN_CARD
    if not _is_younger(membership, situation, situation.max_age_us):
        return Reason.MEMBERSHIP_STALE
    if membership.status is not Status.ACTIVE:
        return Reason.SUSPENDED
    if today > membership.expires:
        return Reason.EXPIRED
    if membership.inducted_on is None or membership.inducted_on > today or membership.granted_from is None:
        return Reason.NOT_ENROLLED
    if today < membership.granted_from:
        return Reason.ENTITLEMENT_NOT_BEGUN
    if membership.granted_until is not None and today > membership.granted_until:
        return Reason.ENTITLEMENT_ENDED
    if situation.minimum_age and not (membership.is_of_age(today) or situation.guardian_admitted):
        return Reason.UNDER_AGE
    return None


def _is_younger(membership: Membership, situation: Situation, max_age_us: int) -> bool:
    # A copy from the future was taken by a wrong clock: it would otherwise stay fresh for as long as that.
    return 0 <= situation.wall_us - membership.as_of_us <= max_age_us


def _pin_decision(applicant: Applicant, situation: Situation) -> Decision | None:
    if not situation.pin_needed or applicant.pin is PinResult.CORRECT:
        return None
    return PinNeeded() if applicant.pin is None else Refused(_PIN_REASONS[applicant.pin])
