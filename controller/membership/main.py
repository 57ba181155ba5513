"""The composition root of the membership service: settings, clock and databases are joined here."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.core.clock import ClockJudge
from controller.core.event import EventType, Stamp
from controller.core.hold import Category
from controller.devices import Clock
from controller.keeping.head_signing import head_signing
from controller.keeping.opening import clock_source, edge_rule, journal_keeper, known_holds
from controller.membership.control import open_control
from controller.membership.drops import Drops
from controller.membership.feed.thread import feed_thread
from controller.membership.last_said import AGE, last_said
from controller.membership.live.opening import open_desk
from controller.membership.service import Ages, Keeper
from controller.service import Notifier, clock_judge, set_up_logging, stamp, stamp_unjudged, stop_on_signals
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.engine import DatabaseDamaged
from controller.store.journal import Journal
from controller.store.members_owner import MembersOwner
from controller.store.owner import move_aside
from controller.store.reserve import Reserve
from drivers.system_clock import SystemClock

log = logging.getLogger(__name__)

IDLE_S = 2.0
BUSY_S = 0.05
"""Between two batches that are dropped, so that the disk belongs to the door."""


def run(settings: Settings) -> None:
    """Keep the memberships until SIGTERM or SIGINT. Raises DatabaseUnusable, JournalUnavailable, OSError."""
    set_up_logging("membership")
    paths, notifier, clock, stop = Paths.of(settings), Notifier(), SystemClock(), stop_on_signals()
    opened = stamp_unjudged(clock, trusted=settings.clock.assume_trusted)
    journal = Journal.open(
        paths.journal("membership"),
        service="membership",
        stamp=opened,
        reserve=Reserve(paths.reserve("membership"), settings.footage.reserve_bytes),
        signing=head_signing("membership", clock),
    )
    time = _Time(clock, clock_judge(settings.clock, journal.last_trusted_wall_us()))
    members = _open_members(paths.members)
    closing = ExitStack()
    closing.callback(journal.close)
    closing.callback(members.close)
    keeper = Keeper(
        members,
        journal,
        Ages(settings.membership.max_age_us, settings.pin.offline_max_age_us),
        ZoneInfo(settings.branch.timezone),
        Drops(
            journal,
            settings.branch.branch,
            edge_rule(settings, Category.MEMBERSHIPS).policy,
            clock_source(settings),
            known_holds(paths, closing).read,
        ),
        stale=_said_stale(paths.journal("membership")),
    )
    with closing:
        desk = open_desk(settings, lambda: time.last, clock.since_boot_us, closing)
        feed = feed_thread(settings, lambda: time.last, closing)
        control = open_control(settings, desk, lambda: time.last, clock.since_boot_us, closing)
        events = journal_keeper(settings, "membership", journal, closing)
        keeper.begin(time.look())
        notifier.ready()
        log.info("ready")
        more = True
        while not stop.wait(BUSY_S if more else IDLE_S):
            notifier.watchdog()
            if desk is not None:
                desk.check()
                keeper.tell(desk.news(), time.look())
            if feed is not None:
                feed.check()
            control.check()
            keeper.judge_age(time.look())
            keeper.end_listings(time.look())
            more = keeper.tidy(time.look())
            more |= events.look(time.look())
        notifier.stopping()
        keeper.end(time.look())


class _Time:
    """The clock and its judge, for the main thread alone. ``last`` is what it saw last, for the others."""

    def __init__(self, clock: Clock, judge: ClockJudge) -> None:
        self._clock = clock
        self._judge = judge
        self.last = self.look()

    def look(self) -> Stamp:
        self.last = stamp(self._clock, self._judge)
        return self.last


def _open_members(path: Path) -> MembersOwner:
    try:
        return MembersOwner.open(path)
    except DatabaseDamaged as error:
        aside = move_aside(path)
        log.error("%s; moved to %s: import the memberships again", error, aside.name)
        return MembersOwner.open(path)


def _said_stale(journal: Path) -> bool | None:
    """What the journal said last about the age of the memberships."""
    said = last_said(journal, AGE)
    return said[0].type is EventType.MEMBERSHIP_STALE if said else None
