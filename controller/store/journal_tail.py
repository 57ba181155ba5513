"""The end of a journal, and then whatever is added to it: for whoever wants to know how things are now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.core.event import Event
from controller.store.journal_reader import JournalReader

LOOK_BACK = 20_000
"""Events of a journal to begin with; among so many every door has moved, and the recorder's is of days."""


class JournalTail:
    """For one thread at a time. journal_id: of what was read last; empty before."""

    def __init__(self, reader: JournalReader, look_back: int = LOOK_BACK) -> None:
        self.journal_id = ""
        self._reader = reader
        self._look_back = look_back
        self._read_up_to = 0
        self._unread = False

    def pages(self, begun: Callable[[], None]) -> Iterator[list[Event]]:
        """What is new, in its order; none if nothing is. What was taken counts as read.

        begun: is called first where this is another journal than before, such as the first. Raises
        DatabaseUnusable, and JournalMissing while there is none; cheap while nothing is added.
        """
        self._unread |= self._reader.changed()
        if not self._unread:
            return
        journal_id = self._reader.journal_id
        if journal_id != self.journal_id:
            self._read_up_to = max(0, self._reader.last_seq() - self._look_back)
            self.journal_id = journal_id
            begun()
        while page := self._reader.read(self._read_up_to):
            yield page
            self._read_up_to = page[-1].seq
        self._unread = False

    def close(self) -> None:
        self._reader.close()
