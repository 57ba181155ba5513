from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from controller.core.event import Event, NewEvent, Stamp
from controller.secrets.journal_key import JournalKey
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.signed_heads import Signing

MakeEvent = Callable[..., NewEvent]
NOW = Stamp(1_795_219_200_000_000, 1, "boot-1", True)


class Open:
    """Seals nothing."""

    key_id = "0123abcd"

    def seal(self, plaintext: bytes, _info: bytes) -> bytes:
        return plaintext


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def events(path: Path, make_event: MakeEvent) -> Iterator[list[Event]]:
    """Three, the second with a sealed value; the head after the second is signed."""
    key = JournalKey.generate("org", "branch", "door")
    with closing(
        Journal.open(path, service="door", stamp=NOW, seal=Open(), signing=Signing(key, lambda: NOW))
    ) as journal:
        added = journal.append([make_event(1), make_event(2, private={"card": b"2718"})])
        assert journal.sign_head(at_once=True)
        yield added + journal.append([make_event(3)])


@pytest.fixture
def reader(path: Path) -> Iterator[JournalReader]:
    with closing(JournalReader(path)) as opened:
        yield opened


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_an_event_is_what_was_journalled_and_the_signed_head_speaks_for_what_is_before_it(
    events: list[Event], reader: JournalReader
) -> None:
    proofs = [reader.proof(event) for event in events]
    assert [proof and proof.as_journalled for proof in proofs] == [True, True, True]
    assert [proof and proof.signed_seq for proof in proofs] == [2, 2, None]
    assert {proof and proof.journal_id for proof in proofs} == {reader.journal_id}


def test_what_was_changed_is_not_what_was_journalled(
    events: list[Event], path: Path, reader: JournalReader
) -> None:
    change(path, "DROP TRIGGER event_is_never_changed", "UPDATE event SET subject = 'back' WHERE seq = 2")
    changed = reader.find(events[1].id)
    assert changed is not None
    assert [getattr(reader.proof(event), "as_journalled", None) for event in (events[0], changed)] == [
        True,
        False,
    ]


def test_without_its_sealed_value_nobody_can_tell(
    events: list[Event], path: Path, reader: JournalReader
) -> None:
    change(path, "UPDATE sealed SET box = NULL")
    proof = reader.proof(events[1])
    assert proof is not None
    assert proof.as_journalled is None


def test_a_changed_link_before_it_shows(events: list[Event], path: Path, reader: JournalReader) -> None:
    change(path, "DROP TRIGGER chain_is_never_changed", "UPDATE chain SET head = zeroblob(32) WHERE seq = 2")
    assert [getattr(reader.proof(event), "as_journalled", None) for event in events] == [True, False, False]
