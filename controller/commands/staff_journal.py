"""What staff do on the command line is journalled, in the console's journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from controller.core.clock import ClockJudge
from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.devices import Clock
from controller.secrets import credentials
from controller.secrets.identity import Sealer
from controller.service import clock_judge, stamp, stamp_unjudged
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.reserve import Reserve
from drivers.system_clock import SystemClock


class StaffJournal:
    """Knows what time it is, and records. Both raise JournalUnavailable.

    reserve: for the registers, which are beside the journal.
    """

    def __init__(self, journal: Journal, clock: Clock, judge: ClockJudge) -> None:
        self.reserve = journal.reserve
        self._journal = journal
        self._clock = clock
        self._judge = judge

    def now(self) -> Stamp:
        return stamp(self._clock, self._judge)

    def record(
        self,
        type: EventType,
        subject: str,
        data: Mapping[str, JsonValue],
        *,
        private: Mapping[str, bytes] | None = None,
    ) -> Event:
        """subject: the device or register it is about, never a person. Durable on return.

        private: sealed to the authority, see NewEvent; only where the journal was opened for ``sealing``.
        """
        return self._journal.append([NewEvent(type, subject, self.now(), data, private or {})])[0]


def now(settings: Settings) -> Stamp:
    """The time, for a command that only looks: trusted only if the system says that it is synchronised."""
    judge = ClockJudge(
        battery_clock=False, assume_trusted=settings.clock.assume_trusted, last_trusted_wall_us=None
    )
    return stamp(SystemClock(), judge)


@contextmanager
def staff_journal(settings: Settings, *, sealing: bool = False) -> Iterator[StaffJournal]:
    """Open for as long as a command needs it, beside the console that may be running.

    sealing: what is private can be recorded. Raises SecretMissing then, and JournalUnavailable.
    """
    clock = SystemClock()
    opened = stamp_unjudged(clock, trusted=settings.clock.assume_trusted)
    paths = Paths.of(settings)
    seal = None
    if sealing:
        seal = Sealer.of(credentials.read(credentials.AUTHORITY_PUBLIC_KEY, paths.secrets))
    journal = Journal.open(
        paths.journal("console"),
        service="console",
        stamp=opened,
        seal=seal,
        reserve=Reserve(paths.reserve("console"), settings.footage.reserve_bytes),
    )
    try:
        judge = clock_judge(settings.clock, journal.last_trusted_wall_us())
        yield StaffJournal(journal, clock, judge)
    finally:
        journal.close()
