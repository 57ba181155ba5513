"""The thread that listens to a card reader, and finds it again when it was lost.

It only enqueues: what was read is decided by the acting thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from controller.devices import CardReader, Clock, DeviceLost
from controller.door.inputs import Broken, Happening, ReaderFound, ReaderLost, ReaderSaid

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Between two tries to open the line: a reader that is back is used again well within 2 s."""
FIRST_TRY_S = 2.0


class ReaderListener:
    """Listens from ``start`` on. open_reader raises DeviceLost while there is no reader."""

    def __init__(
        self,
        door_id: str,
        reader_id: str,
        open_reader: Callable[[], CardReader],
        clock: Clock,
        post: Callable[[Happening], None],
    ) -> None:
        self._door_id = door_id
        self._reader_id = reader_id
        self._open_reader = open_reader
        self._clock = clock
        self._post = post
        self._lost = False
        self._tried = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"reader {door_id} {reader_id}", daemon=True)

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
                        self._post(ReaderLost(self._door_id, self._reader_id))
                    self._lost = True
                    self._tried.set()
                    self._closing.wait(RETRY_S)
        except Exception as error:  # noqa: BLE001 -- the acting thread ends the process with it
            self._post(Broken(error))

    def _listen(self) -> None:
        reader = self._open_reader()
        try:
            self._lost = False
            self._post(ReaderFound(self._door_id, self._reader_id))
            self._tried.set()
            while not self._closing.is_set():
                # When it came at the earliest: a process that was stopped meanwhile finds old bytes.
                asked_us = self._clock.read().mono_us
                if reading := reader.read():
                    self._post(ReaderSaid(self._door_id, self._reader_id, reading, asked_us))
        finally:
            reader.close()
