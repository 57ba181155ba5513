"""The registers of a backup, joined with those in place as far as they can be read.

What is newer counts: a hold that was placed since stays, one that was ended since is ended. What was
destroyed since stays destroyed. Never here: what falls due (``keeping.registers_keeper``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from controller.core.event import Event
from controller.core.hold import Category, Hold
from controller.core.protection import Protection
from controller.store.engine import DatabaseUnusable
from controller.store.registers import Registers, RegistersReader


def there(path: Path) -> list[Protection] | None:
    """Those in place; None if nobody can read them."""
    with closing(RegistersReader(path)) as reader:
        try:
            return reader.protections()
        except DatabaseUnusable:
            return None


def destroyed(certificates: Sequence[Event]) -> set[str]:
    """The ids of entries that these certificates of the console's journal cover."""
    found: set[str] = set()
    for event in certificates:
        ids = event.data.get("registers")
        if event.data.get("category") == Category.REGISTERS.value and isinstance(ids, list):
            found.update(str(one) for one in ids)
    return found


def beyond(staged: Path, here: Collection[Protection], gone: Collection[str]) -> bool:
    """Whether the backup's have an entry that those in place lack, though nobody destroyed it."""
    with closing(Registers.open(staged)) as registers:
        ids = {one.id for one in _all(registers)}
    return not ids <= {one.id for one in here} | set(gone)


def join(staged: Path, newer: Collection[Protection], gone: Collection[str]) -> int:
    """Make the staged registers so; how many entries were taken over from those in place.

    Raises DatabaseUnusable.
    """
    with closing(Registers.open(staged)) as registers:
        before = {one.id: one for one in _all(registers)}
        taken = [one for one in newer if before.get(one.id) != one and one.id not in gone]
        replaced = {one.id for one in taken} | set(gone)
        registers.destroy(lambda _found: replaced)
        for one in taken:
            if isinstance(one, Hold):
                registers.add_hold(one)
            else:
                registers.add_restriction(one)
        registers.checkpoint()
    return len(taken)


def _all(registers: Registers) -> list[Protection]:
    return [*registers.holds(), *registers.restrictions()]
