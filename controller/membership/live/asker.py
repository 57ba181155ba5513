"""Asks the library management system, one question after the other, on a thread of its own.

One connection is shared, and its requests are never interleaved. Never here: which questions are worth
asking, or what an answer means (``desk``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from queue import Empty, SimpleQueue

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import Answer, LiveSource, LmsUnavailable, LmsUnusable

IDLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """About a card; with a PIN also whether it is the card's. Without a card: is the system there?"""

    card: CardNumber | None
    pin: Pin | None = None


CHECK = Question(None)


class Other(Enum):
    """What comes of a question besides answers and errors."""

    IS_THERE = auto()
    """The answer to ``CHECK``."""
    NOT_ASKED = auto()
    """Nobody waited for the answer any more."""


Came = Answer | Other | LmsUnavailable | LmsUnusable
Wanted = Callable[[], bool]


class Asker:
    """told: called on the asker's thread with each question and what came of it. It may only enqueue.

    What goes wrong with a connection that nobody uses is told as if it had been asked whether the system is
    there. today: the local date. ``close`` ends it.
    """

    def __init__(
        self, source: LiveSource, told: Callable[[Question, Came], None], today: Callable[[], date]
    ) -> None:
        self._source = source
        self._told = told
        self._today = today
        self._queue: SimpleQueue[tuple[Question, Wanted] | None] = SimpleQueue()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="lms", daemon=True)
        self._thread.start()

    def put(self, question: Question, wanted: Wanted = lambda: True) -> None:
        """wanted: asked on the asker's thread when it is the question's turn."""
        self._queue.put((question, wanted))

    def check(self) -> None:
        """Raises what ended the thread, if anything did: a new process is better than none that answers."""
        if self._error is not None:
            raise self._error

    def close(self, wait_s: float) -> None:
        """What is being asked has so long to end."""
        self._queue.put(None)
        self._thread.join(timeout=wait_s)

    def _run(self) -> None:
        try:
            while True:
                try:
                    item = self._queue.get(timeout=IDLE_S)
                except Empty:
                    self._keep_alive()
                    continue
                if item is None:
                    break
                question, wanted = item
                self._told(question, self._came_of(question) if wanted() else Other.NOT_ASKED)
        except Exception as error:  # noqa: BLE001 -- the service's own thread ends the process with it
            self._error = error
        finally:
            self._source.close()

    def _keep_alive(self) -> None:
        try:
            self._source.keep_alive()
        except LmsUnavailable:
            self._told(CHECK, self._came_of(CHECK))

    def _came_of(self, question: Question) -> Came:
        try:
            if question.card is not None:
                return self._source.ask(question.card, question.pin, self._today())
            self._source.check()
        except (LmsUnavailable, LmsUnusable) as error:
            return error
        return Other.IS_THERE
