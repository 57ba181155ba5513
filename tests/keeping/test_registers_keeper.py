"""What is over is destroyed when the policy says so, unless it is held."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.core.event import Event, EventType, NewEvent, Stamp, event_id
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.restriction import Ground, Means, Restriction
from controller.core.retention.due import Conventions
from controller.core.retention.rules import Duration, Period
from controller.keeping.edge_rules import EdgeRule
from controller.keeping.known_holds import KnownHolds
from controller.keeping.registers_keeper import HOUR_US, RegistersKeeper
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.owner import MIGRATIONS
from controller.store.registers import Registers, RegistersReader

SITE = "droitwich"
TWO_YEARS = EdgeRule(
    Category.REGISTERS, Duration(Period(years=2)), Conventions(ZoneInfo("Europe/London"), None), policy="5e"
)


def us(day: str) -> int:
    return round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000


class Rig:
    """A console's folder. ``now_us`` goes on as the clock does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.began_us = self.now_us = us("2024-03-01")
        self.path = folder / "registers.db"
        self.journal = Journal.open(folder / "journal.db", service="console", stamp=self.now)
        self.known = KnownHolds(RegistersReader(self.path), JournalReader(folder / "journal.db"))
        self.start()

    def start(self) -> None:
        self.keeper = RegistersKeeper(self.journal, self.path, self.known, TWO_YEARS, SITE, "synchronised")

    @property
    def now(self) -> Stamp:
        return Stamp(self.now_us, self.now_us - self.began_us + 1, "boot-1", clock_trusted=True)

    def look(self, day: str) -> None:
        self.now_us = us(day)
        while self.keeper.look(self.now):
            self.now_us += 1
        self.now_us += HOUR_US

    def hold(self, ended: str | None, category: Category = Category.FOOTAGE, n: int = 0) -> Hold:
        placed_us = us("2024-03-01")
        scope = Scope(category, SITE, None, 0, 2**60)
        made = event_id(placed_us, n)
        hold = Hold(made, "Police", f"CR/{n}", scope, placed_us, placed_us + DAY_US, placed_by="jo")
        with closing(Registers.open(self.path)) as registers:
            registers.add_hold(hold)
            self.tell(EventType.HOLD_ADDED, hold=hold.id)
            if ended is not None:
                registers.end_hold(hold.id, us(ended), "case closed", by="sam")
                self.tell(EventType.HOLD_ENDED, hold=hold.id)
        return hold

    def tell(self, type: EventType, **data: str) -> None:
        self.journal.append([NewEvent(type, "registers", self.now, dict(data))])

    def ids(self) -> set[str]:
        with closing(RegistersReader(self.path)) as reader:
            return {one.id for one in reader.protections()}

    def events(self, type: EventType) -> list[Event]:
        with closing(JournalReader(self.folder / "journal.db")) as reader:
            return list(reader.since(0, [type]))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.journal.close()


def test_a_hold_goes_two_years_after_its_end_with_a_certificate(rig: Rig) -> None:
    """Ended on 14 May 2024: retained through 14 May 2026, due from the 15th, 00:00 in London."""
    hold = rig.hold("2024-05-14T12:00")
    rig.look("2026-05-14T22:00")
    assert rig.ids() == {hold.id}
    rig.look("2026-05-14T23:00")
    assert rig.ids() == set()
    (certificate,) = rig.events(EventType.DISPOSAL_CERTIFICATE)
    assert certificate.data["registers"] == [hold.id]
    assert (certificate.data["policy"], certificate.data["count"]) == ("5e", 1)
    assert certificate.data["due_from_us"] == us("2026-05-14T23:00")
    assert certificate.data["placed_from_us"] == us("2024-03-01")
    assert certificate.data["ended_to_us"] == us("2024-05-14T12:00")
    assert b"Police" not in rig.path.read_bytes()
    assert not rig.path.with_name("registers.db-wal").exists()
    rig.known.read()  # nothing is missed


def test_what_is_in_force_stays_however_old(rig: Rig) -> None:
    hold = rig.hold(None)
    rig.look("2044-05-14")
    assert rig.ids() == {hold.id}


def test_a_restriction_goes_two_years_after_it_was_lifted(rig: Rig) -> None:
    made = event_id(rig.now_us, 7)
    with closing(Registers.open(rig.path)) as registers:
        registers.add_restriction(
            Restriction(made, "DP/7", Ground.CLAIM, frozenset({made}), rig.now_us, "dpo")
        )
        rig.look("2026-05-14")
        assert rig.ids() == {made}
        registers.subject_informed(made, us("2024-03-02"), Means.LETTER, by="dpo")
        registers.lift_restriction(made, us("2024-03-02"), "settled", by="dpo")
    rig.look("2026-05-15")
    assert rig.ids() == set()


def test_a_hold_of_registers_keeps_them_and_is_told_once(rig: Rig) -> None:
    over = rig.hold("2024-05-14")
    keeper = rig.hold(None, Category.REGISTERS, 1)
    rig.look("2026-06-01")
    rig.look("2026-06-02")
    assert rig.ids() == {over.id, keeper.id}
    (held,) = rig.events(EventType.RETENTION_HELD)
    assert held.data["held_by"] == {keeper.id: 1}
    assert rig.events(EventType.DISPOSAL_STARTED) == []


def test_many_go_in_batches(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.keeping.registers_keeper.BATCH", 2)
    with closing(Registers.open(rig.path)) as registers:
        for n in range(3):
            hold = Hold(
                event_id(us("2024-03-01"), n), "P", "R", Scope(Category.FOOTAGE, SITE, None, 0, 1), 1, 2
            )
            registers.add_hold(replace(hold, ended_us=3, end_reason="over"))
    rig.look("2026-05-15")
    assert [event.data["count"] for event in rig.events(EventType.DISPOSAL_CERTIFICATE)] == [2, 1]


def test_a_crash_between_destroying_and_certifying_is_finished(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = rig.hold("2024-05-14")

    def crash(_: Registers) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Registers, "checkpoint", crash)
        with pytest.raises(KeyboardInterrupt):
            rig.look("2026-05-16")
    assert rig.ids() == set()
    assert rig.events(EventType.DISPOSAL_CERTIFICATE) == []
    rig.start()
    rig.look("2026-05-17")
    (certificate,) = rig.events(EventType.DISPOSAL_CERTIFICATE)
    assert certificate.data["registers"] == [hold.id]


def test_an_end_that_was_not_journalled_is_journalled_before_the_hold_goes(rig: Rig) -> None:
    hold = rig.hold(None)
    with closing(Registers.open(rig.path)) as registers:
        registers.end_hold(hold.id, us("2024-05-14"), "case closed")
    rig.look("2026-05-16")
    assert rig.ids() == set()
    assert [event.data["hold"] for event in rig.events(EventType.HOLD_ENDED)] == [hold.id]
    rig.known.read()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_clock_that_jumped_or_is_not_trusted_destroys_nothing(rig: Rig, trusted: bool) -> None:
    hold = rig.hold("2024-05-14")
    jumped = Stamp(us("2026-06-01"), rig.now.mono_us + HOUR_US, "boot-1", clock_trusted=trusted)
    rig.keeper.look(jumped)
    assert rig.ids() == {hold.id}


def test_a_lost_register_certifies_nothing(rig: Rig) -> None:
    rig.hold("2024-05-14")
    rig.hold(None, n=1)
    rig.path.unlink()
    rig.look("2026-06-01")
    with pytest.raises(DatabaseUnusable):
        rig.known.read()
    assert rig.events(EventType.DISPOSAL_CERTIFICATE) == []


def test_a_register_of_an_older_version_is_migrated(rig: Rig) -> None:
    old = sqlite3.connect(rig.path)
    old.executescript((MIGRATIONS / "registers" / "0001_begin.sql").read_text())
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    rig.look("2026-06-01")
    assert rig.known.read() == []


def test_what_stays_while_an_entry_is_missing_is_overdue_after_a_day(rig: Rig) -> None:
    rig.hold("2024-05-14T12:00")
    rig.tell(EventType.HOLD_ADDED, hold=event_id(us("2024-03-01"), 9))
    rig.look("2026-05-15T12:00")
    assert rig.events(EventType.RETENTION_OVERDUE) == []
    rig.look("2026-05-16T12:00")
    rig.look("2026-05-16T12:30")
    told, *_ = rig.events(EventType.RETENTION_OVERDUE)
    assert told.data == {
        "category": "registers",
        "count": 1,
        "oldest_start_us": us("2024-05-14T12:00"),
        "in_future": 0,
        "cause": "failed",
    }
