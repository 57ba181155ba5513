from __future__ import annotations

from pathlib import Path

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.store.journal import Journal
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.journal_tail import JournalTail

STAMP = Stamp(1_795_284_245_000_000, 1, "boot", True)


def begun(path: Path, count: int) -> Journal:
    journal = Journal.open(path, service="door", stamp=STAMP)
    journal.append([NewEvent(EventType.DOOR_OPENED, "front", STAMP)] * count)
    return journal


def test_the_end_of_a_journal_is_read_and_then_what_is_added(tmp_path: Path) -> None:
    path, anew = tmp_path / "journal.db", []
    tail = JournalTail(JournalReader(path), look_back=3)
    with pytest.raises(JournalMissing):
        list(tail.pages(lambda: anew.append(1)))
    journal = begun(path, 5)
    assert [event.seq for page in tail.pages(lambda: anew.append(1)) for event in page] == [3, 4, 5]
    assert list(tail.pages(lambda: anew.append(1))) == []
    journal.append([NewEvent(EventType.DOOR_CLOSED, "front", STAMP)])
    assert [event.seq for page in tail.pages(lambda: anew.append(1)) for event in page] == [6]
    assert anew == [1]
    journal.close()
    path.unlink()
    begun(path, 1).close()
    assert [event.seq for page in tail.pages(lambda: anew.append(1)) for event in page] == [1]
    assert anew == [1, 1]
    tail.close()
