"""Where somebody acts on the registers: holds, restrictions, and what waits for a second person.

Never here: which acts there are (``holds``, ``restrictions``), and who may (``roles``).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from controller.core.event import Event, EventType, JsonValue, Stamp, event_id
from controller.keeping.known_holds import OVER, PLACED
from controller.settings.paths import Paths
from controller.staff.account import Account
from controller.staff.journal import StaffJournal
from controller.store.journal_reader import JournalReader
from controller.store.registers import Registers


@dataclass(frozen=True, slots=True)
class Desk:
    """who: has been found to be allowed. now: when it acts. Its methods raise DatabaseUnusable."""

    paths: Paths
    registers: Registers
    journal: StaffJournal
    who: Account
    now: Stamp

    def new_id(self) -> str:
        return event_id(self.now.wall_us, secrets.randbits(74))

    def note(self, type: EventType, data: Mapping[str, JsonValue], subject: str = "registers") -> Event:
        """Journal what was done, with the account. Raises JournalUnavailable."""
        return self.journal.record(type, subject, {**data, **self.who.data})

    def lost(self, wanted: str) -> bool:
        """Whether the register has lost this hold or restriction: the journal tells of its placing and of no
        end. Until each is restored or ended by its id, nothing is destroyed (``keeping.known_holds``).
        """
        register = self.registers
        if wanted in {*(one.id for one in register.holds()), *(one.id for one in register.restrictions())}:
            return False
        names = PLACED | OVER
        with closing(JournalReader(self.paths.journal("console"))) as journal:
            told = [
                event.type for event in journal.since(0, names) if event.data[names[event.type]] == wanted
            ]
        return bool(told) and told[-1] in PLACED


@contextmanager
def desk(paths: Paths, journal: StaffJournal, who: Account) -> Iterator[Desk]:
    """Open while somebody acts. Raises DatabaseUnusable."""
    with closing(Registers.open(paths.registers, journal.reserve)) as registers:
        yield Desk(paths, registers, journal, who, journal.now())
