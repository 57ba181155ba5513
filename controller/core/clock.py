"""Can the wall clock be believed?

A Pi without a battery clock boots with a time that is plausible and wrong. Nothing is destroyed, and no
expiry judged, on the word of such a clock. It is believed once something vouches for it: the system says
that it was synchronised in this boot, or a battery clock that settings declare reads no earlier than the
last event that was written under a trusted clock. And it stays believed while it moves along with the
time since boot. A step ends that, until the system is seen synchronised again.

Never here: reading a clock.
"""

from __future__ import annotations

MAX_STEP_US = 2_000_000


class ClockJudge:
    """Judges one reading after the other. Used by one thread, in the order they were taken."""

    def __init__(
        self, *, battery_clock: bool, assume_trusted: bool, last_trusted_wall_us: int | None
    ) -> None:
        """battery_clock: one is fitted. assume_trusted: for demos and tests, believe whatever it says.

        last_trusted_wall_us: wall time of the journal's last event under a trusted clock, None if none.
        """
        self._battery_clock = battery_clock
        self._assume_trusted = assume_trusted
        self._last_trusted_wall_us = last_trusted_wall_us or 0
        self._boot_id: str | None = None
        self._boot_wall_us: int | None = None
        """Wall time at boot as it was when something vouched for it; None while nothing has."""

    def judge(self, wall_us: int, mono_us: int, boot_id: str, synchronised: bool) -> bool:
        """Whether this reading can be believed.

        wall_us since 1970 UTC; mono_us since boot, which never steps; synchronised: in this boot.
        """
        if self._assume_trusted:
            return True
        first = boot_id != self._boot_id
        if first:
            self._boot_id = boot_id
            self._boot_wall_us = None
        boot_wall_us = wall_us - mono_us
        if self._boot_wall_us is not None:
            if abs(boot_wall_us - self._boot_wall_us) <= MAX_STEP_US:
                return True
            # The reading that shows the step is never believed, so that the step is seen by whoever asks.
            self._boot_wall_us = None
            return False
        # A battery clock counts at the first reading only: a slow one passes the last event by waiting.
        if synchronised or (first and self._battery_clock and wall_us >= self._last_trusted_wall_us):
            self._boot_wall_us = boot_wall_us
            return True
        return False
