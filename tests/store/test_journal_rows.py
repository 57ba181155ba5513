from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from controller.store.journal_rows import Range, Row, Rows, ranges
from controller.store.verification import Verification
from controller.store.verify import verify

MakeEvent = Callable[..., NewEvent]
DAY_21 = 1_795_219_200_000_000
NOW = Stamp(DAY_21, 1, "boot-1", True)
SECRET = b"27182818284590"


class Open:
    """Seals nothing, so that a test finds what is left of it."""

    key_id = "0123abcd"

    def seal(self, plaintext: bytes, _info: bytes) -> bytes:
        return plaintext


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path, make_event: MakeEvent) -> Iterator[Journal]:
    """Ten events, a second apart; the fourth and the fifth with a box, the seventh untrusted."""
    opened = Journal.open(path, service="door", stamp=NOW, seal=Open())
    for n in range(1, 11):
        private = {"card": SECRET} if n in (4, 5) else {}
        opened.append([make_event(n, data={"n": f"number {n}"}, private=private, trusted=n != 7)])
    yield opened
    opened.close()


def destroying(doomed: list[Range], boxes: list[Range] | None = None) -> Callable[[Rows], NewEvent]:
    def act(rows: Rows) -> NewEvent:
        rows.destroy(doomed)
        rows.destroy_boxes(boxes or [])
        data: dict[str, JsonValue] = {
            "category": "access_events",
            "event_seqs": [[first, last] for first, last in doomed],
            "box_seqs": [[first, last] for first, last in boxes or []],
        }
        return NewEvent(EventType.DISPOSAL_CERTIFICATE, "branch", NOW, data)

    return act


def left(path: Path) -> list[int]:
    reader = JournalReader(path)
    try:
        return [event.seq for event in reader.read(0)]
    finally:
        reader.close()


def test_what_is_destroyed_is_covered_by_its_certificate(path: Path, journal: Journal) -> None:
    certificate = journal.destroy(destroying([(2, 4), (8, 8)]))
    assert certificate.seq == 11
    assert left(path) == [1, 5, 6, 7, 9, 10, 11]
    assert verify(path) == Verification(ok=True, events=7, disposed=4)


def test_boxes_go_with_their_event_and_can_go_alone(path: Path, journal: Journal) -> None:
    journal.destroy(destroying([(4, 4)], boxes=[(5, 5)]))
    journal.checkpoint()
    assert verify(path) == Verification(ok=True, events=10, disposed=1)
    assert SECRET not in path.read_bytes()


def test_nothing_of_it_is_left_in_the_file_or_its_log(path: Path, journal: Journal) -> None:
    journal.destroy(destroying([(1, 6)]))
    log = path.with_name(path.name + "-wal")
    assert b"number 3" in log.read_bytes()  # so the test would see it
    assert journal.checkpoint()
    assert log.read_bytes() == b""
    content = path.read_bytes()
    assert b"number 9" in content
    assert not [n for n in range(1, 7) if b'"number %d"' % n in content]
    assert SECRET not in content


def test_numbers_are_never_given_again_though_all_events_are_gone(
    path: Path, journal: Journal, make_event: MakeEvent
) -> None:
    journal.destroy(destroying([(1, 10)]))
    assert journal.append([make_event(12)])[0].seq == 12
    assert verify(path) == Verification(ok=True, events=2, disposed=10)


def test_whoever_raises_before_the_end_has_destroyed_nothing(path: Path, journal: Journal) -> None:
    def act(rows: Rows) -> NewEvent:
        rows.destroy([(1, 10)])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        journal.destroy(act)
    assert verify(path) == Verification(ok=True, events=10, disposed=0)
    journal.destroy(destroying([(1, 1)]))
    assert verify(path) == Verification(ok=True, events=10, disposed=1)


def test_a_certificate_that_cannot_be_written_leaves_the_rows(path: Path, journal: Journal) -> None:
    journal.read(lambda rows: rows)._driver.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    with pytest.raises(JournalUnavailable, match="no room"):
        journal.destroy(destroying([(1, 10)]))
    assert verify(path) == Verification(ok=True, events=10, disposed=0)


def test_the_rows_between_two_numbers(journal: Journal) -> None:
    journal.destroy(destroying([(3, 3)]))
    found = journal.read(lambda rows: rows.between(2, 5))
    assert [row.seq for row in found] == [2, 4, 5]
    assert found[0].type == "door.opened"
    assert found[0].wall_us == DAY_21 + 2_000_000
    assert [row.seq for row in journal.read(lambda rows: rows.between(2, 99, limit=2))] == [2, 4]


def test_times_around_what_an_untrusted_clock_stamped(journal: Journal) -> None:
    (row,) = journal.read(lambda rows: rows.between(7, 7))
    assert not row.clock_trusted
    assert journal.read(lambda rows: rows.trusted_after(7)) == DAY_21 + 8_000_000
    assert journal.read(lambda rows: rows.trusted_before(7)) == DAY_21 + 6_000_000
    assert journal.read(lambda rows: rows.trusted_after(10)) is None
    assert journal.read(lambda rows: rows.trusted_before(1)) is None


def test_the_last_before_a_time(journal: Journal) -> None:
    assert journal.read(lambda rows: rows.last_before(DAY_21 + 5_000_000)) == 4
    assert journal.read(lambda rows: rows.last_before(DAY_21)) == 0
    assert journal.read(Rows.latest_trusted_us) == DAY_21 + 10_000_000


def test_stamps_since_before_a_time_begin_with_one_that_is_older(journal: Journal) -> None:
    found = journal.read(lambda rows: rows.since_before(DAY_21 + 6_000_000))
    assert [(stamp.wall_us - DAY_21) // 1_000_000 for stamp in found] == [5, 6, 8, 9, 10]
    assert len(journal.read(lambda rows: rows.since_before(0))) == 9


@pytest.mark.parametrize(
    ("seq", "types", "follows"),
    [
        (3, ["door.opened"], True),
        (3, ["door.closed", "door.opened"], True),
        (3, ["door.closed"], False),
        (10, ["door.opened"], False),
    ],
)
def test_whether_another_event_follows(
    journal: Journal, seq: int, types: list[str], *, follows: bool
) -> None:
    (row,) = journal.read(lambda rows: rows.between(seq, seq))
    assert journal.read(lambda rows: rows.follows(row, types)) is follows


def test_only_what_is_about_the_same_thing_counts(journal: Journal, make_event: MakeEvent) -> None:
    def add(**said: JsonValue) -> Row:
        (event,) = journal.append([make_event(20, type=EventType.DOOR_FAULT, data=dict(said))])
        return journal.read(lambda rows: rows.between(event.seq, event.seq))[0]

    def follows(row: Row) -> bool:
        return journal.read(lambda rows: rows.follows(row, ["door.fault"]))

    reader, contact, again = add(device="a"), add(device="b"), add(device="a", more=1)
    assert follows(reader)
    assert not follows(contact)
    assert not follows(again)


def test_what_an_event_says(journal: Journal) -> None:
    (row,) = journal.read(lambda rows: rows.between(3, 3))
    assert journal.read(lambda rows: rows.said(row, "n")) == "number 3"
    assert journal.read(lambda rows: rows.said(row, "reader")) == ""
    assert journal.read(lambda rows: rows.told(EventType.DOOR_OPENED, "n", "number 9"))
    assert not journal.read(lambda rows: rows.told(EventType.DOOR_OPENED, "n", "number 99"))
    assert not journal.read(lambda rows: rows.told(EventType.DOOR_CLOSED, "n", "number 9"))


def test_what_was_begun_and_has_no_certificate(journal: Journal) -> None:
    begun = [NewEvent(EventType.DISPOSAL_STARTED, "branch", NOW, {"n": n}) for n in (1, 2)]
    first, second = journal.append(begun)
    journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, "branch", NOW, {"started": first.id})])
    journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, "branch", NOW, {})])
    assert journal.read(Rows.without_certificate) == [second]


def test_ranges() -> None:
    assert ranges([]) == []
    assert ranges([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
