from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.store.position import Position, Positions

JOURNAL = "019aa4e7-0000-7000-8000-000000000001"
OTHER = "019aa4e7-0000-7000-8000-000000000002"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "uplink" / "positions.db"


@pytest.fixture
def positions(path: Path) -> Iterator[Positions]:
    opened = Positions.open(path)
    yield opened
    opened.close()


def test_a_journal_begins_at_nothing_and_has_a_position_of_its_own(positions: Positions) -> None:
    assert positions.advance(JOURNAL, Position(sent=7, received=3))
    assert positions.get(JOURNAL) == Position(7, 3, 0)
    assert positions.get(OTHER) == Position()


def test_a_position_never_goes_back_by_itself(positions: Positions) -> None:
    positions.advance(JOURNAL, Position(7, 3))
    assert positions.advance(JOURNAL, Position(5, 4))
    assert positions.get(JOURNAL) == Position(7, 4, 0)


def test_positions_outlive_their_process(path: Path) -> None:
    first = Positions.open(path)
    first.advance(JOURNAL, Position(7, 3))
    first.close()
    again = Positions.open(path)
    assert again.get(JOURNAL) == Position(7, 3, 0)
    again.close()


def test_a_rewind_from_another_process_is_not_undone(path: Path, positions: Positions) -> None:
    positions.advance(JOURNAL, Position(100, 90))
    command = Positions.open(path)
    command.rewind(JOURNAL, 10)
    command.close()
    assert not positions.advance(JOURNAL, Position(101, 91, rewinds=0))
    assert positions.get(JOURNAL) == Position(10, 10, 1)
    assert positions.advance(JOURNAL, Position(11, 10, rewinds=1))


def test_a_rewind_never_goes_forward(positions: Positions) -> None:
    positions.advance(JOURNAL, Position(7, 3))
    positions.rewind(JOURNAL, 1000)
    assert positions.get(JOURNAL) == Position(7, 3, 1)


def test_a_journal_never_sent_can_be_rewound(positions: Positions) -> None:
    positions.rewind(JOURNAL, 5)
    assert positions.get(JOURNAL) == Position(0, 0, 1)


def test_a_damaged_file_is_moved_aside_and_begun_anew(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    opened = Positions.open(path)
    assert opened.get(JOURNAL) == Position()
    opened.close()
    assert path.with_name("positions.db.damaged-1").read_bytes().startswith(b"no database")


def test_the_log_is_emptied(path: Path, positions: Positions) -> None:
    for seq in range(100):
        positions.advance(JOURNAL, Position(seq, 0))
    assert positions.checkpoint()
    assert path.with_name("positions.db-wal").stat().st_size == 0
