from __future__ import annotations

from pathlib import Path

from pytest_mock import MockerFixture

from controller.console.service import FIRST_BATCHES, Console
from controller.core.event import EventType, Stamp
from controller.keeping.journal_keeper import JournalKeeper
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader

NOW = Stamp(1_795_219_200_000_000, 60_000_000, "boot-1", clock_trusted=True)


def test_it_begins_with_what_is_due_and_goes_on_later_with_what_is_more(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    journal = Journal.open(tmp_path / "journal.db", service="console", stamp=NOW)
    keepers = [mocker.Mock(spec=JournalKeeper) for _ in range(2)]
    keepers[0].look.return_value = False
    keepers[1].look.return_value = True
    console = Console(journal, keepers)
    console.begin(NOW)
    assert [keeper.look.call_count for keeper in keepers] == [FIRST_BATCHES] * 2
    assert console.turn(NOW)
    keepers[1].look.return_value = False
    assert not console.turn(NOW)
    assert not (tmp_path / "journal.db-wal").stat().st_size
    console.end(NOW)
    reader = JournalReader(tmp_path / "journal.db")
    assert [event.type for event in reader.read(0)] == [
        EventType.SERVICE_STARTED,
        EventType.SERVICE_STOPPED,
    ]
    reader.close()
    journal.close()


def test_a_journal_that_somebody_has_locked_ends_nothing(mocker: MockerFixture) -> None:
    journal = mocker.Mock(spec=Journal)
    journal.sign_head.side_effect = JournalUnavailable("locked")
    assert not Console(journal, []).turn(NOW)
