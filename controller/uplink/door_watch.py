"""Keeps the state of the door up to date, whatever still waits to be sent.

It reads the end of the door's journal, not what has been published: a dashboard wants to know the door,
also while two days of events are on their way.
"""

from __future__ import annotations

from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalReader
from controller.uplink.door_state import DoorState

LOOK_BACK = 1000
"""Events of the door's journal to begin with; among so many the door has moved."""


class DoorWatch:
    """state: what is known now."""

    def __init__(self, reader: JournalReader) -> None:
        self.state = DoorState()
        self.journal_id = ""
        self._reader = reader
        self._read_up_to = 0

    def poll(self) -> bool:
        """Read on; whether the state has changed. An unreadable journal changes nothing: its feed says so."""
        before = self.state
        try:
            if self._reader.changed():
                self._read_on()
        except DatabaseUnusable:
            return False
        return self.state is not before

    def _read_on(self) -> None:
        journal_id = self._reader.journal_id
        if journal_id != self.journal_id:
            self.journal_id = journal_id
            self.state = DoorState()
            self._read_up_to = max(0, self._reader.last_seq() - LOOK_BACK)
        while page := self._reader.read(self._read_up_to):
            for event in page:
                self.state = self.state.after(event)
            self._read_up_to = page[-1].seq

    def close(self) -> None:
        self._reader.close()
