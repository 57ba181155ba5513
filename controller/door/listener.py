"""The thread that listens to a card reader, and finds it again when it was lost.

It only enqueues: what was read is decided by the acting thread. What comes too fast for a reader of cards
it drops, so that neither the queue grows nor the acting thread is kept from the other doors.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from controller.core.reader_watch import BYTES_AT_ONCE, BYTES_PER_S, Babble
from controller.devices import CardReader, Clock, DeviceLost, Reading
from controller.door.inputs import Broken, Happening, ReaderFloods, ReaderFound, ReaderLost, ReaderSaid

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Between two tries to open the line: a reader that is back is used again well within 2 s."""
FIRST_TRY_S = 2.0
DROP_S = 0.1
DROPPED_AT_ONCE = 64
"""A line that babbles is left alone for DROP_S after so many looks: to read all of it would keep the other
threads waiting, and to read too little of it would make it seem calm."""
A_CARD = 16
"""What counts for a card that comes in one piece, in bytes."""


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
        self._babble = Babble(BYTES_AT_ONCE, BYTES_PER_S)
        self._dropped = 0
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
                asked_us = self._clock.since_boot_us()
                reading = reader.read()
                if self._is_too_much(reading, asked_us):
                    self._drop()
                elif reading:
                    self._post(ReaderSaid(self._door_id, self._reader_id, reading, asked_us))
        finally:
            reader.close()

    def _drop(self) -> None:
        self._dropped += 1
        if self._dropped % DROPPED_AT_ONCE == 0:
            self._closing.wait(DROP_S)

    def _is_too_much(self, reading: Reading, mono_us: int) -> bool:
        before = self._babble.babbling
        amount = len(reading) if isinstance(reading, bytes) else A_CARD
        babbling = self._babble.came(amount, mono_us)
        if babbling != before:
            log.warning(
                "reader %s of door %s %s",
                self._reader_id,
                self._door_id,
                "babbles" if babbling else "is calm again",
            )
            self._post(ReaderFloods(self._door_id, self._reader_id, babbling))
        return babbling
