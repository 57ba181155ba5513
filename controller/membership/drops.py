"""May what no longer counts of the memberships be dropped now, and what was? Certified once it all is.

Never here: what no longer counts (``store.members_owner``, ``store.live_answers``). A process that is killed
while it drops goes on at its next start, and certifies what it dropped itself.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import Category, Item
from controller.core.protection import Protection, covers, protects
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal

log = logging.getLogger(__name__)


class Why(StrEnum):
    """superseded: a newer set or answer counts. ended: a listing's last day is over. too_old: an answer."""

    SUPERSEDED = "superseded"
    ENDED = "ended"
    TOO_OLD = "too_old"


class Drops:
    """For one thread. policy: SHA-256 of the profile. protections: reads all holds afresh."""

    def __init__(
        self,
        journal: Journal,
        site: str,
        policy: str,
        clock_source: str,
        protections: Callable[[], Sequence[Protection]],
    ) -> None:
        self._journal = journal
        self._site = site
        self._policy = policy
        self._clock_source = clock_source
        self._protections = protections
        self._dropped: Counter[Why] = Counter()
        self._consulted = 0
        self._held_by: tuple[str, ...] = ()
        self._unknown = False

    def may(self, now: Stamp) -> bool:
        """Whether no hold of memberships is in force. A clock that is not trusted ends none.

        Told once, with the holds. Raises JournalUnavailable.
        """
        try:
            found = self._protections()
        except DatabaseUnusable as error:
            if not self._unknown:
                log.error("no memberships are dropped: %s", error)
            self._unknown = True
            return False
        self._unknown, self._consulted = False, len(found)
        item = Item(Category.MEMBERSHIPS, self._site, None, 0, now.wall_us + 1)
        covering = [one for one in found if covers(one, item)]
        held_by = tuple(one.id for one in covering if not now.clock_trusted or protects(one, now.wall_us))
        if held_by != self._held_by:
            self._held_by = held_by
            data: dict[str, JsonValue] = {
                "category": Category.MEMBERSHIPS.value,
                "held_by": dict.fromkeys(held_by, 1),
                "count": 1 if held_by else 0,
            }
            self._journal.append([NewEvent(EventType.RETENTION_HELD, self._site, now, data)])
        return not held_by

    def count(self, why: Why, dropped: int) -> int:
        """Of a batch; returns how many."""
        self._dropped[why] += dropped
        return dropped

    def certify(self, now: Stamp) -> None:
        """All that was dropped since the last time. Raises JournalUnavailable; call it again then."""
        events = [
            NewEvent(
                EventType.DISPOSAL_CERTIFICATE,
                self._site,
                now,
                {
                    "policy": self._policy,
                    "category": Category.MEMBERSHIPS.value,
                    "basis": why.value,
                    "clock": self._clock_source if now.clock_trusted else "untrusted",
                    "method": "delete",
                    "holds_consulted": self._consulted,
                    "count": count,
                },
            )
            for why, count in sorted(self._dropped.items())
            if count
        ]
        if events:
            self._journal.append(events)
        self._dropped.clear()
