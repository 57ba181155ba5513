"""Holds and restrictions that have been over for as long as the policy says are destroyed, and certified.

1. ``disposal.started`` is journalled with their ids.
2. In one transaction of the registers, all protections are read afresh, and what is due and not held goes. A
   hold of registers is in the same file, so none can come in between.
3. ``disposal.certificate`` is journalled. A start that finds a disposal without one goes on with it: what is
   not there any more was destroyed.

A hold that still cools off is not over. Once an hour; never while the clock cannot be believed, or while a
register is known to have lost something. Never here: what is due (``keeping.edge_rules``).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Item
from controller.core.protection import Protection, protecting, protects
from controller.core.restriction import Restriction
from controller.keeping.edge_rules import EdgeRule
from controller.keeping.jump_guard import JournalGuard
from controller.keeping.known_holds import KnownHolds
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal, JournalUnavailable
from controller.store.registers import Registers

HOUR_US = 3_600_000_000
SOON_US = 60_000_000
CLOCK_US = 1_000_000
BATCH = 100
"""Entries a certificate."""

log = logging.getLogger(__name__)


class RegistersKeeper:
    """For the journal's thread."""

    def __init__(
        self,
        journal: Journal,
        path: Path,
        known: KnownHolds,
        rule: EdgeRule,
        site: str,
        clock_source: str,
    ) -> None:
        self._journal = journal
        self._path = path
        self._known = known
        self._rule = rule
        self._site = site
        self._clock_source = clock_source
        self._guard = JournalGuard(journal)
        self._next_us = 0
        self._alarm_us = 0
        self._opened = False
        self._told_held: Counter[str] = Counter()

    def look(self, now: Stamp) -> bool:
        """Destroy what is due, if it is time; whether to call again at once. What fails is tried again."""
        if now.mono_us < self._next_us:
            return False
        self._next_us = now.mono_us + HOUR_US
        try:
            return self._look(now)
        except (DatabaseUnusable, JournalUnavailable) as error:
            log.error("registers that are due were not destroyed: %s", error)
            self._next_us = now.mono_us + SOON_US
        try:
            self._tell_overdue(now)
        except (DatabaseUnusable, JournalUnavailable) as error:
            log.error("nobody knows what of the registers is overdue: %s", error)
        return False

    def _tell_overdue(self, now: Stamp) -> None:
        """Once an hour: what should have been gone for a day, held or not, for nobody can tell now."""
        if now.mono_us < self._alarm_us or not now.clock_trusted:
            return
        before_us = self._rule.due_before_us(now.wall_us - DAY_US)
        ends = [_ended_us(one) for one in self._known.there() if not protects(one, now.wall_us)]
        late = [one for one in ends if one is not None and before_us is not None and one < before_us]
        if late:
            data: dict[str, JsonValue] = {
                "category": Category.REGISTERS.value,
                "count": len(late),
                "oldest_start_us": min(late),
                "in_future": 0,
                "cause": "failed",
            }
            self._journal.append([NewEvent(EventType.RETENTION_OVERDUE, self._site, now, data)])
        self._alarm_us = now.mono_us + HOUR_US

    def _look(self, now: Stamp) -> bool:
        if not self._guard.steady(now):
            self._next_us = now.mono_us + CLOCK_US
            return False
        if not self._opened and self._path.is_file():
            # Others only read: after an upgrade it is for this one to migrate it.
            Registers.open(self._path, self._journal.reserve).close()
            self._opened = True
        self._known.read()  # a lost register certifies nothing
        for started in self._unfinished():
            self._finish(started, now)
        found = self._known.read()
        due = [one for one in found if self._due(one, now)]
        held = {one.id: keepers for one in due if (keepers := _kept_by(one, found, self._site, now))}
        self._tell_held(Counter(keeper for keepers in held.values() for keeper in keepers), len(held), now)
        batch = [one for one in due if one.id not in held][:BATCH]
        if not batch:
            return False
        self._next_us = now.mono_us
        (*_, started) = self._journal.append([*self._ends(batch, now), self._started(batch, now)])
        self._finish(started, now)
        return True

    def _due(self, one: Protection, now: Stamp) -> bool:
        ended_us = _ended_us(one)
        if ended_us is None or protects(one, now.wall_us):
            return False
        before_us = self._rule.due_before_us(now.wall_us)
        return before_us is not None and ended_us < before_us

    def _unfinished(self) -> list[Event]:
        found = self._journal.read(lambda rows: rows.without_certificate())
        return [event for event in found if event.data["category"] == Category.REGISTERS.value]

    def _ends(self, batch: Sequence[Protection], now: Stamp) -> list[NewEvent]:
        """Those that a command was stopped before it could journal: else these would count as lost."""
        return [
            NewEvent(EventType.HOLD_ENDED, "registers", now, {"hold": one.id})
            if isinstance(one, Hold)
            else NewEvent(EventType.RESTRICTION_LIFTED, "registers", now, {"restriction": one.id})
            for one in batch
            if self._known.told_of(one.id)
        ]

    def _started(self, batch: Sequence[Protection], now: Stamp) -> NewEvent:
        due = [self._rule.due_us(_ended_us(one) or 0) for one in batch]
        return NewEvent(
            EventType.DISPOSAL_STARTED,
            self._site,
            now,
            {
                "category": Category.REGISTERS.value,
                "basis": self._rule.basis,
                "policy": self._rule.policy,
                "due_from_us": min(due),
                "due_to_us": max(due),
                "placed_from_us": min(one.placed_us for one in batch),
                "ended_to_us": max(_ended_us(one) or 0 for one in batch),
                "count": len(batch),
                "registers": [one.id for one in batch],
            },
        )

    def _finish(self, started: Event, now: Stamp) -> None:
        """Step 2 and 3 for a batch, of which the first may have been done already."""
        value = started.data["registers"]
        ids = [str(one) for one in value] if isinstance(value, list) else []
        consulted: list[Protection] = []
        held_by: Counter[str] = Counter()

        def choose(found: Sequence[Protection]) -> set[str]:
            consulted[:] = [one for one in found if protects(one, now.wall_us)]
            held_by.clear()
            chosen = set()
            for one in found:
                if one.id in ids and self._due(one, now):
                    if keepers := _kept_by(one, found, self._site, now):
                        held_by.update(keepers)
                    else:
                        chosen.add(one.id)
            return chosen

        with closing(Registers.open(self._path, self._journal.reserve)) as registers:
            there = registers.destroy(choose)
            registers.checkpoint()
        gone: list[JsonValue] = [one for one in ids if one not in there]
        due_from_us = started.data["due_from_us"]
        data: dict[str, JsonValue] = {
            "started": started.id,
            "policy": started.data["policy"],
            "category": Category.REGISTERS.value,
            "basis": started.data["basis"],
            "due_from_us": due_from_us,
            "due_to_us": started.data["due_to_us"],
            "placed_from_us": started.data.get("placed_from_us"),
            "ended_to_us": started.data.get("ended_to_us"),
            "lateness_us": now.wall_us - due_from_us if isinstance(due_from_us, int) else 0,
            "clock": self._clock_source,
            "method": "delete",
            "holds_consulted": len(consulted),
            "spared": len(ids) - len(gone),
            "held_by": dict(sorted(held_by.items())),
            "count": len(gone),
            "registers": gone,
        }
        self._journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, self._site, now, data)])

    def _tell_held(self, held_by: Counter[str], count: int, now: Stamp) -> None:
        if held_by == self._told_held:
            return
        self._told_held = held_by
        data: dict[str, JsonValue] = {
            "category": Category.REGISTERS.value,
            "count": count,
            "held_by": dict(sorted(held_by.items())),
        }
        self._journal.append([NewEvent(EventType.RETENTION_HELD, self._site, now, data)])


def _ended_us(one: Hold | Restriction) -> int | None:
    return one.ended_us if isinstance(one, Hold) else one.lifted_us


def _kept_by(one: Hold | Restriction, found: Sequence[Protection], site: str, now: Stamp) -> tuple[str, ...]:
    """What holds an entry of the registers. It is of the time from its placing to its end."""
    ended_us = _ended_us(one)
    item = Item(
        Category.REGISTERS, site, None, one.placed_us, one.placed_us if ended_us is None else ended_us
    )
    return protecting(item, found, now.wall_us)
