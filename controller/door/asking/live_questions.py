"""Asks the membership service what the library management system says of a card.

Of cards that somebody is waiting for there are a few questions at once, of those that a grant has been
followed by one: an answer that comes too late for the door is in the branch's copy next time. Never here:
when it is worth asking (``core.live``), or what an answer means for the door.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from controller.core.card import CardNumber
from controller.door.asking.questions import Kind, Questions
from controller.ipc import look_up
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import Reply

AT_ONCE = 4
"""One connection to the library management system answers them in turn; more would only wait in vain."""
REFRESH_S = 10.0
"""Nobody waits for it. A membership service that hangs has no more than one of our threads for so long."""
AGAIN_US = 60_000_000
"""A card is not refreshed again so soon."""


class LiveQuestions:
    """path: the socket of the membership service. For the acting thread alone."""

    def __init__(self, path: Path, deadline_s: float) -> None:
        in_vain = "the library management system was asked in vain"
        self._questions = Questions(path, Kind("look-up", in_vain, AT_ONCE, deadline_s))
        self._refreshing = Questions(path, Kind("refresh", "a membership was not refreshed", 1, REFRESH_S))
        self._refreshed_us: dict[CardNumber, int] = {}

    def ask(self, card: CardNumber, answered: Callable[[LookedUp | None], None]) -> None:
        """Returns at once. answered: called once, mostly from another thread; it may only enqueue.

        None: nobody knows, or too much is being asked already.
        """

        def understood(reply: Reply | None) -> None:
            answered(None if reply is None else look_up.looked_up_of(reply))

        if not self._questions.ask(look_up.ask_for(card), understood):
            answered(None)

    def refresh(self, card: CardNumber, now_us: int) -> None:
        """Have the branch's copy made new, if nothing else is being. Returns at once. now_us: ``mono_us``."""
        self._refreshed_us = {
            card: at_us for card, at_us in self._refreshed_us.items() if now_us - at_us < AGAIN_US
        }
        if card not in self._refreshed_us and self._refreshing.ask(look_up.ask_for(card), lambda _: None):
            self._refreshed_us[card] = now_us
