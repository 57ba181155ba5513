"""The counts of a month from the door's journal, without restricted events, and which months there are.

Counts of a month that is over change only with what is restricted, so they are kept in memory. Never here:
what may be told of them (``figures``).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from controller.console.web.branch import Branch
from controller.core.access import Side
from controller.core.hold import Category
from controller.core.statistics.counting import COUNTED, Counts, count
from controller.core.statistics.months import Month, months
from controller.keeping.opening import edge_rule
from controller.staff.hidden import Hidden

KEPT_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Available:
    """first_us: when the first event was; None while there is none. months: the last first."""

    first_us: int | None
    months: tuple[Month, ...]


def available(branch: Branch) -> Available:
    """Raises JournalMissing, DatabaseUnusable."""
    first_us = branch.journal("door").first_trusted_wall_us()
    if first_us is None:
        return Available(None, ())
    now_us = branch.now().wall_us
    due_us = edge_rule(branch.settings, Category.ACCESS_EVENTS).due_before_us(now_us)
    return Available(first_us, months(first_us, due_us, now_us, branch.zone))


class Counted:
    """For any number of threads; only one of them counts at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, Month, frozenset[str]], Counts] = OrderedDict()

    def of(self, branch: Branch, month: Month, hidden: Hidden) -> Counts:
        """hidden: what is restricted now, which must be known. Raises JournalMissing, DatabaseUnusable."""
        journal = branch.journal("door")
        key = (journal.journal_id, month, hidden.event_ids)
        with self._lock:
            if key not in self._kept:
                start_us, end_us = month.start_us(branch.zone), month.end_us(branch.zone)
                shown = (
                    event for event in journal.between(start_us, end_us, COUNTED) if not hidden.hides(event)
                )
                self._kept[key] = count(shown, branch.zone, end_us, leaving=_leaving(branch))
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_MONTHS:
                self._kept.popitem(last=False)
            return self._kept[key]


def _leaving(branch: Branch) -> frozenset[tuple[str, str]]:
    return frozenset(
        (door.id, reader.id) for door, reader in branch.settings.readers() if reader.side is Side.OUT
    )
