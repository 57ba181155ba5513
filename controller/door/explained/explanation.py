"""Why a card is let in or refused at a time, in plain English, and when it would be let in next.

The decision is the door's own; here it is only asked again and put into words. Where the door would ask the
library management system about the card, it is the one that holds if nobody answers. Memberships are taken as
old as they are now, whatever the time that is asked about: those of next month will have been copied again.
Never here: looking anything up, or what the door alone knows (lockdown, capacity, lock-outs), which comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from controller.core.access import (
    Decision,
    Granted,
    NotNeeded,
    OpensUp,
    PinNeeded,
    Reason,
    Refused,
    Side,
)
from controller.core.event import Stamp
from controller.core.hours import FORESEEN_DAYS, Mode, Now
from controller.core.local_time import EPOCH, local_date, local_time
from controller.core.meanings import MEANINGS
from controller.core.membership import Listing, Membership
from controller.door.admission import Here, Known, Rules, decide_by, is_worth_asking

FORESEEN_US = 62 * 86_400_000_000
"""How far ahead the next time is looked for, from the first day on which the card is good."""
UNCHANGED_US = (FORESEEN_DAYS - 1) * 86_400_000_000
"""Hours without a next change that is known stay as they are for so long: a day less for the clocks."""


@dataclass(frozen=True, slots=True)
class Question:
    """May this card in at ``at_us``? now_us: the time at which it was looked up. Wall time, microseconds.

    pin_needed: whether a PIN is asked for at an instant. here: as the door is, without the PIN.
    """

    rules: Rules
    known: Known
    here: Here
    at_us: int
    now_us: int
    clock_trusted: bool
    pin_needed: Callable[[int], bool]

    def decision(self, at_us: int) -> Decision:
        """As far as the branch knows by itself."""
        asked_in_vain = self.would_ask(at_us)
        return self._decided(at_us, replace(self.here, asked_in_vain=asked_in_vain))

    def would_ask(self, at_us: int) -> bool:
        """Whether the door would ask the library management system about this card."""
        decision, stamp = self._decided(at_us, self.here), Stamp(at_us, 0, "", self.clock_trusted)
        return is_worth_asking(self.rules, decision, self._known(at_us), stamp, self.here.side)

    def _decided(self, at_us: int, here: Here) -> Decision:
        stamp = Stamp(at_us, 0, "", self.clock_trusted)
        here = replace(here, pin_needed=self.pin_needed(at_us))
        return decide_by(self.rules, self._known(at_us), stamp, here)

    def _known(self, at_us: int) -> Known:
        known = self.known
        if (membership := known.found.membership) is not None:
            as_of_us = membership.as_of_us + at_us - self.now_us
            known = replace(
                known, found=replace(known.found, membership=replace(membership, as_of_us=as_of_us))
            )
        return known

    def own_hours(self, at_us: int) -> Now | None:
        """Those of the card's category, if it has its own."""
        membership = self.known.found.membership
        category = self.rules.categories.get(membership.category) if membership else None
        return category.hours.at(at_us) if category and category.hours else None

    def hours(self, at_us: int) -> Now:
        """Those that this card goes by."""
        return self.own_hours(at_us) or self.rules.hours.at(at_us)

    def shown(self, us: int) -> str:
        return f"{local_time(us, self.rules.zone):%a %d %B %Y, %H:%M}"

    def day(self, us: int) -> date:
        return local_date(us, self.rules.zone)

    def midnight_us(self, day: date) -> int:
        """The first instant of a local day."""
        local = datetime.combine(day, time(), self.rules.zone)
        return (local - EPOCH) // timedelta(microseconds=1)


def let_in(decision: Decision) -> bool:
    """Whether the door opens, if need be after a PIN."""
    return not isinstance(decision, Refused)


ASKS_FIRST = (
    "The door asks the library management system about this card first, and goes by its answer. This holds "
    "if nobody answers in time."
)


def verdict(decision: Decision) -> str:
    """The decision in a word or two."""
    match decision:
        case Granted():
            return "let in"
        case OpensUp():
            return "let in, and opens the branch"
        case PinNeeded():
            return "let in after the right PIN"
        case NotNeeded():
            return "no card is needed"
        case Refused(reason):
            return f"refused, {reason.value}"


def why(question: Question) -> str:
    """The reason of the decision at the time asked about, in a sentence or two."""
    decision, at_us = question.decision(question.at_us), question.at_us
    match decision:
        case Refused(reason):
            return _why_not(question, reason)
        case NotNeeded():
            return f"Staff are in{_until(question, question.rules.hours.at(at_us))}."
        case OpensUp():
            return "Whoever is first of the staff opens the branch."
        case Granted() | PinNeeded():
            return _why(question)


def _why(question: Question) -> str:
    found = question.known.found
    if question.here.side is Side.OUT:
        return "Every card that is known lets out."
    listed = found.listed
    if listed and listed.listing is Listing.ALLOWED and listed.counts(question.day(question.at_us)):
        return f"It is on the branch's list of allowed cards until the end of {listed.until}."
    until = _until(question, question.hours(question.at_us))
    return f"The membership is in order, and the door opens to it{until}."


def _until(question: Question, now: Now) -> str:
    return "" if now.until_us is None else f" until {question.shown(now.until_us)}"


def _at(question: Question, now: Now) -> str:
    return "" if now.closes_us is None else f", at {question.shown(now.closes_us)}"


def _why_not(question: Question, reason: Reason) -> str:
    membership, today = question.known.found.membership, question.day(question.at_us)
    listed = question.known.found.listed
    match reason:
        case Reason.CLOSED_HOURS | Reason.CLEAR_OUT | Reason.LAST_ENTRY:
            return _not_at_this_hour(question, reason)
        case Reason.BLOCKED if listed is not None and listed.until is not None:
            return f"{MEANINGS[reason].member} That ends with {listed.until}."
        case Reason.UNKNOWN_CARD | Reason.NOT_CHECKED:
            return (
                "By the last import, and what the library management system has said since, no membership "
                "has this card; nor does a list of the branch let it in."
            )
        case Reason.MEMBERSHIP_STALE if membership is not None:
            return (
                f"The memberships were copied on {question.shown(membership.as_of_us)}, and are believed for "
                f"{question.rules.max_age_us // 3_600_000_000} hours."
            )
    return MEANINGS[reason].member if membership is None else _of_membership(membership, reason, today)


def _not_at_this_hour(question: Question, reason: Reason) -> str:
    branch, own = question.rules.hours.at(question.at_us), question.own_hours(question.at_us)
    membership = question.known.found.membership
    if reason is Reason.CLOSED_HOURS and branch.mode is Mode.STAFFED and own is None:
        return "Staffed hours have begun, but nobody of the staff has opened the branch yet."
    if membership is not None and own is not None:
        return f'Cards of category "{membership.category}" have hours of their own, and this is outside them.'
    if reason is Reason.LAST_ENTRY:
        return f"The branch lets nobody in so shortly before it closes{_at(question, branch)}."
    if reason is Reason.CLEAR_OUT:
        return f"Staff are leaving, and nobody is let in by card{_until(question, branch)}."
    return f"The branch is closed{_until(question, branch)}."


def _of_membership(membership: Membership, reason: Reason, today: date) -> str:
    inducted_on, adult_on = membership.inducted_on, membership.adult_on
    match reason:
        case Reason.EXPIRED:
            return f"The membership expired with {membership.expires}."
        case Reason.NOT_ENROLLED if inducted_on is None:
            return "No induction to unstaffed hours is on record."
        case Reason.NOT_ENROLLED if inducted_on is not None and today < inducted_on:
            return f"The induction is on {inducted_on}."
        case Reason.NOT_ENROLLED:
            return "There was an induction, but no entitlement to unstaffed hours is on record."
        case Reason.ENTITLEMENT_NOT_BEGUN:
            return f"The entitlement to unstaffed hours begins on {membership.granted_from}."
        case Reason.ENTITLEMENT_ENDED:
            return f"The entitlement to unstaffed hours ended with {membership.granted_until}."
        case Reason.UNDER_AGE if adult_on is None:
            return "There is a minimum age, and the library did not say that this member has reached it."
        case Reason.UNDER_AGE:
            return f"{MEANINGS[reason].member} It is reached on {adult_on}."
        case _:
            return MEANINGS[reason].member


def next_time(question: Question) -> int | None:
    """When a card that is refused would be let in next; None: not as things stand."""
    return next((at_us for at_us in _moments(question) if let_in(question.decision(at_us))), None)


def _moments(question: Question) -> Iterator[int]:
    """Instants after the one asked about at which the answer may change, in order."""
    today = question.day(question.at_us)
    at_us = max((question.midnight_us(day) for day in _days(question) if day > today), default=question.at_us)
    if at_us > question.at_us:
        yield at_us
    last_us = at_us + FORESEEN_US
    while at_us < last_us:
        both = (question.rules.hours.at(at_us), question.hours(at_us))
        at_us = min((now.until_us for now in both if now.until_us), default=at_us + UNCHANGED_US)
        yield at_us


def _days(question: Question) -> Iterator[date]:
    """Days before which this card is not good, if what is known of it stays as it is."""
    membership, listed = question.known.found.membership, question.known.found.listed
    if listed is not None:
        if listed.listing is Listing.ALLOWED:
            return
        if listed.until is not None:
            yield listed.until + timedelta(days=1)
    if membership is None:
        return
    days = [membership.inducted_on, membership.granted_from]
    if question.rules.minimum_age:
        days.append(membership.adult_on)
    yield from (day for day in days if day is not None)
