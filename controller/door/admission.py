"""Looks a card up and asks ``core.access`` whether it opens the door now.

Fails closed: memberships that cannot be read admit nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Protocol

from controller.core.access import (
    Applicant,
    Decision,
    PinResult,
    Reason,
    Refused,
    Side,
    Situation,
    decide,
)
from controller.core.card import CardNumber
from controller.core.event import Stamp
from controller.core.hours import Mode, Now
from controller.core.live import LiveRules, worth_asking, worth_refreshing
from controller.core.local_time import local_date
from controller.core.passback import Policy
from controller.ipc.look_up import LookedUp
from controller.store.engine import DatabaseUnusable
from controller.store.members import Found

log = logging.getLogger(__name__)

DAY_S = 86_400.0

NOTHING = Found(None, None)


class Memberships(Protocol):
    """What is used of ``store.members.Members``."""

    def find(self, member_ref: bytes) -> Found:
        """Raises DatabaseUnusable."""
        ...


class Timetable(Protocol):
    """What is used of ``core.hours.Schedule``."""

    def at(self, wall_us: int) -> Now: ...


@dataclass(frozen=True, slots=True)
class Category:
    """What is different about a category of members. hours: its own; None: those of the branch."""

    opens_up: bool
    hours: Timetable | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a branch has settled about who is let in.

    max_age_us: a membership that is older is not believed, whoever does not answer. live: how old it may be
    where the library management system is asked; None: there is none.
    """

    hours: Timetable
    zone: tzinfo
    max_age_us: int
    minimum_age: bool
    categories: Mapping[str, Category]
    live: LiveRules | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a card. readable: False when nothing could be looked up at all.

    member_ref: what it is known by while the process runs; neither shown nor kept.
    """

    member_ref: bytes = field(repr=False)
    found: Found
    readable: bool = True

    @property
    def anything(self) -> bool:
        """Of a stranger's card nothing is kept."""
        return self.found != NOTHING


@dataclass(frozen=True, slots=True)
class Here:
    """What a door says of itself and of this attempt: see ``Situation`` and ``Applicant``."""

    lockdown: bool
    side: Side = Side.IN
    evacuation: bool = False
    awaits_first_person: bool = False
    guardian_admitted: bool = False
    full: bool = False
    passback: Policy = Policy.OFF
    locked_out: bool = False
    asked_in_vain: bool = False
    pin_needed: bool = False
    pin: PinResult | None = None


class Admission:
    """For the acting thread alone. member_ref: the keyed reference of a card (``secrets.site_key``)."""

    def __init__(
        self, memberships: Memberships, member_ref: Callable[[CardNumber], bytes], rules: Rules
    ) -> None:
        self._memberships = memberships
        self._member_ref = member_ref
        self._rules = rules
        self.members_readable = True

    def mode(self, stamp: Stamp) -> Mode | None:
        """The mode of the branch's hours; None while the clock cannot be believed."""
        return self._rules.hours.at(stamp.wall_us).mode if stamp.clock_trusted else None

    def hours_at(self, wall_us: int) -> Now:
        """The branch's hours at a time, microseconds since 1970 UTC."""
        return self._rules.hours.at(wall_us)

    def staffed_left_s(self, stamp: Stamp) -> float | None:
        """Seconds until the staffed hours end, a day at most; None outside them or without the time."""
        now = self._rules.hours.at(stamp.wall_us)
        if now.mode is not Mode.STAFFED or not stamp.clock_trusted:
            return None
        if now.until_us is None:
            return DAY_S
        return min(DAY_S, (now.until_us - stamp.wall_us) / 1_000_000)

    def vouches(self, known: Known, stamp: Stamp) -> bool:
        """Whether whoever holds this card is a guardian, whom companions may follow."""
        membership = known.found.membership
        return (
            membership is not None
            and membership.guardian
            and membership.is_of_age(local_date(stamp.wall_us, self._rules.zone))
        )

    def look_up(self, card: CardNumber, said: LookedUp | None = None) -> Known:
        """What is known of this card. said: what the library management system has just said of it."""
        member_ref = self._member_ref(card)
        try:
            found = self._memberships.find(member_ref)
        except DatabaseUnusable as error:
            if self.members_readable:
                log.error("the memberships cannot be read, nobody is admitted: %s", error)
            self.members_readable = False
            return Known(member_ref, NOTHING, readable=False)
        self.members_readable = True
        return Known(member_ref, found if said is None else replace(found, membership=said.membership))

    def worth_asking(self, decision: Decision, known: Known, stamp: Stamp, side: Side) -> bool:
        """Whether the library management system is to be asked before this decision stands."""
        return is_worth_asking(self._rules, decision, known, stamp, side)

    def worth_refreshing(self, known: Known, stamp: Stamp) -> bool:
        """Whether it is to be asked about a card that has just opened the door."""
        live = self._rules.live
        return live is not None and worth_refreshing(known.found.membership, stamp.wall_us, live)

    def decide(self, known: Known, stamp: Stamp, here: Here) -> Decision:
        """The decision on a card at this time."""
        return decide_by(self._rules, known, stamp, here)


def is_worth_asking(rules: Rules, decision: Decision, known: Known, stamp: Stamp, side: Side) -> bool:
    """See ``core.live.worth_asking``."""
    # Without the branch's own list of blocked cards, nobody else's yes opens the door.
    if rules.live is None or not known.readable:
        return False
    return worth_asking(decision, side, known.found.membership, stamp.wall_us, rules.live)


def decide_by(rules: Rules, known: Known, stamp: Stamp, here: Here) -> Decision:
    """The decision by these rules on a card of which this is known."""
    membership, live = known.found.membership, rules.live
    category = rules.categories.get(membership.category) if membership else None
    decision = decide(
        Applicant(
            membership,
            known.found.listed,
            category.hours.at(stamp.wall_us) if category and category.hours else None,
            category is not None and category.opens_up,
            here.locked_out,
            here.pin,
        ),
        Situation(
            hours=rules.hours.at(stamp.wall_us),
            today=local_date(stamp.wall_us, rules.zone),
            wall_us=stamp.wall_us,
            clock_trusted=stamp.clock_trusted,
            lockdown=here.lockdown,
            max_age_us=rules.max_age_us if live is None or here.asked_in_vain else live.max_age_us,
            own_hours_max_age_us=rules.max_age_us,
            asked_in_vain=here.asked_in_vain,
            side=here.side,
            evacuation=here.evacuation,
            awaits_first_person=here.awaits_first_person,
            minimum_age=rules.minimum_age,
            guardian_admitted=here.guardian_admitted,
            full=here.full,
            passback=here.passback,
            pin_needed=here.pin_needed,
        ),
    )
    nothing = decision in (Refused(Reason.UNKNOWN_CARD), Refused(Reason.NOT_CHECKED))
    if nothing and not known.readable:
        # It is not the card that is unknown: nothing at all is known.
        return Refused(Reason.MEMBERSHIP_STALE)
    return decision
