"""The composition root of the console: settings, clock, journal, registers and pages are joined here."""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from controller.console.allocator import give_memory_back
from controller.console.backups import Backups
from controller.console.service import Console, Disposing
from controller.core.hold import Category
from controller.devices import Clock
from controller.keeping.head_signing import head_signing
from controller.keeping.opening import clock_source, edge_rule, journal_keeper, known_holds
from controller.keeping.registers_keeper import RegistersKeeper
from controller.secrets import credentials
from controller.secrets.identity import Sealer
from controller.service import Notifier, clock_judge, set_up_logging, stamp, stamp_unjudged, stop_on_signals
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.journal import StaffJournal
from controller.store.journal import Journal
from controller.store.reserve import Reserve
from drivers.system_clock import SystemClock

log = logging.getLogger(__name__)

NICE = 5
"""Pages wait for the door, not the door for pages."""
IDLE_S = 1.0
BUSY_S = 0.05
"""Between two batches that are destroyed: the disk belongs to the door."""


def run(settings: Settings, config: Path) -> None:
    """Keep what staff do, and serve the pages, until SIGTERM or SIGINT. config: the file of the settings.

    Raises JournalUnavailable, SecretMissing, OSError.
    """
    os.nice(NICE)
    give_memory_back()
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
            Backups(journal, paths.backup, settings.branch.branch),
        ]
        console = Console(journal, keepers)
        console.begin(stamp(clock, judge))
        if settings.console.pages:
            serve_pages(settings, config, clock, closing)
        notifier.ready()
        log.info("ready")
        more = True
        while not stop.wait(BUSY_S if more else IDLE_S):
            notifier.watchdog()
            more = console.turn(stamp(clock, judge))
        notifier.stopping()
        console.end(stamp(clock, judge))


def serve_pages(settings: Settings, config: Path, clock: Clock, closing: ExitStack) -> None:
    """On threads of their own, with a handle of their own on the journal. Raises as ``run`` does."""
    from controller.console.assure import memory as assure
    from controller.console.footage import workshop
    from controller.console.naming import memory as naming
    from controller.console.today import serving as today
    from controller.console.web.branch import Branch, serve
    from controller.console.web.configure import configure
    from controller.console.web.secret_key import secret_key
    from controller.console.web.server import WebServer

    paths = Paths.of(settings)
    # Where what is sent to the pages waits until all of it is there: in memory, on a machine with systemd.
    tempfile.tempdir = str(paths.socket("console").parent)
    paths.socket("console").parent.mkdir(parents=True, exist_ok=True)
    journal = Journal.open(
        paths.journal("console"),
        service="console",
        stamp=stamp_unjudged(clock, trusted=settings.clock.assume_trusted),
        seal=Sealer.of(credentials.read(credentials.AUTHORITY_PUBLIC_KEY)),
        reserve=Reserve(paths.reserve("console"), settings.footage.reserve_bytes),
    )
    closing.callback(journal.close)
    judge = clock_judge(settings.clock, journal.last_trusted_wall_us())
    closing.callback(naming.close)
    closing.callback(assure.close)
    branch = Branch(settings, StaffJournal(journal, clock, judge), config)
    serve(branch)
    closing.callback(workshop.close)
    workshop.workshop_of(branch)  # what a run that ended badly has left goes now
    application = configure(
        settings, paths.console, secret_key(paths.console.with_name("cookie-key")), _client_secret(settings)
    )
    from controller.console.accounts.database import prepare

    prepare(paths.console)
    server = WebServer(application, settings.console.address, settings.console.port)
    closing.callback(server.close)
    today.live_of(branch).start()
    closing.callback(today.close)  # first: it ends the streams of open pages
    server.start()
    log.info("the staff pages are at http://%s:%d", settings.console.address, server.port)


def _client_secret(settings: Settings) -> str:
    """Raises SecretMissing."""
    if settings.console.sso and settings.console.sso.openid:
        return credentials.read(credentials.CONSOLE_CLIENT_SECRET).reveal()
    return ""


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
