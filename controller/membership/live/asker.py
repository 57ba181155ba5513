"""Asks the library management system, one question after the other, on a thread of its own.

One connection is shared, and its requests are never interleaved. Never here: which questions are worth
asking, or what an answer means (``desk``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from queue import Empty, SimpleQueue

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import Answer, LiveSource, LmsUnavailable, LmsUnusable
from controller.membership.own_thread import OwnThread

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
        self._thread = OwnThread("lms", self._run)

    def put(self, question: Question, wanted: Wanted = lambda: True) -> None:
        """wanted: asked on the asker's thread when it is the question's turn."""
        self._queue.put((question, wanted))

    def check(self) -> None:
        """Raises what ended the thread, if anything did."""
        self._thread.check()

    def close(self, wait_s: float) -> None:
        """What is being asked has so long to end."""
        self._queue.put(None)
        self._thread.join(wait_s)

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
