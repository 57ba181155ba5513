"""Reading all journals as one, against journals on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from controller.console.timeline import span
from controller.console.timeline.position import NOW, Position
from controller.console.timeline.span import Readers, Span
from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.settings.paths import JOURNALS
from controller.store import journal_pages
from controller.store.journal import Journal
from controller.store.journal_pages import Wanted
from controller.store.journal_reader import JournalReader

T0 = 1_795_219_200_000_000
Write = Callable[[str, list[NewEvent]], None]


def happened(second: float, *, subject: str = "front", trusted: bool = True) -> NewEvent:
    stamp = Stamp(T0 + round(second * 1e6), 1_000, "boot", trusted)
    return NewEvent(EventType.DOOR_HELD, subject, stamp, {"at": str(second)})


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(service: str, events: list[NewEvent]) -> None:
        path = tmp_path / service / "journal.db"
        with closing(Journal.open(path, service=service, stamp=Stamp(T0, 1, "boot", True))) as journal:
            journal.append(events)

    return written


@pytest.fixture
def readers(tmp_path: Path) -> Iterator[Readers]:
    with ExitStack() as stack:
        yield {
            service: stack.enter_context(closing(JournalReader(tmp_path / service / "journal.db")))
            for service in JOURNALS
        }


def nothing_hidden(_event: Event) -> bool:
    return False


def read(readers: Readers, position: Position = NOW, *, back: bool = True, limit: int = 4) -> Span:
    return span.read(readers, Wanted(), position, back=back, limit=limit, hides=nothing_hidden)


def times(found: Span) -> list[str]:
    return [f"{line.service[0]}{line.event.data['at']}" for line in found.lines]


def test_journals_are_merged_by_time_and_page_after_page_has_each_event_once(
    write: Write, readers: Readers
) -> None:
    write("door", [happened(n) for n in (1, 3, 5, 7)])
    write("recorder", [happened(n) for n in (2, 4, 6)])
    first = read(readers)
    assert times(first) == ["d7", "r6", "d5", "r4"]
    assert first.older is not None
    write("membership", [happened(9)])  # what comes meanwhile is newer than the next page
    second = read(readers, first.older)
    assert (times(second), second.older) == (["d3", "r2", "d1"], None)
    assert second.newer is not None
    on = read(readers, second.newer, back=False)
    assert times(on) == ["d7", "r6", "d5", "r4"]
    assert on.newer is not None
    assert times(read(readers, on.newer, back=False)) == ["m9"]


def test_a_clock_that_was_set_back_loses_and_repeats_nothing(write: Write, readers: Readers) -> None:
    write("door", [happened(n) for n in (100, 101, 20, 21, 22)])
    write("recorder", [happened(n) for n in (10, 30, 90, 110)])
    seen, position = list[str](), NOW
    for _ in range(9):
        found = read(readers, position, limit=2)
        seen += times(found)
        if found.older is None:
            break
        position = found.older
    assert sorted(seen) == sorted(
        [f"d{n}" for n in (100, 101, 20, 21, 22)] + [f"r{n}" for n in (10, 30, 90, 110)]
    )
    assert [one for one in seen if one[0] == "d"] == ["d22", "d21", "d20", "d101", "d100"]


def test_what_no_clock_dated_stands_beside_what_it_happened_beside(write: Write, readers: Readers) -> None:
    write("door", [happened(50), happened(-90_000, trusted=False), happened(60)])
    write("recorder", [happened(40), happened(55)])
    assert times(read(readers, limit=9)) == ["d60", "r55", "d-90000", "d50", "r40"]


def test_what_is_hidden_is_counted_and_takes_its_share_of_the_page(write: Write, readers: Readers) -> None:
    write("door", [happened(n) for n in range(9)])
    found = span.read(
        readers, Wanted(), NOW, back=True, limit=4, hides=lambda event: event.data["at"] in ("7", "6")
    )
    assert (times(found), found.hidden) == (["d8", "d5"], 2)


def test_nothing_older_than_asked_for_is_read(write: Write, readers: Readers) -> None:
    write("door", [happened(n) for n in range(9)])
    write("recorder", [happened(1)])
    found = span.read(
        readers, Wanted(), NOW, back=True, limit=9, hides=nothing_hidden, since_us=T0 + 6_000_000
    )
    assert (times(found), found.older) == (["d8", "d7", "d6"], None)


def test_around_a_time_half_is_before_and_half_is_behind(write: Write, readers: Readers) -> None:
    write("door", [happened(n) for n in range(20)])
    position = span.at_time(readers, T0 + 9_500_000)
    found, behind = span.around(readers, Wanted(), position, limit=6, hides=nothing_hidden)
    assert (times(found), behind) == (["d12", "d11", "d10", "d9", "d8", "d7"], 3)


def test_a_rare_place_is_looked_for_a_stretch_at_a_time(
    write: Write, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_pages, "LOOK", 10)
    write("door", [happened(0, subject="back"), *(happened(n) for n in range(1, 25))])
    wanted, position, looked = Wanted(subject="back"), NOW, []
    for _ in range(9):
        found = span.read(readers, wanted, position, back=True, limit=4, hides=nothing_hidden)
        if found.lines:
            break
        looked.append((found.looked_to_us or 0) - T0)
        assert found.older is not None
        position = found.older
    assert times(found) == ["d0"]
    assert looked == sorted(looked, reverse=True)
