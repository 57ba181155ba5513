"""The thread that listens to the card reader, and finds it again when it was lost.

It only enqueues: what the bytes mean is decided by the acting thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from controller.devices import CardWire, Clock, DeviceLost
from controller.door.inputs import Broken, Happening, ReaderBytes, ReaderFound, ReaderLost

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Between two tries to open the line: a reader that is back is used again well within 2 s."""
FIRST_TRY_S = 2.0


class ReaderListener:
    """Listens from ``start`` on. open_wire raises DeviceLost while there is no reader."""

    def __init__(
        self, open_wire: Callable[[], CardWire], clock: Clock, post: Callable[[Happening], None]
    ) -> None:
        self._open_wire = open_wire
        self._clock = clock
        self._post = post
        self._lost = False
        self._tried = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    def start(self) -> None:
        """Begin. Returns when the line is open or was found not to be there."""
        self._thread.start()
        self._tried.wait(FIRST_TRY_S)

    def close(self) -> None:
        self._closing.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._listen()
                except DeviceLost as error:
                    if not self._lost:
                        log.warning("%s", error)
                        self._post(ReaderLost())
                    self._lost = True
                    self._tried.set()
                    self._closing.wait(RETRY_S)
        except Exception as error:  # noqa: BLE001 -- the acting thread ends the process with it
            self._post(Broken(error))

    def _listen(self) -> None:
        wire = self._open_wire()
        try:
            self._lost = False
            self._post(ReaderFound())
            self._tried.set()
            while not self._closing.is_set():
                # When they came at the earliest: a process that was stopped meanwhile finds old bytes.
                asked_us = self._clock.read().mono_us
                if data := wire.read():
                    self._post(ReaderBytes(data, asked_us))
        finally:
            wire.close()
