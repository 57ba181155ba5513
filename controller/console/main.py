"""The composition root of the console: settings, clock, journal and registers are joined here."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from controller.console.registers_keeper import RegistersKeeper
from controller.console.service import Console, Disposing
from controller.core.hold import Category
from controller.keeping.head_signing import head_signing
from controller.keeping.opening import clock_source, edge_rule, journal_keeper, known_holds
from controller.service import Notifier, clock_judge, set_up_logging, stamp, stamp_unjudged, stop_on_signals
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.reserve import Reserve
from drivers.system_clock import SystemClock

log = logging.getLogger(__name__)

IDLE_S = 1.0
BUSY_S = 0.05
"""Between two batches that are destroyed: the disk belongs to the door."""


def run(settings: Settings) -> None:
    """Keep what staff do until SIGTERM or SIGINT. Raises JournalUnavailable."""
    set_up_logging("console")
    paths, notifier, clock, stop = Paths.of(settings), Notifier(), SystemClock(), stop_on_signals()
    journal = Journal.open(
        paths.journal("console"),
        service="console",
        stamp=stamp_unjudged(clock, trusted=settings.clock.assume_trusted),
        reserve=Reserve(paths.reserve("console"), settings.footage.reserve_bytes),
        signing=head_signing("console", clock),
    )
    with ExitStack() as closing:
        closing.callback(journal.close)
        judge = clock_judge(settings.clock, journal.last_trusted_wall_us())
        keepers: list[Disposing] = [
            journal_keeper(settings, "console", journal, closing),
            registers_keeper(settings, journal, closing),
        ]
        console = Console(journal, keepers)
        console.begin(stamp(clock, judge))
        notifier.ready()
        log.info("ready")
        more = True
        while not stop.wait(BUSY_S if more else IDLE_S):
            notifier.watchdog()
            more = console.turn(stamp(clock, judge))
        notifier.stopping()
        console.end(stamp(clock, judge))


def registers_keeper(settings: Settings, journal: Journal, closing: ExitStack) -> RegistersKeeper:
    """For the journal's thread."""
    paths = Paths.of(settings)
    return RegistersKeeper(
        journal,
        paths.registers,
        known_holds(paths, closing),
        edge_rule(settings, Category.REGISTERS),
        settings.branch.branch,
        clock_source(settings),
    )
