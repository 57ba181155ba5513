"""Journals whose events are causes of clips, and how far each has been read."""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.event import Event, Stamp
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


def since_boot_us(stamp: Stamp, now: Stamp) -> int:
    """When it was, in the time since the boot of ``now``. Of another boot, the wall clocks say it."""
    if stamp.boot_id == now.boot_id:
        return stamp.mono_us
    return now.mono_us - max(0, now.wall_us - stamp.wall_us)
