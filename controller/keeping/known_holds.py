"""The holds, unless some have gone missing: then nothing may be destroyed.

Holds are never deleted. The console's journal names each that was placed and each that was ended; if the
register lacks one that was not, it was lost, or replaced by an older or empty one, and a person must
restore it or end that hold. A register that is simply not there would otherwise read as "nothing is held".
Never here: what a hold protects (``core.hold``).
"""

from __future__ import annotations

from controller.core.event import EventType
from controller.core.hold import Hold
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.registers import RegistersReader


class KnownHolds:
    """Used by the acting thread."""

    def __init__(self, registers: RegistersReader, console: JournalReader) -> None:
        self._registers = registers
        self._console = console
        self._journal_id = ""
        self._position = 0
        self._placed: set[str] = set()

    def read(self) -> list[Hold]:
        """All holds, read afresh. Raises DatabaseUnusable when they cannot be known."""
        self._follow()  # first: a hold is in the register before the journal tells of it
        holds = self._registers.holds()
        if lost := self._placed - {hold.id for hold in holds}:
            raise DatabaseUnusable(
                f"holds are missing from registers.db; restore it from a backup, or place them anew and "
                f"end the missing: {', '.join(sorted(lost))}"
            )
        return holds

    def _follow(self) -> None:
        try:
            if (journal_id := self._console.journal_id) != self._journal_id:
                self._journal_id, self._position = journal_id, 0
            while events := self._console.read(self._position):
                for event in events:
                    if event.type is EventType.HOLD_ADDED:
                        self._placed.add(str(event.data["hold"]))
                    elif event.type is EventType.HOLD_ENDED:
                        self._placed.discard(str(event.data["hold"]))
                self._position = events[-1].seq
        except JournalMissing:
            return  # staff have not done anything yet
