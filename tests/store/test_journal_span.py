"""The events of a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.store import journal_span
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

BEGAN_US = 1_795_219_200_000_000
S = 1_000_000
GRANTED, REFUSED = EventType.ACCESS_GRANTED, EventType.ACCESS_REFUSED


def event(second: int, type: EventType = GRANTED, *, trusted: bool = True) -> NewEvent:
    return NewEvent(type, "front", Stamp(BEGAN_US + second * S, 1, "boot-1", trusted))


@pytest.fixture
def open_journal(tmp_path: Path) -> Iterator[Callable[..., JournalReader]]:
    journal = Journal.open(tmp_path / "j.db", service="door", stamp=Stamp(BEGAN_US - S, 1, "boot-1", True))
    reader = JournalReader(tmp_path / "j.db")

    def filled(*events: NewEvent) -> JournalReader:
        journal.append(list(events))
        return reader

    yield filled
    reader.close()
    journal.close()


def seconds(reader: JournalReader, first: int, last: int, *types: EventType) -> list[int]:
    found = reader.between(BEGAN_US + first * S, BEGAN_US + last * S, types or (GRANTED,))
    return [(one.stamp.wall_us - BEGAN_US) // S for one in found]


def test_from_a_time_to_before_another(open_journal: Callable[..., JournalReader]) -> None:
    reader = open_journal(*map(event, range(6)))
    assert seconds(reader, 2, 5) == [2, 3, 4]
    assert seconds(reader, 8, 9) == []
    assert reader.first_trusted_wall_us() == BEGAN_US


def test_these_types_alone(open_journal: Callable[..., JournalReader]) -> None:
    reader = open_journal(event(1), event(2, REFUSED), event(3))
    assert seconds(reader, 0, 9, REFUSED) == [2]
    assert seconds(reader, 0, 9, GRANTED, REFUSED) == [1, 2, 3]


def test_what_no_clock_vouches_for_is_of_no_time(open_journal: Callable[..., JournalReader]) -> None:
    assert seconds(open_journal(event(1), event(2, trusted=False), event(3)), 0, 9) == [1, 3]


def test_in_the_order_of_the_journal_where_the_clock_was_set_back(
    open_journal: Callable[..., JournalReader],
) -> None:
    assert seconds(open_journal(event(1), event(5), event(3), event(9), event(4)), 3, 6) == [5, 3, 4]


def test_a_long_time_is_read_in_parts(
    open_journal: Callable[..., JournalReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_span, "CHUNK", 3)
    assert seconds(open_journal(*map(event, range(10))), 1, 9) == list(range(1, 9))
