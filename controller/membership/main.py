"""The composition root of the membership service: settings, clock and databases are joined here."""

from __future__ import annotations

import logging
from pathlib import Path

from controller.core.event import EventType
from controller.membership.service import Keeper
from controller.service import Notifier, clock_judge, set_up_logging, stamp, stamp_unjudged, stop_on_signals
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.engine import DatabaseDamaged
from controller.store.journal import Journal
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.members_owner import MembersOwner
from controller.store.owner import move_aside
from drivers.system_clock import SystemClock

log = logging.getLogger(__name__)

IDLE_S = 2.0
BUSY_S = 0.05
"""Between two batches that are dropped, so that the disk belongs to the door."""


def run(settings: Settings) -> None:
    """Keep the memberships until SIGTERM or SIGINT. Raises DatabaseUnusable, JournalUnavailable."""
    set_up_logging("membership")
    paths, notifier, clock, stop = Paths.of(settings), Notifier(), SystemClock(), stop_on_signals()
    opened = stamp_unjudged(clock, trusted=settings.clock.assume_trusted)
    journal = Journal.open(paths.journal("membership"), service="membership", stamp=opened)
    judge = clock_judge(settings.clock, journal.last_trusted_wall_us())
    members = _open_members(paths.members)
    keeper = Keeper(
        members,
        journal,
        settings.membership.max_age_us,
        _said_stale(paths.journal("membership")),
    )
    try:
        keeper.begin(stamp(clock, judge))
        notifier.ready()
        log.info("ready")
        more = True
        while not stop.wait(BUSY_S if more else IDLE_S):
            notifier.watchdog()
            keeper.judge_age(stamp(clock, judge))
            more = keeper.tidy()
        notifier.stopping()
        keeper.end(stamp(clock, judge))
    finally:
        members.close()
        journal.close()


def _open_members(path: Path) -> MembersOwner:
    try:
        return MembersOwner.open(path)
    except DatabaseDamaged as error:
        aside = move_aside(path)
        log.error("%s; moved to %s: import the memberships again", error, aside.name)
        return MembersOwner.open(path)


def _said_stale(path: Path) -> bool | None:
    """What the journal said last about the age of the memberships."""
    reader = JournalReader(path)
    try:
        last = reader.last(EventType.MEMBERSHIP_STALE, EventType.MEMBERSHIP_FRESH)
    except JournalMissing:
        return None
    finally:
        reader.close()
    return None if last is None else last.type is EventType.MEMBERSHIP_STALE
