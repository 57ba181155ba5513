"""How a card reader is now, told from the door's journal. Never here: which cards it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace

from controller.core.event import CONTROLLER, Event, EventType, Stamp

WORKS = "works"
LOST = "lost"
BABBLING = "babbling"
SILENT = "silent"

_BEGINS = {
    EventType.READER_LOST: LOST,
    EventType.READER_BABBLING: BABBLING,
    EventType.READER_SILENT: SILENT,
}
_ENDS = {
    EventType.READER_FOUND: LOST,
    EventType.READER_CALM: BABBLING,
    EventType.READER_HEARD: SILENT,
}
_WORST_FIRST = (LOST, BABBLING, SILENT)


@dataclass(frozen=True, slots=True)
class ReaderState:
    """door, reader: their ids. faults: what is wrong with it. seq, stamp: of the event that said so last."""

    door: str
    reader: str
    faults: frozenset[str] = frozenset()
    seq: int = 0
    stamp: Stamp | None = None

    @property
    def word(self) -> str:
        return next((fault for fault in _WORST_FIRST if fault in self.faults), WORKS)

    def after(self, event: Event) -> ReaderState:
        """The state once this event has happened; the same object when it says nothing about the reader."""
        if event.type is EventType.SERVICE_STARTED and event.subject == CONTROLLER:
            # What is wrong with a reader is told anew.
            return ReaderState(self.door, self.reader, seq=event.seq, stamp=event.stamp)
        if event.subject != self.door or event.data.get("reader") != self.reader:
            return self
        if event.type in _BEGINS:
            faults = self.faults | {_BEGINS[event.type]}
        elif event.type in _ENDS:
            faults = self.faults - {_ENDS[event.type]}
        else:
            return self
        return replace(self, faults=faults, seq=event.seq, stamp=event.stamp)
