"""Journals whose events are causes of clips, and how far each has been read."""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.event import Event
from controller.recorder.clips.making import Clips
from controller.store.journal_reader import JournalMissing, JournalReader


class Followed:
    """One journal. Used by the acting thread."""

    def __init__(self, reader: JournalReader, clips: Clips) -> None:
        self._reader = reader
        self._clips = clips
        self._journal_id = ""
        self._position = 0
        self._unread = False

    def news(self) -> Iterator[tuple[str, list[Event]]]:
        """The journal's id and its new events, in their order. What was taken counts as read.

        Raises DatabaseUnusable.
        """
        try:
            self._unread |= self._reader.changed()
            if not self._unread:
                return
            if (journal_id := self._reader.journal_id) != self._journal_id:
                self._journal_id, self._position = journal_id, self._clips.position(journal_id)
            while events := self._reader.read(self._position):
                yield self._journal_id, events
                self._position = events[-1].seq
            self._unread = False
        except JournalMissing:
            return  # that service has not started yet
