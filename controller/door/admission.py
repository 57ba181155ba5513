"""Looks a card up and asks ``core.access`` whether it opens the door now.

Fails closed: memberships that cannot be read admit nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from controller.core.access import Applicant, Decision, Reason, Refused, Situation, decide
from controller.core.card import CardNumber
from controller.core.event import Stamp
from controller.core.hours import Mode, Now, WeeklyHours, mode_at
from controller.store.engine import DatabaseUnusable
from controller.store.members import Found

log = logging.getLogger(__name__)

NOTHING = Found(None, None)


class Memberships(Protocol):
    """What is used of ``store.members.Members``."""

    def find(self, member_ref: bytes) -> Found:
        """Raises DatabaseUnusable."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """known: a member of this library holds the card. Of a stranger's card nothing is kept."""

    decision: Decision
    known: bool


class Admission:
    """For the acting thread alone. member_ref: the keyed reference of a card (``secrets.site_key``)."""

    def __init__(
        self,
        memberships: Memberships,
        member_ref: Callable[[CardNumber], bytes],
        hours: WeeklyHours,
        zone: tzinfo,
        max_age_us: int,
    ) -> None:
        self._memberships = memberships
        self._member_ref = member_ref
        self._hours = hours
        self._zone = zone
        self._max_age_us = max_age_us
        self.members_readable = True

    def mode(self, stamp: Stamp) -> Mode | None:
        """Staffed, unstaffed or closed; None while the clock cannot be believed."""
        return mode_at(self._hours, self._local(stamp)) if stamp.clock_trusted else None

    def answer(self, card: CardNumber, stamp: Stamp, *, lockdown: bool) -> Answer:
        """The decision on this card at this time."""
        found = self._find(card)
        local = self._local(stamp)
        decision = decide(
            Applicant(found.membership, found.listed),
            Situation(
                hours=Now(mode_at(self._hours, local), None, entry=True),
                today=local.date(),
                wall_us=stamp.wall_us,
                clock_trusted=stamp.clock_trusted,
                lockdown=lockdown,
                max_age_us=self._max_age_us,
            ),
        )
        if decision == Refused(Reason.UNKNOWN_CARD) and not self.members_readable:
            # It is not the card that is unknown: nothing at all is known.
            decision = Refused(Reason.MEMBERSHIP_STALE)
        return Answer(decision, known=found != NOTHING)

    def _find(self, card: CardNumber) -> Found:
        try:
            found = self._memberships.find(self._member_ref(card))
        except DatabaseUnusable as error:
            if self.members_readable:
                log.error("the memberships cannot be read, nobody is admitted: %s", error)
            self.members_readable = False
            return NOTHING
        self.members_readable = True
        return found

    def _local(self, stamp: Stamp) -> datetime:
        return datetime.fromtimestamp(stamp.wall_us / 1_000_000, self._zone)
