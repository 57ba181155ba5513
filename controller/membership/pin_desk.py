"""Answers the door's questions about PINs, one after the other, on a thread of its own.

A hash takes a fraction of a second, and a library management system may take longer: nothing else that the
service does waits for it. A question whose asker has stopped waiting is not looked at.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue

from controller.core.access import PinResult
from controller.ipc import verify_pin
from controller.ipc.messages import BadMessage, Reply
from controller.ipc.server import Call
from controller.membership.pin_source import PinSource


class PinDesk:
    """source: None where nobody knows any PIN; the answer is then UNAVAILABLE. ``close`` ends it."""

    def __init__(self, source: PinSource | None) -> None:
        self._source = source
        self._queue: SimpleQueue[Call | None] = SimpleQueue()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="pins", daemon=True)
        self._thread.start()

    def put(self, call: Call) -> None:
        """A question came. Waits for nothing."""
        self._queue.put(call)

    def check(self) -> None:
        """Raises what ended the thread, if anything did: a new process is better than none that answers."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            while (call := self._queue.get()) is not None:
                if call.begin():
                    call.answer(self._reply(call))
        except Exception as error:  # noqa: BLE001 -- the service's own thread ends the process with it
            self._error = error

    def _reply(self, call: Call) -> Reply:
        try:
            card, pin = verify_pin.understand(call.request)
        except BadMessage:
            return Reply(done=False, reason="bad_request")
        result = PinResult.UNAVAILABLE if self._source is None else self._source.verify(card, pin)
        return verify_pin.answer(result)
