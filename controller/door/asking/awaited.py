"""Questions of one reader that are under way. Each is settled once: by its answer, or by its deadline.

An answer that comes after its deadline is none, whatever it says, so that it opens nothing. Never here: what
is asked, and of whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Unanswered = TypeVar("Unanswered")


class Awaited(Generic[Unanswered]):
    """For the acting thread alone. Times are microseconds of the clock's ``mono_us``.

    Each question is kept as what it comes to if nobody answers it.
    """

    def __init__(self, deadline_us: int) -> None:
        self._deadline_us = deadline_us
        self._asked: dict[int, tuple[Unanswered, int]] = {}
        self._last_token = 0

    def __iter__(self) -> Iterator[Unanswered]:
        return iter([unanswered for unanswered, _ in self._asked.values()])

    def asked(self, unanswered: Unanswered, now_us: int) -> int:
        """The token of a new question, with which its answer comes."""
        self._last_token += 1
        self._asked[self._last_token] = unanswered, now_us + self._deadline_us
        return self._last_token

    def forget(self, which: Callable[[Unanswered], bool]) -> None:
        """Their answers open nothing, and their deadlines settle nothing."""
        self._asked = {token: asked for token, asked in self._asked.items() if not which(asked[0])}

    def answered(self, token: int, now_us: int) -> Unanswered | None:
        """The answer to a question came. What it was kept as; None if it is too late for it."""
        if token not in self._asked or now_us >= self._asked[token][1]:
            return None  # what is too late is settled by ``due``
        unanswered, _ = self._asked.pop(token)
        return unanswered

    def due(self, now_us: int) -> Unanswered | None:
        """To be asked at ``next_us`` until it is None: what nobody has answered in time."""
        for token, (unanswered, until_us) in self._asked.items():
            if until_us <= now_us:
                del self._asked[token]
                return unanswered
        return None

    def next_us(self) -> int | None:
        """When ``due`` has something to tell; None for never."""
        return min((until_us for _, until_us in self._asked.values()), default=None)
