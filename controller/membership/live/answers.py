"""What an answer of the library management system comes to: what the door is told, and what is kept of it.

Here: joining it to what was imported, what is remembered of strangers, and when the system is not believed.
Never here: who asked, and who waits (``desk``); asking (``asker``); or writing (``records``).
"""

from __future__ import annotations

import logging
from typing import Protocol

from controller.core.card import CardNumber
from controller.core.membership import Membership
from controller.core.pin import Pin
from controller.ipc.look_up import LookedUp
from controller.membership.live.health import Health
from controller.membership.live.merging import merged
from controller.membership.live.records import Records
from controller.membership.live.strangers import Strangers
from controller.membership.live.surroundings import Surroundings
from controller.membership.lms.source import Answer, Said
from controller.store.engine import DatabaseUnusable
from controller.store.members import Found

log = logging.getLogger(__name__)

LOST_MEMBERS = 3
"""So many members in a row whom the system does not know are not believed to have gone."""


class Memberships(Protocol):
    """What is used of ``store.members.Members``."""

    def find(self, member_ref: bytes) -> Found:
        """What counts now, whoever said it. Raises DatabaseUnusable."""
        ...

    def imported(self, member_ref: bytes) -> Membership | None:
        """In the set that counts, whatever was said since. Raises DatabaseUnusable."""
        ...


class Answers:
    """For the desk's thread alone. negative_us: how long it is remembered that the system does not know a
    card.
    """

    def __init__(
        self,
        members: Memberships,
        records: Records,
        around: Surroundings,
        health: Health,
        negative_us: int,
    ) -> None:
        self._members = members
        self._records = records
        self._around = around
        self._health = health
        self._strangers = Strangers(negative_us)
        self._lost_members = 0

    def is_stranger(self, card: CardNumber) -> bool:
        """The system has just said that it does not know this card."""
        return self._strangers.has(self._around.member_ref(card), self._around.mono_us())

    def known(self, card: CardNumber, said: Said) -> LookedUp | None:
        """The membership as of now, which is also written; None if that cannot be said."""
        self._lost_members = 0
        self._health.plausible()
        now, member_ref = self._around.now(), self._around.member_ref(card)
        self._strangers.remove(member_ref)
        if not now.clock_trusted:
            return None
        try:
            imported = self._members.imported(member_ref)
        except DatabaseUnusable as error:
            log.error("the memberships cannot be read: %s", error)
            return None
        membership = merged(said, imported, now.wall_us)
        self._records.keep(card, membership)
        return LookedUp(membership)

    def unknown(self, card: CardNumber) -> LookedUp | None:
        """That there is no such card; None if the system is not believed."""
        now, member_ref = self._around.now(), self._around.member_ref(card)
        try:
            is_member = self._members.find(member_ref).membership is not None
            was_imported = self._members.imported(member_ref) is not None
        except DatabaseUnusable:
            is_member = was_imported = False
        if is_member:
            self._lost_members += 1
            if self._lost_members > LOST_MEMBERS:
                self._health.unusable(f"it knows none of the last {self._lost_members} members asked about")
                return None
        # Once more for whom it was said before: a set that is imported later may be from in between.
        if (is_member or was_imported) and now.clock_trusted:
            self._records.evict(card, now.wall_us)
        self._strangers.add(member_ref, self._around.mono_us())
        return LookedUp(None)

    def about_pin(self, card: CardNumber, pin: Pin, answer: Answer) -> LookedUp | None:
        """Keep what is to be kept of an answer to a card with a PIN. As ``known`` if the PIN was right.

        The right PIN of a membership that is none any more must not open the door by an older copy.
        """
        if not isinstance(answer, Said):
            self._records.pin_was_wrong(card, pin)
            return None
        looked_up = self.known(card, answer)
        if (now := self._around.now()).clock_trusted:
            self._records.pin_was_right(card, pin, now.wall_us)
        return looked_up
