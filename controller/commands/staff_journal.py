"""The journal of what staff do, and the time, with the clock of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from controller.core.clock import ClockJudge
from controller.core.event import Stamp
from controller.service import stamp
from controller.settings.model import Settings
from controller.staff.journal import StaffJournal, opened
from drivers.system_clock import SystemClock


def now(settings: Settings) -> Stamp:
    """The time, for a command that only looks: trusted only if the system says that it is synchronised."""
    judge = ClockJudge(
        battery_clock=False, assume_trusted=settings.clock.assume_trusted, last_trusted_wall_us=None
    )
    return stamp(SystemClock(), judge)


@contextmanager
def staff_journal(settings: Settings, *, sealing: bool = False) -> Iterator[StaffJournal]:
    """Open for as long as a command needs it; see ``staff.journal.opened``."""
    with opened(settings, SystemClock(), sealing=sealing) as journal:
        yield journal
