from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.store import journal_pages
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.journal_pages import Wanted
from controller.store.journal_reader import JournalReader

MakeEvent = Callable[..., NewEvent]
BEGAN_US = 1_795_219_200_000_000
OPENED, CLOSED, FORCED = EventType.DOOR_OPENED, EventType.DOOR_CLOSED, EventType.DOOR_FORCED
ALL = Wanted()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal.open(path, service="door", stamp=Stamp(BEGAN_US, 1, "boot-1", True))
    yield opened
    opened.close()


@pytest.fixture
def reader(journal: Journal, path: Path, make_event: MakeEvent) -> Iterator[JournalReader]:
    """Ten events, a second apart: every third is a door forced, all others alternate."""
    types = [FORCED if n % 3 == 0 else (OPENED, CLOSED)[n % 2] for n in range(1, 11)]
    journal.append([make_event(n, type=type, data={"reader": f"r{n}"}) for n, type in enumerate(types, 1)])
    opened = JournalReader(path)
    yield opened
    opened.close()


def numbers(page: journal_pages.Page) -> list[int]:
    return [one.event.seq for one in page.found]


def test_back_from_a_number_and_on_from_it(reader: JournalReader) -> None:
    assert numbers(reader.page(ALL, 4, back=True, limit=3)) == [4, 3, 2]
    assert numbers(reader.page(ALL, 4, back=False, limit=3)) == [5, 6, 7]
    assert numbers(reader.page(ALL, 99, back=True, limit=2)) == [10, 9]
    assert reader.page(ALL, 2, back=True, limit=3).looked_to is None


def test_some_types_alone_in_the_order_of_their_numbers(reader: JournalReader) -> None:
    wanted = Wanted({FORCED, CLOSED})
    assert numbers(reader.page(wanted, 9, back=True, limit=9)) == [9, 7, 6, 5, 3, 1]
    assert numbers(reader.page(wanted, 3, back=False, limit=2)) == [5, 6]
    assert numbers(reader.page(Wanted({FORCED}), 8, back=True, limit=1)) == [6]


def test_one_place_and_what_its_events_say(reader: JournalReader) -> None:
    assert numbers(reader.page(Wanted(subject="front"), 10, back=True, limit=2)) == [10, 9]
    assert numbers(reader.page(Wanted(subject="back"), 10, back=True, limit=2)) == []
    assert numbers(reader.page(Wanted(said={"reader": "r4"}), 10, back=True, limit=2)) == [4]
    assert numbers(reader.page(Wanted({FORCED}, "front", {"reader": "r6"}), 0, back=False, limit=2)) == [6]


def test_a_place_is_looked_for_only_so_far(reader: JournalReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_pages, "LOOK", 4)
    page = reader.page(Wanted(said={"reader": "r2"}), 10, back=True, limit=2)
    assert numbers(page) == []
    assert page.looked_to is not None
    assert page.looked_to.event.seq == 7
    on = reader.page(Wanted(said={"reader": "r2"}), 6, back=True, limit=2)
    assert numbers(on) == [2] if on.looked_to is None else on.looked_to.event.seq == 3
    assert numbers(reader.page(Wanted(said={"reader": "r2"}), 2, back=True, limit=2)) == [2]


def test_the_number_at_a_time(reader: JournalReader) -> None:
    assert reader.number_at(BEGAN_US) == 0
    assert reader.number_at(BEGAN_US + 4_500_000) == 4
    assert reader.number_at(BEGAN_US + 5_000_000) == 5
    assert reader.number_at(BEGAN_US + 3_600_000_000) == 10


def test_what_no_clock_dated_stands_where_it_happened(
    journal: Journal, reader: JournalReader, make_event: MakeEvent
) -> None:
    yesterday = Stamp(BEGAN_US - 86_400_000_000, 1, "boot-2", clock_trusted=False)
    journal.append([NewEvent(OPENED, "front", yesterday), NewEvent(CLOSED, "front", yesterday)])
    journal.append([make_event(20)])
    found = reader.page(ALL, 13, back=True, limit=4).found
    assert [(one.event.seq, (one.at_us - BEGAN_US) // 1_000_000) for one in found] == [
        (13, 20),
        (12, 10),
        (11, 10),
        (10, 10),
    ]
    # At a time, what no clock dated belongs to what was before it.
    assert reader.number_at(BEGAN_US + 15_000_000) == 12


def test_an_event_of_a_later_release_is_said_to_be_one(journal: Journal, reader: JournalReader) -> None:
    now = Stamp(BEGAN_US, 1, "boot-1", clock_trusted=True)
    journal.append([NewEvent(SimpleNamespace(value="later.thing"), "front", now)])  # type: ignore[arg-type]
    with pytest.raises(DatabaseUnusable, match="later release"):
        reader.page(ALL, 11, back=True, limit=1)
