from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType, NewEvent
from controller.core.hold import Category, Hold, Scope
from controller.core.restriction import Ground, Restriction
from controller.keeping.known_holds import KnownHolds
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.registers import Registers, RegistersReader

EVENT = "01a1fb67-1800-7e0d-9882-42c96d20b8fa"


@pytest.fixture
def known(tmp_path: Path) -> Iterator[KnownHolds]:
    registers, console = RegistersReader(tmp_path / "registers.db"), JournalReader(tmp_path / "journal.db")
    yield KnownHolds(registers, console)
    registers.close()
    console.close()


def place(folder: Path, now: Any) -> Hold:
    """As the command does."""
    hold = Hold(str(uuid.uuid4()), "police", "CR/1", Scope(Category.FOOTAGE, "droitwich", None, 1, 2), 10, 20)
    registers = Registers.open(folder / "registers.db")
    registers.add_hold(hold)
    registers.close()
    journal = Journal.open(folder / "journal.db", service="console", stamp=now())
    journal.append([NewEvent(EventType.HOLD_ADDED, "footage", now(), {"hold": hold.id})])
    journal.close()
    return hold


def test_before_anything_was_held_there_is_nothing(known: KnownHolds) -> None:
    assert known.read() == []


def test_holds_are_read_afresh(known: KnownHolds, tmp_path: Path, now: Any) -> None:
    first = place(tmp_path, now)
    assert known.read() == [first]
    second = place(tmp_path, now)
    assert {hold.id for hold in known.read()} == {first.id, second.id}


@pytest.mark.parametrize("what", ["gone", "empty", "begun anew"])
def test_a_register_that_lost_a_hold_lets_nothing_be_destroyed(
    known: KnownHolds, tmp_path: Path, now: Any, what: str
) -> None:
    lost = place(tmp_path, now)
    register = tmp_path / "registers.db"
    register.unlink()
    if what == "empty":
        register.touch()
    if what == "begun anew":
        place(tmp_path, now)
    with pytest.raises(DatabaseUnusable, match=f"end the missing: {lost.id}$"):
        known.read()
    journal = Journal.open(tmp_path / "journal.db", service="console", stamp=now())
    journal.append([NewEvent(EventType.HOLD_ENDED, "footage", now(), {"hold": lost.id})])
    journal.close()
    assert lost.id not in {hold.id for hold in known.read()}


def test_a_damaged_journal_of_staff_does_not_hide_the_holds(
    known: KnownHolds, tmp_path: Path, now: Any
) -> None:
    hold = place(tmp_path, now)
    (tmp_path / "journal.db").unlink()
    assert known.read() == [hold]


def test_restrictions_are_known_and_missed_alike(known: KnownHolds, tmp_path: Path, now: Any) -> None:
    restriction = Restriction(str(uuid.uuid4()), "DP/7", Ground.CLAIM, frozenset({EVENT}), 10, "dpo")
    registers = Registers.open(tmp_path / "registers.db")
    registers.add_restriction(restriction)
    registers.close()
    journal = Journal.open(tmp_path / "journal.db", service="console", stamp=now())
    added = NewEvent(EventType.RESTRICTION_ADDED, "registers", now(), {"restriction": restriction.id})
    journal.append([added])
    assert known.read() == [restriction]
    assert known.told_of(restriction.id)
    (tmp_path / "registers.db").unlink()
    with pytest.raises(DatabaseUnusable, match=restriction.id):
        known.read()
    over = {"restriction": restriction.id}
    journal.append([NewEvent(EventType.RESTRICTION_LIFTED, "registers", now(), over)])
    assert known.read() == []
    assert not known.told_of(restriction.id)
    journal.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hold SET category = 'of_a_later_release'",
        "UPDATE hold SET review_us = review_us + 9999999999999",
        "UPDATE hold SET end_reason = 'tampered with'",
    ],
)
def test_an_entry_that_cannot_be_understood_leaves_nothing_known(
    known: KnownHolds, tmp_path: Path, now: Any, statement: str
) -> None:
    """And ends no service: whoever sweeps, shows or sends is ready for a register that cannot be read."""
    place(tmp_path, now)
    tamper(tmp_path / "registers.db", statement)
    with pytest.raises(DatabaseUnusable, match="cannot be understood"):
        known.read()


def test_a_placing_that_names_nothing_leaves_nothing_known(
    known: KnownHolds, tmp_path: Path, now: Any
) -> None:
    place(tmp_path, now)
    tamper(tmp_path / "journal.db", "DROP TRIGGER event_is_never_changed", "UPDATE event SET data = '{}'")
    with pytest.raises(DatabaseUnusable, match="are missing"):
        known.read()


def tamper(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
