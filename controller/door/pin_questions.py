"""Asks the membership service whether a PIN is a card's, on threads of their own.

Each question has its thread and its deadline, so that a service that hangs delays neither the acting
thread nor the next question. A reader takes one PIN at a time, which bounds how many there are. Never here:
what an answer means for the door. Nothing that is asked is logged.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.ipc import verify_pin
from controller.ipc.client import NoAnswer, WrongServer, ask
from controller.ipc.peer import uids_of

log = logging.getLogger(__name__)

MEMBERSHIP_USER = "unlocked-membership"
"""Besides root and ourselves, the only one whose word opens the door."""


class PinQuestions:
    """path: the socket of the membership service."""

    def __init__(self, path: Path, deadline_s: float) -> None:
        self._path = path
        self._deadline_s = deadline_s
        self._server_uids = uids_of(MEMBERSHIP_USER)

    def ask(self, card: CardNumber, pin: Pin, answered: Callable[[PinResult], None]) -> None:
        """Returns at once. answered: called once, from another thread; it may only enqueue."""
        asking = threading.Thread(target=self._ask, args=(card, pin, answered), name="pin", daemon=True)
        try:
            asking.start()
        except RuntimeError as error:  # this machine has no thread left; the door goes on
            log.warning("a PIN cannot be verified: %s", error)
            answered(PinResult.UNAVAILABLE)

    def _ask(self, card: CardNumber, pin: Pin, answered: Callable[[PinResult], None]) -> None:
        try:
            reply = ask(
                self._path,
                verify_pin.ask_for(card, pin),
                server_uids=self._server_uids,
                deadline_s=self._deadline_s,
            )
        except (NoAnswer, WrongServer) as error:
            log.warning("a PIN cannot be verified: %s", error)
            answered(PinResult.UNAVAILABLE)
        else:
            answered(verify_pin.result_of(reply))
