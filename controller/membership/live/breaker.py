"""Whether the library management system is worth asking now: a circuit breaker.

Pure: times come in, microseconds of one clock that never steps. Three failures in a row open it; then nobody
waits for an answer that will not come. From time to time ``trial_due`` says that the system may be asked
whether it is there, at longer and longer intervals as long as that does not last: a system that comes and
goes is asked once in five minutes in the end.
"""

from __future__ import annotations

FAILURES = 3
FIRST_WAIT_US = 5_000_000
LONGEST_WAIT_US = 300_000_000


class Breaker:
    """Closed, and so willing, at first."""

    def __init__(self) -> None:
        self.is_open = False
        self._failures = 0
        self._wait_us = FIRST_WAIT_US
        self._trial_us = 0
        self._closed_us: int | None = None

    def trial_due(self, now_us: int) -> bool:
        """Whether to ask the system now if it is there. What comes of it is told as anything else."""
        return self.is_open and now_us >= self._trial_us

    def is_there(self, now_us: int) -> bool:
        """The system said that it is there. Returns whether that closes the breaker."""
        if not self.is_open:
            return False
        self.is_open = False
        self._closed_us = now_us
        # That it is there does not mean that it answers: one failure more is enough.
        self._failures = FAILURES - 1
        return True

    def answered(self, now_us: int) -> bool:
        """It answered a question. Returns whether that closes the breaker."""
        closes = self.is_there(now_us)
        self._failures = 0
        if self._closed_us is None or now_us - self._closed_us >= self._wait_us:
            self._wait_us = FIRST_WAIT_US
        return closes

    def failed(self, now_us: int) -> bool:
        """It did not answer a question. Returns whether that opens the breaker."""
        self._failures += 1
        return self._failures >= FAILURES and self.is_gone(now_us)

    def is_gone(self, now_us: int) -> bool:
        """It was asked whether it is there, and is not. Returns whether that opens the breaker."""
        if self.is_open and now_us < self._trial_us:
            return False  # asked before it opened
        opens = not self.is_open
        self.is_open = True
        self._trial_us = now_us + self._wait_us
        self._wait_us = min(2 * self._wait_us, LONGEST_WAIT_US)
        return opens
