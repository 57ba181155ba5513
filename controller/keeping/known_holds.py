"""Holds and restrictions, unless some have gone missing: then nothing may be destroyed.

They are never deleted while in force. The console's journal names each that was placed and each that is
over; if the register lacks one that is not, it was lost, or replaced by an older or empty one, and a person
must restore it or end that one. A register that is simply not there would otherwise read as "nothing is
held". Never here: what they protect (``core.protection``).
"""

from __future__ import annotations

from controller.core.protection import Protection
from controller.keeping.lasting_events import ENDED_BY
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.registers import RegistersReader

PLACED = {begun: name for begun, (_, name) in ENDED_BY.items()}
"""What begins a protection, with the name of its id in the event's data."""
OVER = dict(ENDED_BY.values())


class KnownHolds:
    """For one thread at a time. console: the journal that says what was placed."""

    def __init__(self, registers: RegistersReader, console: JournalReader) -> None:
        self._registers = registers
        self._console = console
        self._journal_id = ""
        self._position = 0
        self._placed: set[str] = set()

    def read(self) -> list[Protection]:
        """All holds and restrictions, read afresh. Raises DatabaseUnusable when they cannot be known.

        To be called inside the transaction that destroys: whoever places one writes it first, and then looks
        for what has begun to be destroyed.
        """
        found, lost = self._compared()
        if lost:
            raise DatabaseUnusable(
                "holds or restrictions are missing from registers.db; restore it from a backup, or place "
                f"them anew and end the missing: {', '.join(sorted(lost))}"
            )
        return found

    def lost(self) -> set[str]:
        """The ids of those that have gone missing. Raises DatabaseUnusable where nobody can know."""
        return self._compared()[1]

    def _compared(self) -> tuple[list[Protection], set[str]]:
        self._follow()  # first: a hold is in the register before the journal tells of it
        found = self._registers.protections()
        return found, self._placed - {one.id for one in found}

    def there(self) -> list[Protection]:
        """All that the register has, though some may be missing from it. Never to destroy by."""
        return self._registers.protections()

    def told_of(self, placed: str) -> bool:
        """Whether the journal tells of the placing of this id and of no end. As of the last ``read``."""
        return placed in self._placed

    def _follow(self) -> None:
        try:
            if (journal_id := self._console.journal_id) != self._journal_id:
                self._journal_id, self._position = journal_id, 0
            while events := self._console.read(self._position, types=(*PLACED, *OVER)):
                for event in events:
                    if event.type in PLACED:
                        self._placed.add(str(event.data.get(PLACED[event.type])))
                    elif event.type in OVER:
                        self._placed.discard(str(event.data.get(OVER[event.type])))
                self._position = events[-1].seq
        except JournalMissing:
            return  # staff have not done anything yet
