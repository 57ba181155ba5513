"""People at a reader that is out of order for a moment: they wait for it, and present the card again.

An OSDP reader has 200 ms for an answer. Where either end of its line is held up for longer, as on a machine
that is busy with something else, the reader is lost and comes back about two seconds later, and what was held
to it in between opens no door. A reader that only sends needs no patience.

Here: who has to present a card again, and when. A card that was answered is never presented again. Never
here: what the answer should have been.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from controller.core.event import Event, EventType
from simulator.branch import Branch
from simulator.door import Door, Reader
from simulator.services import BranchError
from simulator.waiting import wait_until

TRIES = 5
"""How often one card is presented before its owner goes away."""
BACK_S = 60.0
ANSWERS = {
    EventType.ACCESS_GRANTED,
    EventType.ACCESS_REFUSED,
    EventType.ACCESS_NOT_NEEDED,
    EventType.TAMPER_STARTED,
    EventType.TAMPER_ENDED,
}
"""To a card that is presented, with its PIN where one is wanted, and to a housing opened or closed."""

Present = Callable[[], None]


class Patience:
    """Of the people at one reader, who come one after the other and are answered in that order."""

    def __init__(self, branch: Branch, door: Door, reader: Reader) -> None:
        self._branch, self._door, self._reader = branch, door, reader
        self._waiting: list[Present] = []
        self._first_seq = self._last_seq = 0
        self._newest_was_answered = False
        self._tries = 0
        self._lost_s: float | None = None

    def expect(self, act: Present, type_: str, **data: object) -> Event:
        """Do this at the reader; returns what is to come of it. Raises BranchError."""
        after = self._branch.last_seq("door")
        self.present(act)
        found = self._branch.wait_for(
            type_,
            after=after,
            limit_s=BACK_S,
            service="door",
            door=self._door,
            meanwhile=self.again,
            **data,
        )
        self.seen(found)
        self.until_answered()
        return found

    def present(self, act: Present) -> None:
        """Hold a card to the reader. Raises BranchError if there is no reader to hold it to."""
        if self._reader.osdp is not None:
            self.until_back()
            self._last_seq = self._branch.last_seq("door")
            if not self._waiting:
                self._first_seq, self._tries = self._last_seq, 1
            self._waiting.append(act)
            self._newest_was_answered = False
        act()

    def until_back(self) -> None:
        """Wait, if the reader was lost though nobody has unplugged it. Raises BranchError."""
        if self._reader.osdp is not None and self._reader.wire.plugged:
            self._wait(lambda: not _is_lost(self._seen(0)), "is not back")

    def seen(self, event: Event) -> None:
        """This was expected of the card that was presented last."""
        self._newest_was_answered |= event.type in ANSWERS

    def again(self) -> bool:
        """Present again what can have no answer any more. Returns whether there is reason to wait on."""
        unanswered = self._unanswered() if self._waiting else []
        if not unanswered:
            return False
        since = self._seen(self._last_seq)
        if _is_lost(since):
            self._lost_s = self._lost_s or time.monotonic()
            return time.monotonic() - self._lost_s < BACK_S
        self._lost_s = None
        if not _was_found(since) or self._tries == TRIES:
            return False
        self._tries += 1
        self._last_seq = self._branch.last_seq("door")
        for act in unanswered:
            act()
        return True

    def until_answered(self) -> None:
        """All that was expected has come: wait for what else was presented. Raises BranchError."""
        if self._waiting and _was_found(self._seen(self._first_seq)):
            self._wait(self._are_all_answered, "gave no answer")
        self._waiting.clear()

    def _are_all_answered(self) -> bool:
        self.again()
        return not self._unanswered()

    def _unanswered(self) -> list[Present]:
        answers = sum(event.type in ANSWERS for event in self._seen(self._first_seq))
        if self._newest_was_answered:
            return self._waiting[:-1][answers - 1 :]
        return self._waiting[answers:]

    def _seen(self, after: int) -> list[Event]:
        """What was journalled of this reader."""
        return [
            event
            for event in self._branch.events(after=after)
            if event.subject == self._door.id and event.data.get("reader") == self._reader.id
        ]

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        try:
            wait_until(condition, BACK_S)
        except TimeoutError as error:
            raise BranchError(f"reader {self._reader.id} {what}") from error


def _was_found(events: list[Event]) -> bool:
    return any(event.type is EventType.READER_FOUND for event in events)


def _is_lost(events: list[Event]) -> bool:
    changes = [e.type for e in events if e.type in (EventType.READER_LOST, EventType.READER_FOUND)]
    return bool(changes) and changes[-1] is EventType.READER_LOST
