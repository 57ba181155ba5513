"""Keeps the states of the doors up to date, whatever still waits to be sent.

It reads the end of the door's journal, not what has been published: a dashboard wants to know the doors,
also while two days of events are on their way.
"""

from __future__ import annotations

from collections.abc import Iterable

from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalReader
from controller.uplink.door_state import DoorState
from controller.uplink.text_board import TextBoard

LOOK_BACK = 1000
"""Events of the door's journal to begin with; among so many every door has moved."""


class DoorWatch:
    """states: what is known now, by the door's id. board: hears every event on the way."""

    def __init__(self, reader: JournalReader, doors: Iterable[str], board: TextBoard) -> None:
        self.board = board
        self.states = {door: DoorState(door) for door in doors}
        self.journal_id = ""
        self._reader = reader
        self._read_up_to = 0

    def poll(self) -> list[str]:
        """Read on; the doors whose state has changed.

        An unreadable journal changes nothing: its feed says so.
        """
        before = dict(self.states)
        try:
            if self._reader.changed():
                self._read_on()
        except DatabaseUnusable:
            return []
        return [door for door, state in self.states.items() if state is not before[door]]

    def _read_on(self) -> None:
        journal_id = self._reader.journal_id
        if journal_id != self.journal_id:
            self.journal_id = journal_id
            self.states = {door: DoorState(door) for door in self.states}
            self._read_up_to = max(0, self._reader.last_seq() - LOOK_BACK)
        while page := self._reader.read(self._read_up_to):
            for event in page:
                self.board.heard(event)
                self.states = {door: state.after(event) for door, state in self.states.items()}
            self._read_up_to = page[-1].seq

    def close(self) -> None:
        self._reader.close()
