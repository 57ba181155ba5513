from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.store.engine import DatabaseMissing
from controller.store.journal import Journal
from controller.store.verification import Verification
from controller.store.verify import verify

MakeEvent = Callable[..., NewEvent]
NOW = Stamp(1_795_219_200_000_000, 1, "boot-1", True)


class Box:
    key_id = "0123abcd"

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        return info + plaintext


@pytest.fixture
def path(tmp_path: Path, make_event: MakeEvent) -> Path:
    """A journal of ten events, the fourth with a sealed field."""
    path = tmp_path / "door.db"
    journal = Journal.open(path, service="door", stamp=NOW, seal=Box())
    for n in range(1, 11):
        journal.append([make_event(n, data={"n": n}, private={"card": b"1234"} if n == 4 else {})])
    journal.close()
    return path


def tamper(path: Path, *statements: str) -> None:
    """What somebody with the file in their hands can do: drop the guards, then change rows."""
    connection = sqlite3.connect(path)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_journal(path: Path) -> None:
    assert verify(path) == Verification(ok=True, events=10, disposed=0)


def test_an_empty_journal_is_whole(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "uplink.db", service="uplink", stamp=NOW)
    assert verify(tmp_path / "uplink.db") == Verification(ok=True, events=0, disposed=0)
    journal.close()


def test_a_journal_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        verify(tmp_path / "none.db")


def test_a_journal_is_verified_while_its_owner_writes(path: Path, make_event: MakeEvent) -> None:
    journal = Journal.open(path, service="door", stamp=NOW, seal=Box())
    journal.append([make_event(11)])
    assert verify(path).events == 11
    journal.close()


@pytest.mark.parametrize(
    ("statement", "at_seq", "fault"),
    [
        ("UPDATE event SET subject = 'back' WHERE seq = 3", 3, "changed"),
        ("UPDATE event SET type = 'door.closed' WHERE seq = 3", 3, "changed"),
        ("UPDATE event SET type = 'made.up' WHERE seq = 3", 3, "cannot be read"),
        ("UPDATE event SET wall_us = wall_us + 1 WHERE seq = 1", 1, "changed"),
        ("UPDATE event SET mono_us = mono_us + 1 WHERE seq = 1", 1, "changed"),
        ("UPDATE event SET boot_id = 'x' WHERE seq = 1", 1, "changed"),
        ("UPDATE event SET clock_trusted = 0 WHERE seq = 1", 1, "changed"),
        ("UPDATE event SET data = '{\"n\":99}' WHERE seq = 10", 10, "changed"),
        ("UPDATE event SET id = replace(id, '-7', '-8') WHERE seq = 10", 10, "changed"),
        ("UPDATE sealed SET box = x'00'", 4, "changed"),
        ("UPDATE sealed SET field = 'pin'", 4, "changed"),
        ("UPDATE sealed SET seq = 5", 4, "changed"),
        ("UPDATE sealed SET box = NULL", 4, "box is missing"),
        ("DELETE FROM sealed", 4, "changed"),
        ("DELETE FROM event WHERE seq = 7", 7, "event is missing"),
        ("DELETE FROM chain WHERE seq = 7", 7, "missing from the chain"),
        ("DELETE FROM chain WHERE seq = 10", 10, "no place in the chain"),
        ("UPDATE chain SET leaf = x'" + "00" * 32 + "' WHERE seq = 2", 2, "changed"),
        ("UPDATE chain SET head = x'" + "00" * 32 + "' WHERE seq = 2", 2, "head does not follow"),
        ("UPDATE journal SET id = replace(id, '-7', '-8')", 1, "head does not follow"),
    ],
)
def test_a_change_is_found_where_it_is(path: Path, statement: str, at_seq: int, fault: str) -> None:
    tamper(path, statement)
    found = verify(path)
    assert not found.ok
    assert found.at_seq == at_seq
    assert fault in str(found.fault)


def test_what_a_later_certificate_covers_may_be_missing(path: Path, make_event: MakeEvent) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    certificate = {"category": "access_events", "event_seqs": [[1, 3]], "box_seqs": [[4, 4]]}
    journal.append([make_event(11, type=EventType.DISPOSAL_CERTIFICATE, data=certificate)])
    journal.close()
    tamper(path, "DELETE FROM event WHERE seq <= 3", "UPDATE sealed SET box = NULL")
    assert verify(path) == Verification(ok=True, events=8, disposed=3)
    tamper(path, "DELETE FROM event WHERE seq = 5")
    assert verify(path).at_seq == 5


def test_a_certificate_does_not_cover_what_comes_after_it(path: Path, make_event: MakeEvent) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    journal.append([make_event(11, type=EventType.DISPOSAL_CERTIFICATE, data={"event_seqs": [[1, 12]]})])
    journal.append([make_event(12)])
    journal.close()
    tamper(path, "DELETE FROM event WHERE seq = 12")
    assert verify(path).at_seq == 12


@pytest.mark.parametrize(
    "data", ["x", "{", "[]", "[1]", "5", "null", '"x"', '{"event_seqs":1}', '{"event_seqs":[["a","b"]]}']
)
@pytest.mark.parametrize("at_seq", [3, 11])
def test_nonsense_in_place_of_data_is_a_fault(
    path: Path, make_event: MakeEvent, data: str, at_seq: int
) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    journal.append([make_event(11, type=EventType.DISPOSAL_CERTIFICATE, data={"event_seqs": [[1, 2]]})])
    journal.close()
    tamper(
        path, "PRAGMA ignore_check_constraints = 1", f"UPDATE event SET data = '{data}' WHERE seq = {at_seq}"
    )
    found = verify(path)
    assert (found.ok, found.at_seq) == (False, at_seq)


def test_a_journal_without_its_id_is_not_whole(path: Path) -> None:
    tamper(path, "DELETE FROM journal")
    assert (verify(path).ok, verify(path).at_seq) == (False, 1)
