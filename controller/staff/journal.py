"""What staff do is journalled, in the console's journal.

Never here: which clock there is (``commands.staff_journal``, the console's ``main``).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

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


class Appending(Protocol):
    """What a ``store.journal.Journal`` does for staff."""

    @property
    def reserve(self) -> Reserve | None: ...

    def append(self, events: Sequence[NewEvent]) -> list[Event]: ...


class StaffJournal:
    """Knows what time it is, and records. Both raise JournalUnavailable. For any number of threads.

    reserve: for the registers, which are beside the journal.
    """

    def __init__(self, journal: Appending, clock: Clock, judge: ClockJudge) -> None:
        self.reserve = journal.reserve
        self._journal = journal
        self._clock = clock
        self._judge = judge
        self._one = threading.Lock()

    def now(self) -> Stamp:
        with self._one:
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
        now = self.now()
        with self._one:
            return self._journal.append([NewEvent(type, subject, now, data, private or {})])[0]


@contextmanager
def opened(settings: Settings, clock: Clock, *, sealing: bool = False) -> Iterator[StaffJournal]:
    """Open for as long as it is needed, beside the console that may be running.

    sealing: what is private can be recorded. Raises SecretMissing then, and JournalUnavailable.
    """
    began = stamp_unjudged(clock, trusted=settings.clock.assume_trusted)
    paths = Paths.of(settings)
    seal = None
    if sealing:
        seal = Sealer.of(credentials.read(credentials.AUTHORITY_PUBLIC_KEY, paths.secrets))
    journal = Journal.open(
        paths.journal("console"),
        service="console",
        stamp=began,
        seal=seal,
        reserve=Reserve(paths.reserve("console"), settings.footage.reserve_bytes),
    )
    try:
        judge = clock_judge(settings.clock, journal.last_trusted_wall_us())
        yield StaffJournal(journal, clock, judge)
    finally:
        journal.close()
