"""A year at a branch, with time driven: whatever happens, nothing goes too early, and nothing stays too long.

What should be there is reckoned a second time by ``simulator.ledger``. With UNLOCKED_SOAK=1 it is 200,000
events, a sweep every six hours, and the chain verified every day; else a tenth, once a day, and six times.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.proof import Known
from controller.core.restriction import Ground, Means, Restriction
from controller.core.retention.due import Conventions
from controller.keeping.edge_rules import ACCESS_LOG_RULE, EdgeRule
from controller.keeping.journal_disposal import JournalDisposal
from controller.keeping.journal_keeper import JournalKeeper
from controller.keeping.known_holds import KnownHolds
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.registers import Registers, RegistersReader
from controller.store.verification import Verification
from controller.store.verify import verify
from simulator.ledger import LONDON, Ledger, Protected, local_date, local_us

SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
EVENTS = 200_000 if SOAK else 20_000
STEP_US = DAY_US // 4 if SOAK else DAY_US
VERIFIED_EVERY_DAYS = 1 if SOAK else 60
MINUTE_US = 60_000_000
BEGIN_US, END_US = local_us("2026-01-01"), local_us("2027-01-01")
OFF_US, ON_US = local_us("2026-08-03T01:00"), local_us("2026-08-23T01:00")
A_STEP = EVENTS * STEP_US // (END_US - BEGIN_US - (ON_US - OFF_US)) + 1
TRAFFIC = (
    EventType.ACCESS_GRANTED,
    EventType.DOOR_UNLOCKED,
    EventType.DOOR_OPENED,
    EventType.DOOR_CLOSED,
    EventType.ACCESS_REFUSED,
    EventType.EXIT_REQUESTED,
)


RULE = EdgeRule(Category.ACCESS_EVENTS, ACCESS_LOG_RULE, Conventions(LONDON, None), policy="5e" * 32)


def id_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


class Open:
    """Seals nothing: how long that takes is not what is asked here."""

    key_id = "0123abcd"

    def seal(self, plaintext: bytes, _info: bytes) -> bytes:
        return plaintext


class Branch:
    """Its door's journal, and what keeps it; its registers, and what the console says of them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "door.db"
        self._registers = Registers.open(folder / "registers.db")
        self._register_reader = RegistersReader(folder / "registers.db")
        self._console_reader = JournalReader(folder / "console.db")
        self._random = Random(6)
        self._boot = 0
        self._boot_us = 0
        self.now_us = BEGIN_US
        self.boot()
        self._console = Journal.open(
            folder / "console.db", service="console", stamp=self.stamp(), synchronous="OFF"
        )
        self.start()
        self.ledger = Ledger(JournalReader(self.path), sqlite3.connect(f"file:{self.path}?mode=ro", uri=True))

    def boot(self) -> None:
        self._boot += 1
        self._boot_us = self.now_us - MINUTE_US

    def stamp(self, *, trusted: bool = True) -> Stamp:
        wall_us = self.now_us if trusted else BEGIN_US - DAY_US
        return Stamp(wall_us, self.now_us - self._boot_us, f"boot-{self._boot}", trusted)

    def start(self) -> None:
        """With a clock that is believed only after a while."""
        stamp = self.stamp(trusted=False)
        self._journal = Journal.open(self.path, service="door", stamp=stamp, seal=Open(), synchronous="OFF")
        self._add([EventType.SERVICE_STARTED, *TRAFFIC], trusted=False)
        known = KnownHolds(self._register_reader, self._console_reader)
        self._keeper = JournalKeeper(
            JournalDisposal(self._journal, RULE, "droitwich", "synchronised", known.read, lambda: False)
        )
        self._keeper.sweep(stamp)  # which destroys nothing
        self._add([EventType.ACCESS_REFUSED])

    def restart(self, *, boot: bool) -> None:
        self._journal.close()
        if boot:
            self.boot()
        self.start()

    def power_off(self, until_us: int) -> None:
        """Twenty days cannot be told from a clock that jumps: for one more nothing is destroyed."""
        self.now_us = until_us
        self.restart(boot=True)
        self.ledger.patient_until_us = until_us + DAY_US

    def step(self) -> None:
        """Some hours of traffic, and a sweep."""
        begin_us, end_us = self.now_us, self.now_us + STEP_US
        moments = sorted(self._random.randrange(begin_us, end_us) for _ in range(A_STEP))
        self._journal.append([self._event(self._random.choice(TRAFFIC), moment) for moment in moments])
        self._journal.checkpoint()
        self.now_us = end_us
        self._keeper.sweep(self.stamp())
        self.ledger.check(end_us)

    def verify(self) -> Verification:
        """What is left of the journal, and what its certificates tell of when the rest went."""
        known = Known(
            {(RULE.policy, RULE.category.value): RULE.due_us},
            self._register_reader.protections(),
            lambda event_id: self.ledger.reader.find(event_id) is not None,
        )
        return verify(self.path, known=known)

    def _event(self, type: EventType, at_us: int) -> NewEvent:
        private = {"card": b"27182818284590"} if type is EventType.ACCESS_GRANTED else {}
        stamp = Stamp(at_us, at_us - self._boot_us, f"boot-{self._boot}", True)
        return NewEvent(type, self._random.choice(("street", "side")), stamp, {}, private)

    def _add(self, types: list[EventType], *, trusted: bool = True) -> None:
        stamp = self.stamp(trusted=trusted)
        self._journal.append([NewEvent(type, "street", stamp) for type in types])

    # --- what people decide ---------------------------------------------------------------------------

    def hold(self, name: str, period: tuple[str, str], device: str | None = None) -> None:
        """All that happened from one time to before another."""
        scope = Scope(Category.ACCESS_EVENTS, "droitwich", device, local_us(period[0]), local_us(period[1]))
        self._hold(name, scope)

    def hold_recent(self, name: str) -> None:
        """The grants of the last hours, by their ids."""
        scope = Scope(Category.ACCESS_EVENTS, "droitwich", None, BEGIN_US, BEGIN_US, self._recent())
        self._hold(name, scope)

    def _hold(self, name: str, scope: Scope) -> None:
        review_us = self.now_us + 90 * DAY_US
        self._registers.add_hold(Hold(id_of(name), "police", "22/1234", scope, self.now_us, review_us))
        self._console.append([NewEvent(EventType.HOLD_ADDED, "access", self.stamp(), {"hold": id_of(name)})])
        self.ledger.protections[name] = Protected(
            self.now_us, scope.start_us, scope.end_us, scope.event_ids, scope.device
        )

    def end(self, name: str) -> None:
        self._registers.end_hold(id_of(name), self.now_us, "trial over", by="ann")
        self._console.append([NewEvent(EventType.HOLD_ENDED, "access", self.stamp(), {"hold": id_of(name)})])
        self.ledger.protections[name].over_us = self.now_us

    def restrict_recent(self, name: str) -> None:
        restriction = Restriction(id_of(name), "SAR-7", Ground.CLAIM, self._recent(), self.now_us, "ann")
        self._registers.add_restriction(restriction)
        self._tell_restriction(EventType.RESTRICTION_ADDED, name)
        self.ledger.protections[name] = Protected(self.now_us, ids=restriction.event_ids, cooling_off_us=0)

    def lift(self, name: str) -> None:
        self._registers.subject_informed(id_of(name), self.now_us, Means.LETTER, by="ann")
        self._registers.lift_restriction(id_of(name), self.now_us, "settled", by="ann")
        self._tell_restriction(EventType.RESTRICTION_LIFTED, name)
        self.ledger.protections[name].over_us = self.now_us

    def _tell_restriction(self, type: EventType, name: str) -> None:
        self._console.append([NewEvent(type, "access", self.stamp(), {"restriction": id_of(name)})])

    def _recent(self) -> frozenset[str]:
        events = self.ledger.reader.read(max(0, self.ledger.seq - 50))
        return frozenset(event.id for event in events if event.type is EventType.ACCESS_GRANTED)

    def close(self) -> None:
        for opened in (self._journal, self._console, self._registers):
            opened.close()
        for reader in (self._register_reader, self._console_reader, self.ledger.reader):
            reader.close()
        self.ledger.file.close()


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[Branch]:
    made = Branch(tmp_path)
    yield made
    made.close()


PLAN: list[tuple[str, Callable[[Branch], None]]] = [
    ("2026-02-10T03:00", lambda branch: branch.restart(boot=True)),
    ("2026-03-05T12:00", lambda branch: branch.hold("trial", ("2026-02-02", "2026-02-04"))),
    ("2026-03-20T12:00", lambda branch: branch.hold("overlapping", ("2026-02-03T12:00", "2026-02-05"))),
    # The night of 23 hours; its end cools off until the very moment of a sweep.
    ("2026-03-29T01:00", lambda branch: branch.restart(boot=False)),
    ("2026-03-30T12:00", lambda branch: branch.hold("night", ("2026-03-29", "2026-03-29T03:00"))),
    ("2026-04-01T10:00", lambda branch: branch.hold_recent("never ended")),
    ("2026-05-05T15:00", lambda branch: branch.restrict_recent("restriction")),
    ("2026-05-10T12:00", lambda branch: branch.hold("one door", ("2026-04-10", "2026-04-12"), "side")),
    ("2026-06-01T12:00", lambda branch: branch.restart(boot=True)),
    ("2026-06-20T09:00", lambda branch: branch.end("trial")),
    ("2026-06-21T12:00", lambda branch: branch.end("night")),
    ("2026-07-01T12:00", lambda branch: branch.hold("too late", ("2026-01-05", "2026-01-20"))),
    ("2026-07-15T12:00", lambda branch: branch.end("overlapping")),
    ("2026-08-03T01:00", lambda branch: branch.power_off(ON_US)),
    # Of what fell due while the power was off, and has not been destroyed since.
    ("2026-08-23T01:00", lambda branch: branch.hold("after it was due", ("2026-05-10", "2026-05-11"))),
    ("2026-08-25T12:00", lambda branch: branch.hold("short", ("2026-08-01", "2026-08-03"))),
    ("2026-08-28T12:00", lambda branch: branch.end("short")),
    ("2026-09-01T12:00", lambda branch: branch.end("too late")),
    ("2026-10-01T12:00", lambda branch: branch.end("one door")),
    ("2026-10-25T01:00", lambda branch: branch.restart(boot=True)),  # 01:00 comes twice
    ("2026-11-01T12:00", lambda branch: branch.end("after it was due")),
    ("2026-11-10T10:00", lambda branch: branch.lift("restriction")),
    ("2026-12-01T06:00", lambda branch: branch.restart(boot=False)),
]

HELD = {"trial", "overlapping", "night", "never ended", "restriction", "one door", "after it was due"}
"""What kept something that was due; "too late" and "short" kept nothing."""


@pytest.mark.timeout(7200 if SOAK else 300)
def test_a_year(branch: Branch) -> None:
    plan = deque((local_us(at), act) for at, act in PLAN)
    day, days = local_date(BEGIN_US), 0
    while branch.now_us < END_US:
        while plan and plan[0][0] <= branch.now_us:
            plan.popleft()[1](branch)
        branch.step()
        if (today := local_date(branch.now_us)) != day:
            day, days = today, days + 1
            branch.ledger.check_day()
            if days % VERIFIED_EVERY_DAYS == 0:
                assert branch.verify().ok, day
    assert days in (365 - 20, 365 - 20 + 1)  # the last sweep may be the first of the next year
    found = branch.verify()
    assert found.ok, found
    assert found.events + found.disposed == branch.ledger.seq
    assert found.disposed == branch.ledger.destroyed > EVENTS * (365 - 91 - 20) // 365
    assert branch.ledger.held == HELD
