from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.event import NewEvent, Stamp
from controller.core.journal_head import JournalHead
from controller.secrets.journal_key import JournalKey
from controller.secrets.signed_note import Note
from controller.store import owner, signed_heads
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalMissing
from controller.store.signed_heads import EVERY_EVENTS, EVERY_US, SignedHeadsReader, Signing

MakeEvent = Callable[..., NewEvent]
DAY_US = 86_400_000_000
KEY = JournalKey.generate("org", "branch", "door")


class Clock:
    def __init__(self) -> None:
        self.now = Stamp(1_795_219_200_000_000, 1_000_000, "boot-1", False)

    def __call__(self) -> Stamp:
        return self.now

    def pass_us(self, us: int) -> None:
        self.now = replace(self.now, wall_us=self.now.wall_us + us, mono_us=self.now.mono_us + us)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "door" / "journal.db"


def open_journal(path: Path, clock: Clock) -> Journal:
    return Journal.open(path, service="door", stamp=clock.now, signing=Signing(KEY, clock))


def heads(path: Path) -> list[JournalHead]:
    reader = SignedHeadsReader(path)
    notes = [Note.parse(note.encode()) for note in reader.all()]
    reader.close()
    assert all(note.signers([KEY.public]) == (KEY.public,) for note in notes)
    return [JournalHead.parse(note.text) for note in notes]


def test_a_head_says_how_far_the_journal_goes_and_what_it_says(
    path: Path, clock: Clock, make_event: MakeEvent
) -> None:
    journal = open_journal(path, clock)
    journal.append([make_event(n) for n in range(3)])
    assert journal.sign_head()
    (found,) = heads(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT seq, head FROM chain WHERE seq = 3").fetchone() == (3, found.head)
    assert connection.execute("SELECT wall_us FROM signed_head").fetchone() == (clock.now.wall_us,)
    connection.close()
    assert found == JournalHead("org/branch/door", journal.journal_id, 3, found.head, clock.now.wall_us, True)
    journal.close()


def test_heads_are_signed_after_so_many_events_or_so_long_and_an_event(
    path: Path, clock: Clock, make_event: MakeEvent
) -> None:
    journal = open_journal(path, clock)
    assert not journal.sign_head(), "there is nothing yet"
    journal.append([make_event()])
    assert journal.sign_head(), "nothing was signed before"
    journal.append([make_event()] * (EVERY_EVENTS - 1))
    assert not journal.sign_head()
    journal.append([make_event()])
    assert journal.sign_head()
    journal.append([make_event()])
    clock.pass_us(EVERY_US - 1)
    assert not journal.sign_head()
    clock.pass_us(1)
    assert journal.sign_head()
    clock.pass_us(10 * EVERY_US)
    assert not journal.sign_head(), "nothing happened since"
    assert not journal.sign_head(at_once=True)
    assert [head.seq for head in heads(path)] == [1, 1 + EVERY_EVENTS, 2 + EVERY_EVENTS]
    journal.close()


def test_the_last_head_is_signed_at_the_end(path: Path, clock: Clock, make_event: MakeEvent) -> None:
    for seq in (2, 4):
        journal = open_journal(path, clock)
        journal.append([make_event(), make_event()])
        journal.close()
        assert heads(path)[-1].seq == seq


def test_events_that_somebody_else_added_are_signed_too(
    path: Path, clock: Clock, make_event: MakeEvent
) -> None:
    journal = open_journal(path, clock)
    beside = Journal.open(path, service="door", stamp=clock.now)
    beside.append([make_event()])
    assert not beside.sign_head(at_once=True), "it has no key"
    assert journal.sign_head()
    beside.close()
    journal.close()
    assert [head.seq for head in heads(path)] == [1]


def test_old_heads_are_thinned_to_the_last_of_each_day(
    path: Path, clock: Clock, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_heads, "KEPT", 8)
    journal = open_journal(path, clock)
    for _ in range(30):
        journal.append([make_event()])
        clock.pass_us(DAY_US // 8)
        assert journal.sign_head()
    journal.close()
    # The first is signed at 3 o'clock of the first day, the 8th at midnight as the first of the second.
    assert [head.seq for head in heads(path)] == [7, 15, *range(23, 31)]


def test_signing_does_not_wait_for_the_disk_and_appending_does(
    path: Path, clock: Clock, make_event: MakeEvent
) -> None:
    journal = open_journal(path, clock)
    said: list[str] = []
    journal._driver.set_trace_callback(said.append)
    journal.append([make_event()])
    journal.sign_head()
    journal.append([make_event()])
    (insert,) = [at for at, statement in enumerate(said) if "INTO signed_head" in statement]
    pragmas = [(at, statement) for at, statement in enumerate(said) if "synchronous =" in statement]
    assert [statement for _, statement in pragmas] == [
        "PRAGMA synchronous = NORMAL",
        "PRAGMA synchronous = 2",
    ]
    assert pragmas[0][0] < insert < said.index("COMMIT", insert) < pragmas[1][0]
    journal.close()


def test_a_head_that_cannot_be_written_is_signed_later(
    path: Path, clock: Clock, make_event: MakeEvent
) -> None:
    journal = open_journal(path, clock)
    journal.append([make_event()])
    journal._driver.execute("PRAGMA query_only = ON")
    with pytest.raises(JournalUnavailable):
        journal.sign_head()
    journal._driver.execute("PRAGMA query_only = OFF")
    assert journal._driver.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal.sign_head()
    journal.close()


def test_a_clock_that_is_not_believed_is_told(path: Path, clock: Clock, make_event: MakeEvent) -> None:
    journal = open_journal(path, clock)
    for trusted in (False, True):
        journal.append([make_event(trusted=trusted)])
        journal.sign_head(at_once=True)
    journal.close()
    assert [head.clock_trusted for head in heads(path)] == [False, True]


def test_readers_of_what_is_not_there(path: Path, clock: Clock, make_event: MakeEvent) -> None:
    reader = SignedHeadsReader(path)
    with pytest.raises(JournalMissing):
        reader.newest()
    journal = open_journal(path, clock)
    assert reader.newest() is None
    journal.append([make_event()])
    journal.close()
    assert reader.newest() == reader.all()[0]
    reader.close()


def test_a_journal_of_an_earlier_release_has_no_heads_yet_and_gets_some(
    path: Path, clock: Clock, make_event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = tmp_path / "migrations" / "journal"
    earlier.mkdir(parents=True)
    first = owner.MIGRATIONS / "journal" / "0001_begin.sql"
    (earlier / first.name).write_text(first.read_text())
    with monkeypatch.context() as context:
        context.setattr(owner, "MIGRATIONS", earlier.parent)
        journal = Journal.open(path, service="door", stamp=clock.now)
        journal.append([make_event()])
        reader = SignedHeadsReader(path)
        assert (reader.newest(), reader.all()) == (None, [])
        journal.close()
    open_journal(path, clock).close()
    assert [head.seq for head in heads(path)] == [1]
    assert reader.newest() is not None
    reader.close()
