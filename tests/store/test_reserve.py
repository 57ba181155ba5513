"""On a disk that is full by a limit on its pages: each write finds no room until the reserve is given up."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from controller.core.event import EventType, Stamp
from controller.store.engine import DatabaseFull
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from controller.store.reserve import Reserve, written
from controller.store.verify import verify

NOW = Stamp(1_795_219_200_000_000, 1, "boot-1", True)
SIZE = 1_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "reserve"


@pytest.fixture
def reserve(file: Path) -> Reserve:
    made = Reserve(file, SIZE)
    made.fill()
    return made


def taken(file: Path) -> int:
    return file.stat().st_blocks * 512


def test_it_really_takes_its_room_for_its_service_alone(reserve: Reserve, file: Path) -> None:
    assert taken(file) >= SIZE
    assert file.stat().st_mode & 0o777 == 0o640
    assert reserve.news == []  # that there is one is no news


def test_it_is_given_up_once_and_filled_again(reserve: Reserve, file: Path) -> None:
    assert reserve.give_up()
    assert taken(file) == 0
    assert not reserve.give_up()
    reserve.fill()
    assert taken(file) >= SIZE
    assert reserve.news == [True, False]


def test_a_later_start_fills_what_was_given_up_and_tells(reserve: Reserve, file: Path) -> None:
    reserve.give_up()
    later = Reserve(file, SIZE)
    later.fill()
    assert taken(file) >= SIZE
    assert later.news == [False]


def test_a_reserve_that_another_process_gave_up_is_no_help(reserve: Reserve, file: Path) -> None:
    file.unlink()
    assert not reserve.give_up()


def test_a_disk_without_room_keeps_none(file: Path) -> None:
    Reserve(file, 1 << 60).fill()
    assert not file.exists()


def test_where_it_cannot_be_kept_nothing_else_suffers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Reserve(tmp_path / "not-there" / "reserve", SIZE).fill()
    assert "no room is kept" in caplog.text


def test_a_write_is_done_again_once(reserve: Reserve) -> None:
    tried: list[int] = []

    def write() -> None:
        tried.append(1)
        raise DatabaseFull("full")

    for tries in (2, 3):  # the second time there is nothing left to give
        with pytest.raises(DatabaseFull):
            written(reserve, write)
        assert len(tried) == tries


class FullDisk:
    """The journal's file may not grow for as long as its reserve is kept."""

    def __init__(self, journal: Journal) -> None:
        self.connection = journal._engine.raw_connection().driver_connection
        assert isinstance(self.connection, sqlite3.Connection)
        (pages,) = self.connection.execute("PRAGMA page_count").fetchone()
        self.connection.execute(f"PRAGMA max_page_count = {pages}")

    def has_room(self) -> None:
        self.connection.execute("PRAGMA max_page_count = 100000")


def test_a_journal_on_a_full_disk_writes_with_its_reserve_and_tells(
    tmp_path: Path, file: Path, make_event: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(make_event)
    path = tmp_path / "journal.db"
    reserve = Reserve(file, SIZE)
    journal = Journal.open(path, service="door", stamp=NOW, reserve=reserve)
    full = FullDisk(journal)
    real = Reserve.give_up
    monkeypatch.setattr(Reserve, "give_up", lambda self: (full.has_room(), real(self))[1])
    filler = [make_event(n, data={"text": "x" * 500}) for n in range(100)]
    added = journal.append(filler)
    assert [event.seq for event in added] == list(range(2, 102))  # those that were asked for, and no others
    assert taken(file) == 0
    journal.checkpoint()
    assert taken(file) >= SIZE
    journal.append([make_event(200)])
    reader = JournalReader(path)
    kinds = [event.type for event in reader.since(0)]
    reader.close()
    journal.close()
    assert kinds[0] is EventType.STORAGE_RESERVE_USED
    assert kinds[-2] is EventType.STORAGE_RESERVE_KEPT
    assert len(kinds) == 103
    assert verify(path).ok


def test_a_journal_whose_reserve_is_used_up_is_unavailable_and_adds_nothing(
    tmp_path: Path, file: Path, make_event: object
) -> None:
    assert callable(make_event)
    path = tmp_path / "journal.db"
    journal = Journal.open(path, service="door", stamp=NOW, reserve=Reserve(file, SIZE))
    full = FullDisk(journal)
    filler = [make_event(n, data={"text": "x" * 500}) for n in range(100)]
    for _ in range(2):
        with pytest.raises(JournalUnavailable, match="full"):
            journal.append(filler)
    full.has_room()
    assert journal.append([make_event(1)])[0].seq == 2  # after the news, told once
    journal.close()
