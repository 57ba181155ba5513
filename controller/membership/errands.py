"""What takes its time, done one after the other on a thread of its own: hashing a PIN, writing to the disk.

Never here: what is done. Whoever gives an errand does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

from controller.membership.own_thread import OwnThread


class Errands:
    """``close`` ends it after what was given before."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = OwnThread(name, self._run)

    def put(self, errand: Callable[[], None]) -> None:
        self._queue.put(errand)

    def check(self) -> None:
        """Raises what ended the thread, if anything did."""
        self._thread.check()

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(5)

    def _run(self) -> None:
        while (errand := self._queue.get()) is not None:
            errand()
