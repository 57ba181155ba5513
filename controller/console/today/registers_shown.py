"""What of the registers wants somebody: holds to look at again, ends that wait, entries that are lost."""

from __future__ import annotations

from collections.abc import Iterator

from controller.console.holds.register import State, register, waiting
from controller.console.today.known import Known, Registered
from controller.console.today.shown import Matter, Rank
from controller.keeping.known_holds import KnownHolds
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader


def registered(registers: RegistersReader, console: JournalReader, now_us: int) -> Registered:
    """Never raises: a fault is part of it."""
    try:
        found = register(registers, now_us)
        lost = len(KnownHolds(registers, console).lost())
    except DatabaseUnusable as error:
        return Registered(fault=str(error))
    overdue = sum(one.state is State.OVERDUE for one in found)
    return Registered(overdue, len(waiting(found)), lost)


def register_matters(known: Known) -> Iterator[Matter]:
    told = known.registered
    if told.fault or told.lost:
        yield Matter(
            "registers",
            Rank.SOON,
            "Holds and restrictions are lost or cannot be read: nothing is destroyed, and little is shown",
            "See the page of holds and disposals, and restore the register from a backup.",
        )
    if told.overdue:
        yield Matter(
            "holds-overdue",
            Rank.SOON,
            f"{'1 hold' if told.overdue == 1 else f'{told.overdue} holds'} should have been looked at again",
            "A supervisor or the data protection officer does, under Holds.",
        )
    if told.waiting:
        yield Matter(
            "holds-waiting",
            Rank.KNOW,
            "The end of a hold waits for a second person"
            if told.waiting == 1
            else f"The ends of {told.waiting} holds wait for a second person",
            "Another supervisor confirms it, under Holds, Approvals.",
        )
