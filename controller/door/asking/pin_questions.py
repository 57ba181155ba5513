"""Asks the membership service whether a PIN is a card's. Never here: what an answer means for the door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.door.asking.questions import Kind, Questions
from controller.ipc import verify_pin
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import Reply

AT_ONCE = 32
"""A reader takes one PIN at a time, and a branch has no more readers."""


class PinQuestions:
    """path: the socket of the membership service."""

    def __init__(self, path: Path, deadline_s: float) -> None:
        self._questions = Questions(path, Kind("pin", "a PIN cannot be verified", AT_ONCE, deadline_s))

    def ask(self, card: CardNumber, pin: Pin, answered: Callable[[PinResult, LookedUp | None], None]) -> None:
        """Returns at once. answered: called once, mostly from another thread; it may only enqueue.

        It is told the result, and what the library management system has just said of the card, if it has.
        """

        def understood(reply: Reply | None) -> None:
            if reply is None:
                answered(PinResult.UNAVAILABLE, None)
            else:
                answered(verify_pin.result_of(reply), verify_pin.said_of(reply))

        if not self._questions.ask(verify_pin.ask_for(card, pin), understood):
            answered(PinResult.UNAVAILABLE, None)
