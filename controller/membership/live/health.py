"""How the library management system is: whether it is worth asking, and what the journal shall say of it.

For one thread, but for ``news``. Times are microseconds of one clock that never steps.
"""

from __future__ import annotations

import logging
from queue import SimpleQueue

from controller.core.event import EventType, JsonValue
from controller.membership.live.breaker import Breaker
from controller.membership.lms.source import LmsUnavailable

log = logging.getLogger(__name__)

CHECK_US = 60_000_000
"""A system that nobody has asked anything for so long is asked whether it is there."""

News = tuple[EventType, dict[str, JsonValue]]


class Health:
    """said: what the journal said of the system last, of the types that come in pairs."""

    def __init__(self, now_us: int, said: frozenset[EventType] = frozenset()) -> None:
        self._breaker = Breaker()
        self._heard_us = now_us - CHECK_US  # nothing is known yet: ask
        self._lost = EventType.LMS_LOST in said
        self._unusable = EventType.LMS_UNUSABLE in said
        self._failing: set[bytes] = set()
        """The cards about which it was asked in vain since it answered last: each counts once."""
        self._news: SimpleQueue[News] = SimpleQueue()

    def worth_asking(self) -> bool:
        return not self._breaker.is_open

    def check_due(self, now_us: int) -> bool:
        """Whether to ask the system now if it is there."""
        quiet = not self._breaker.is_open and now_us - self._heard_us >= CHECK_US
        return quiet or self._breaker.trial_due(now_us)

    def is_there(self, now_us: int) -> None:
        self._heard_us = now_us
        self._breaker.is_there(now_us)
        self._found()

    def answered(self, now_us: int) -> None:
        """A question, whatever the answer is worth."""
        self._heard_us = now_us
        self._failing.clear()
        self._breaker.answered(now_us)
        self._found()

    def failed(self, now_us: int, error: LmsUnavailable, about: bytes | None) -> bool:
        """about: the reference of the card; None: it was only asked whether it is there.

        Returns whether this ends all asking for now.
        """
        log.warning("the library management system: %s", error)
        if about in self._failing:
            # It may be this card's record alone, and nobody else is to suffer from it: ask the system itself.
            self._heard_us = now_us - CHECK_US
            return False
        self._heard_us = now_us
        if about is None:
            opens = self._breaker.is_gone(now_us)
        else:
            self._failing.add(about)
            opens = self._breaker.failed(now_us)
        if self._breaker.is_open and not self._lost:
            self._lost = True
            self._news.put((EventType.LMS_LOST, {"reason": error.trouble.value}))
        return opens

    def unusable(self, why: str) -> None:
        """It answered, and the answer does not count."""
        log.warning("an answer of the library management system does not count: %s", why)
        if not self._unusable:
            self._unusable = True
            self._news.put((EventType.LMS_UNUSABLE, {}))

    def plausible(self) -> None:
        if self._unusable:
            self._unusable = False
            self._news.put((EventType.LMS_PLAUSIBLE, {}))

    def news(self) -> list[News]:
        """What is to be journalled since this was asked last. For any thread."""
        found = []
        while not self._news.empty():
            found.append(self._news.get())
        return found

    def _found(self) -> None:
        if self._lost:
            self._lost = False
            log.info("the library management system answers again")
            self._news.put((EventType.LMS_FOUND, {}))
