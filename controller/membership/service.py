"""The keeper of the memberships: drops sets that no longer count, and says when they grow stale.

Here: what is done at one moment, as plain calls. Never here: waiting, signals, drivers (``main``), or
deciding about a member.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import partial

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.core.local_time import local_date
from controller.keeping.jump_guard import JournalGuard
from controller.membership.drops import Drops, Why
from controller.store.journal import Journal
from controller.store.members_owner import MembersOwner

DROP_BATCH = 1_000
"""Memberships a transaction: small, so that an import beside it never waits for long."""
LIVE_TIDIED_EVERY_US = 600_000_000
SUBJECT = "members"
LMS = "lms"


@dataclass(frozen=True, slots=True)
class Ages:
    """How old what is kept may be, microseconds: a membership, and a PIN."""

    membership_us: int
    pin_us: int


class Keeper:
    """For one thread. All methods raise DatabaseUnusable and JournalUnavailable.

    stale: what the journal said last; None if it never said anything.
    """

    def __init__(
        self,
        members: MembersOwner,
        journal: Journal,
        ages: Ages,
        zone: tzinfo,
        drops: Drops,
        *,
        stale: bool | None,
    ) -> None:
        self._members = members
        self._live = members.live_answers()
        self._journal = journal
        self._ages = ages
        self._stale = stale
        self._live_tidied_us = -LIVE_TIDIED_EVERY_US
        self._zone = zone
        self._drops = drops
        self._guard = JournalGuard(journal)
        self._listings_ended_on: date | None = None

    def begin(self, now: Stamp) -> None:
        self._append(EventType.SERVICE_STARTED, "membership", now, {})

    def judge_age(self, now: Stamp) -> None:
        """Journal the change when the current set has grown stale, or is fresh again.

        The door judges by itself, swipe by swipe: this is for people. An untrusted clock says nothing.
        """
        if not now.clock_trusted:
            return
        current = self._members.current_set()
        age_us = None if current is None else now.wall_us - current.as_of_us
        stale = age_us is None or age_us > self._ages.membership_us
        if stale != self._stale:
            event_type = EventType.MEMBERSHIP_STALE if stale else EventType.MEMBERSHIP_FRESH
            age_h = None if age_us is None else age_us // 3_600_000_000
            data: dict[str, JsonValue] = {"age_h": age_h, "members": current.count if current else 0}
            self._append(event_type, SUBJECT, now, data)
            self._stale = stale

    def tell(self, news: Iterable[tuple[EventType, dict[str, JsonValue]]], now: Stamp) -> None:
        """Journal what the library management system is like now."""
        for event_type, data in news:
            self._append(event_type, LMS, now, data)

    def end_listings(self, now: Stamp) -> None:
        """Take off the branch's lists what has ended, by a clock that is trusted and did not jump."""
        today = local_date(now.wall_us, self._zone)
        if today != self._listings_ended_on and self._guard.steady(now) and self._drops.may(now):
            may = partial(self._drops.begin, Why.ENDED, now)
            self._drops.count(Why.ENDED, self._members.drop_ended_listings(today, may))
            self._listings_ended_on = today

    def tidy(self, now: Stamp) -> bool:
        """Drop one batch of what no longer counts; True if there may be more.

        A clock that is not trusted, or has jumped, makes nothing too old. The journal's head is signed when
        that is due.
        """
        self._journal.sign_head()
        drops = self._drops
        if drops.may(now):
            may = partial(drops.begin, Why.SUPERSEDED, now)
            if drops.count(Why.SUPERSEDED, self._members.drop_superseded(DROP_BATCH, may)):
                return True
            due = now.mono_us - self._live_tidied_us >= LIVE_TIDIED_EVERY_US
            if due and self._guard.steady(now):
                ages = self._ages
                dropped = self._live.tidy(
                    now.wall_us,
                    max_age_us=ages.membership_us,
                    pin_max_age_us=ages.pin_us,
                    may=partial(drops.begin, Why.TOO_OLD, now),
                )
                if drops.count(Why.TOO_OLD, dropped):
                    return True
                self._live_tidied_us = now.mono_us
        drops.tell_overdue(now, self._members.superseded)
        drops.certify(now)
        # Only now is what was dropped gone from the disk as well.
        self._members.checkpoint()
        self._journal.checkpoint()
        return False

    def end(self, now: Stamp) -> None:
        self._append(EventType.SERVICE_STOPPED, "membership", now, {})

    def _append(self, type: EventType, subject: str, now: Stamp, data: dict[str, JsonValue]) -> None:
        self._journal.append([NewEvent(type, subject, now, data)])
