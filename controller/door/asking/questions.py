"""Questions to the membership service, each on a thread of its own with a deadline.

A service that hangs delays neither the acting thread nor the next question, and there are never more
questions than are bounded here: what comes beyond that is not asked. Never here: what is asked, or what an
answer means for the door. Nothing that is asked is logged.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from controller.ipc.client import NoAnswer, WrongServer, ask
from controller.ipc.messages import Reply, Request
from controller.ipc.peer import uids_of

log = logging.getLogger(__name__)

MEMBERSHIP_USER = "unlocked-membership"
"""Besides root and ourselves, the only one whose word opens the door."""


@dataclass(frozen=True, slots=True)
class Kind:
    """name: of its threads. in_vain: what the log says if nobody answers. at_once: so many at a time."""

    name: str
    in_vain: str
    at_once: int
    deadline_s: float


class Questions:
    """Those of one kind. path: the socket of the membership service. For the acting thread alone."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self._path = path
        self._kind = kind
        self._places = threading.BoundedSemaphore(kind.at_once)
        self._server_uids = uids_of(MEMBERSHIP_USER)

    def ask(self, request: Request, answered: Callable[[Reply | None], None]) -> bool:
        """Returns at once; False if there are too many already, and nothing was asked.

        answered: called once if it was asked, from another thread; it may only enqueue. None: no answer.
        """
        if not self._places.acquire(blocking=False):
            return False
        asking = threading.Thread(
            target=self._ask, args=(request, answered), name=self._kind.name, daemon=True
        )
        try:
            asking.start()
        except RuntimeError as error:  # this machine has no thread left; the door goes on
            self._places.release()
            log.warning("%s: %s", self._kind.in_vain, error)
            return False
        return True

    def _ask(self, request: Request, answered: Callable[[Reply | None], None]) -> None:
        try:
            reply = self._reply(request)
        finally:
            self._places.release()
        answered(reply)

    def _reply(self, request: Request) -> Reply | None:
        try:
            return ask(self._path, request, server_uids=self._server_uids, deadline_s=self._kind.deadline_s)
        except (NoAnswer, WrongServer, OSError) as error:
            log.warning("%s: %s", self._kind.in_vain, error)
            return None
