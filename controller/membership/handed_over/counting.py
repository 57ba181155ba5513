"""Counts the memberships for whoever asks, on a thread of its own: some seconds for a million.

What was counted just now is told again, so that a page that is looked at often costs no more. Never here:
whose they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from controller.core.membership import Listing
from controller.ipc.membership_commands import Counted, tell_counted
from controller.ipc.messages import Reply
from controller.ipc.server import Call
from controller.membership.errands import Errands
from controller.store.engine import DatabaseUnusable
from controller.store.members_view import Counts, MembersView

log = logging.getLogger(__name__)

FRESH_US = 10_000_000
"""How long a count is told again."""
CATEGORIES = 200
"""Of the largest so many are told."""


class Counting:
    """path: of the members' database. now_us: the wall clock. mono_us: one that never steps.

    ``close`` ends it.
    """

    def __init__(self, path: Path, now_us: Callable[[], int], mono_us: Callable[[], int]) -> None:
        self._view = MembersView(path)
        self._now_us = now_us
        self._mono_us = mono_us
        self._counted: tuple[int, Counted] | None = None
        self._errands = Errands("counting")

    def put(self, call: Call) -> None:
        self._errands.put(lambda: self._answer(call))

    def forget(self) -> None:
        """What was counted before is not told any more: other memberships count now."""
        self._counted = None

    def check(self) -> None:
        """Raises what ended the thread, if anything did."""
        self._errands.check()

    def close(self) -> None:
        self._errands.close()
        self._view.close()

    def _answer(self, call: Call) -> None:
        if not call.begin():
            return
        try:
            call.answer(tell_counted(self._count()))
        except DatabaseUnusable as error:
            log.warning("memberships were not counted: %s", error)
            call.answer(Reply(done=False, reason="unavailable"))

    def _count(self) -> Counted:
        now_us = self._mono_us()
        known = self._counted
        if known is None or now_us - known[0] > FRESH_US:
            known = self._counted = (now_us, _counted(self._view.counts(self._now_us())))
        return known[1]


def _counted(counts: Counts) -> Counted:
    current, live, pins = counts.current, counts.live, counts.pins
    most = sorted(counts.categories.items(), key=lambda one: (-one[1], one[0]))[:CATEGORIES]
    return Counted(
        members=current.count if current else 0,
        as_of_us=current.as_of_us if current else None,
        key_id=current.key_id if current else "",
        categories=dict(most),
        live=(live.under_an_hour, live.under_a_day, live.older),
        gone=live.gone,
        blocked=counts.lists[Listing.BLOCKED],
        allowed=counts.lists[Listing.ALLOWED],
        pins=pins.imported,
        pins_as_of_us=pins.as_of_us,
        pins_verified=pins.verified,
    )
