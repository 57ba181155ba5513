"""Holds and restrictions that the register has lost: only the console's journal knows of them.

Until each is restored or ended by its id, nothing is destroyed (``keeping.known_holds``).
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.settings.paths import Paths
    from controller.store.registers import Registers


def lost(paths: Paths, registers: Registers, wanted: str) -> bool:
    """Whether the journal tells of the placing of this one and of no end, and the register lacks it.

    Raises DatabaseUnusable.
    """
    from controller.keeping.known_holds import OVER, PLACED
    from controller.store.journal_reader import JournalReader

    if wanted in {*(one.id for one in registers.holds()), *(one.id for one in registers.restrictions())}:
        return False
    names = PLACED | OVER
    with closing(JournalReader(paths.journal("console"))) as journal:
        told = [event.type for event in journal.since(0, names) if event.data[names[event.type]] == wanted]
    return bool(told) and told[-1] in PLACED
