"""A thread of the membership service whose accidents end the process: a new one is better than none that
answers.

Never here: what the thread does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class OwnThread:
    """Begins at once. run: what it does, until it returns."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self._run = run
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._guarded, name=name, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises what ended it, if anything did."""
        if self._error is not None:
            raise self._error

    def join(self, wait_s: float) -> bool:
        """Wait for its end, so long at most; whether it has ended."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _guarded(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 -- whoever calls ``check`` ends the process with it
            self._error = error
