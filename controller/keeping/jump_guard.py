"""A clock that jumps far ahead makes everything look due. Until the new time has stood a day, nothing is.

Even a clock that its system calls synchronised can be synchronised to nonsense. Trusted events tell how
time went on before: within one boot it must agree with the time since boot, and between two boots a gap
of more than a day cannot be told from a jump. A machine that really was off for days destroys a day later.
Never here: judging whether the clock is trusted.
"""

from __future__ import annotations

from controller.core.event import Stamp
from controller.core.hold import DAY_US
from controller.store.journal import Journal


class JumpGuard:
    """Shown every trusted stamp in the order of the journal, beginning with those of earlier runs."""

    def __init__(self) -> None:
        self._last: Stamp | None = None
        self._jumped_at_us: int | None = None

    def saw(self, stamp: Stamp) -> None:
        if not stamp.clock_trusted:
            return
        last, self._last = self._last, stamp
        if last is None:
            return
        unexplained_us = stamp.wall_us - last.wall_us
        if stamp.boot_id == last.boot_id:
            unexplained_us -= stamp.mono_us - last.mono_us
        if unexplained_us > DAY_US:
            self._jumped_at_us = stamp.wall_us
        elif unexplained_us < -DAY_US:
            self._jumped_at_us = None  # it was set right again

    def steady(self, now: Stamp) -> bool:
        """Whether time may be believed for destroying. Counts ``now`` as seen."""
        self.saw(now)
        return self._jumped_at_us is None or now.wall_us - self._jumped_at_us >= DAY_US


class JournalGuard:
    """For the journal's thread: begins with what its journal tells of the day before, once it is asked."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._guard: JumpGuard | None = None

    def steady(self, now: Stamp) -> bool:
        """Whether time may be believed for destroying, and is trusted at all. Raises JournalUnavailable."""
        if not now.clock_trusted:
            return False
        if self._guard is None:
            guard = JumpGuard()
            for stamp in self._journal.read(lambda rows: rows.since_before(now.wall_us - DAY_US)):
                guard.saw(stamp)
            self._guard = guard
        return self._guard.steady(now)
