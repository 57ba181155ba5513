"""What takes its time, done one after the other on a thread of its own: hashing a PIN, writing to the disk.

Never here: what is done. Whoever gives an errand does not wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Errands:
    """``close`` ends it after what was given before."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, errand: Callable[[], None]) -> None:
        self._queue.put(errand)

    def check(self) -> None:
        """Raises what ended the thread, if anything did: a new process is better than none that answers."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            while (errand := self._queue.get()) is not None:
                errand()
        except Exception as error:  # noqa: BLE001 -- the service's own thread ends the process with it
            self._error = error
