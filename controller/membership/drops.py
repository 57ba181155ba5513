"""May what no longer counts of the memberships be dropped now, and what was? Certified once it all is.

``disposal.started`` comes before the first batch. A process that is killed while it drops goes on at its next
start; the certificate then counts what went since, and says that it was interrupted.
Never here: what no longer counts (``store.members_owner``, ``store.live_answers``).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum

from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import Category, Item
from controller.core.protection import Protection, covers, protects
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal

HOUR_US = 3_600_000_000

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
        self._open = self._unfinished()
        self._interrupted = frozenset(started.id for started in self._open.values())
        self._consulted = 0
        self._held_by: tuple[str, ...] = ()
        self._unknown_since_us: int | None = None
        self._alarm_us = 0

    def may(self, now: Stamp) -> bool:
        """Whether no hold of memberships is in force. A clock that is not trusted ends none.

        Told once, with the holds. Raises JournalUnavailable.
        """
        try:
            found = self._protections()
        except DatabaseUnusable as error:
            if self._unknown_since_us is None:
                log.error("no memberships are dropped: %s", error)
                self._unknown_since_us, self._alarm_us = now.mono_us, now.mono_us + HOUR_US
            return False
        self._unknown_since_us, self._consulted = None, len(found)
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

    def begin(self, why: Why, now: Stamp) -> bool:
        """Whether what is about to be dropped may go; to be asked inside the transaction that deletes it.

        That it begins is durable before the holds are read: whoever places one writes it, and then looks for
        what has begun, so one of the two sees the other. Raises JournalUnavailable.
        """
        if why not in self._open:
            data: dict[str, JsonValue] = {
                "category": Category.MEMBERSHIPS.value,
                "basis": why.value,
                "policy": self._policy,
            }
            (self._open[why],) = self._journal.append(
                [NewEvent(EventType.DISPOSAL_STARTED, self._site, now, data)]
            )
        return self.may(now)

    def count(self, why: Why, dropped: int) -> int:
        """Of a batch; returns how many."""
        self._dropped[why] += dropped
        return dropped

    def certify(self, now: Stamp) -> None:
        """All that was begun since the last time. Raises JournalUnavailable; call it again then."""
        events = [
            NewEvent(
                EventType.DISPOSAL_CERTIFICATE,
                self._site,
                now,
                {
                    "started": started.id,
                    "policy": self._policy,
                    "category": Category.MEMBERSHIPS.value,
                    "basis": why.value,
                    "clock": self._clock_source if now.clock_trusted else "untrusted",
                    "method": "delete",
                    "holds_consulted": self._consulted,
                    "held_by": dict.fromkeys(self._held_by, 1),
                    "count": self._dropped[why],
                    "interrupted": started.id in self._interrupted,
                },
            )
            for why, started in sorted(self._open.items())
        ]
        if events:
            self._journal.append(events)
        self._open.clear()
        self._dropped.clear()

    def tell_overdue(self, now: Stamp, waiting: Callable[[], tuple[int, int]]) -> None:
        """Once an hour, once nobody has known for an hour what is held. waiting: how many, and since when.

        Raises JournalUnavailable, and what ``waiting`` raises.
        """
        if self._unknown_since_us is None or now.mono_us < self._alarm_us:
            return
        self._alarm_us = now.mono_us + HOUR_US
        count, oldest_us = waiting()
        if count:
            data: dict[str, JsonValue] = {
                "category": Category.MEMBERSHIPS.value,
                "count": count,
                "oldest_start_us": oldest_us,
                "in_future": 0,
                "cause": "failed",
            }
            self._journal.append([NewEvent(EventType.RETENTION_OVERDUE, self._site, now, data)])

    def _unfinished(self) -> dict[Why, Event]:
        found = self._journal.read(lambda rows: rows.without_certificate())
        ours = [event for event in found if event.data.get("category") == Category.MEMBERSHIPS.value]
        return {Why(str(event.data["basis"])): event for event in ours}
