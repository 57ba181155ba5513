from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.secrets.journal_key import JournalKey
from controller.secrets.signed_note import Note
from controller.store.journal import Journal
from controller.store.signed_heads import SignedHeadsReader, Signing
from controller.uplink.journal_heads import HeadWatch

TOPIC = "lu/v1/org/branch/journals/door/head"
KEY = JournalKey.generate("org", "branch", "door")
NOW = Stamp(1_795_284_245_000_000, 1, "boot", True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "door" / "journal.db"


@pytest.fixture
def watch(path: Path) -> Iterator[HeadWatch]:
    watch = HeadWatch(SignedHeadsReader(path), TOPIC)
    yield watch
    watch.close()


def happen(journal: Journal) -> None:
    journal.append([NewEvent(EventType.DOOR_OPENED, "front", NOW)])


def test_the_newest_head_is_told_once_and_at_every_connection(watch: HeadWatch, path: Path) -> None:
    assert (watch.poll(), watch.payloads()) == ({}, {}), "there is no journal yet"
    journal = Journal.open(path, service="door", stamp=NOW, signing=Signing(KEY, lambda: NOW))
    happen(journal)
    assert watch.poll() == {}, "nothing is signed yet"
    for seq in ("1", "2"):
        journal.sign_head(at_once=True)
        told = watch.poll()
        note = Note.parse(told[TOPIC])
        assert note.signers([KEY.public])
        assert note.text.splitlines()[1] == seq
        happen(journal)
        assert watch.poll() == {}
        assert watch.payloads() == told
    journal.close()


def test_a_journal_that_cannot_be_read_keeps_its_last_head(watch: HeadWatch, path: Path) -> None:
    journal = Journal.open(path, service="door", stamp=NOW, signing=Signing(KEY, lambda: NOW))
    happen(journal)
    journal.close()
    told = watch.poll()
    path.write_bytes(b"damage" * 1000)
    assert watch.poll() == {}
    assert watch.payloads() == told
