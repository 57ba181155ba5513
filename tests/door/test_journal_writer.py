import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from controller.core.event import Event, EventType, NewEvent, Stamp, event_id
from controller.core.hold import DAY_US, Category
from controller.core.retention.due import Conventions
from controller.door import journal_writer
from controller.door.journal_writer import JournalWriter
from controller.door.kept_journal import KeptJournal
from controller.keeping.edge_rules import ACCESS_LOG_RULE, EdgeRule
from controller.keeping.journal_disposal import JournalDisposal
from controller.keeping.journal_keeper import JournalKeeper
from controller.secrets.credentials import SecretMissing
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from simulator.waiting import wait_until

STAMP = Stamp(1_795_000_000_000_000, 5, "boot", clock_trusted=True)
LIMIT_S = 30


def event(number: int = 0, type: EventType = EventType.DOOR_OPENED) -> NewEvent:
    return NewEvent(type, "front", STAMP, {"number": number})


class FakeJournal:
    """A journal that can be full or slow."""

    def __init__(self) -> None:
        self.transactions: list[list[NewEvent]] = []
        self.full = False
        self.gate = threading.Event()
        self.gate.set()
        self.checkpoints = 0
        self.signings: list[int] = []
        self.signing_fails = False
        self.disposals: list[tuple[Stamp, bool]] = []
        self.due = 0
        self.closed = False

    @property
    def events(self) -> list[NewEvent]:
        return [event for events in self.transactions for event in events]

    def append(self, events: Sequence[NewEvent]) -> list[Event]:
        self.gate.wait(LIMIT_S)
        if self.full:
            raise JournalUnavailable("disk full")
        first = len(self.events) + 1
        self.transactions.append(list(events))
        return [
            Event(seq, event_id(STAMP.wall_us, seq), new.type, new.stamp, new.subject, new.data)
            for seq, new in enumerate(events, start=first)
        ]

    def checkpoint(self) -> bool:
        self.checkpoints += 1
        return True

    def sign_head(self) -> bool:
        self.signings.append(len(self.events))
        if self.signing_fails:
            raise JournalUnavailable("no room")
        return True

    def dispose(self, now: Stamp, waited_for: Callable[[], bool]) -> bool:
        self.disposals.append((now, waited_for()))
        return len(self.disposals) < self.due

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal()


@pytest.fixture
def broken() -> list[Exception]:
    return []


@pytest.fixture
def writer(journal: FakeJournal, broken: list[Exception]) -> Iterator[JournalWriter]:
    writer = JournalWriter(lambda: journal, broken.append)
    yield writer
    journal.gate.set()
    writer.close(LIMIT_S)


def test_a_ticket_settles_when_its_event_is_durable(writer: JournalWriter, journal: FakeJournal) -> None:
    ticket = writer.write(event(1))
    assert ticket.settled(LIMIT_S)
    assert ticket.event is not None
    assert ticket.event.seq == 1
    assert journal.events == [event(1)]


def test_nobody_waits_longer_than_he_likes(writer: JournalWriter, journal: FakeJournal) -> None:
    journal.gate.clear()
    ticket = writer.write(event())
    assert not ticket.settled(0.05)
    assert ticket.event is None
    journal.gate.set()
    assert ticket.settled(LIMIT_S)
    assert ticket.event is not None


def test_a_failure_is_told_at_once_and_the_event_is_not_lost(
    writer: JournalWriter, journal: FakeJournal
) -> None:
    journal.full = True
    ticket = writer.write(event(1))
    assert ticket.settled(LIMIT_S)
    assert ticket.event is None
    assert not writer.available
    journal.full = False
    later = writer.write(event(2))  # another event is another try
    assert later.settled(LIMIT_S)
    assert journal.events == [event(1), event(2)]
    assert ticket.event is not None
    assert writer.available


def test_what_waits_is_written_together_and_in_order(writer: JournalWriter, journal: FakeJournal) -> None:
    journal.gate.clear()
    tickets = [writer.write(event(number)) for number in range(200)]
    journal.gate.set()
    assert tickets[-1].settled(LIMIT_S)
    assert journal.events == [event(number) for number in range(200)]
    assert max(map(len, journal.transactions)) == journal_writer.TOGETHER


def test_an_event_names_the_earlier_one_even_if_that_was_not_written_yet(
    writer: JournalWriter, journal: FakeJournal
) -> None:
    journal.full = True
    grant = writer.write(event(1, EventType.ACCESS_GRANTED))
    outcome = writer.write(event(2, EventType.ACCESS_OUTCOME), about=("grant", grant))
    assert grant.settled(LIMIT_S)
    journal.full = False
    wait_until(lambda: outcome.event is not None, LIMIT_S)
    assert grant.event is not None
    assert journal.events[1].data == {"number": 2, "grant": grant.event.id}


def test_memory_is_bounded_and_what_is_lost_is_counted(
    writer: JournalWriter, journal: FakeJournal, mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "QUEUE_LIMIT", 10)
    journal.full = True
    tickets = [writer.write(event(number)) for number in range(25)]
    assert all(ticket.settled(LIMIT_S) for ticket in tickets)
    assert writer.take_lost() == 15
    assert writer.take_lost() == 0
    journal.full = False
    wait_until(lambda: len(journal.events) == 10, LIMIT_S)


def test_it_is_checkpointed_when_idle_only(
    writer: JournalWriter, journal: FakeJournal, mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "IDLE_S", 0.05)
    assert writer.write(event()).settled(LIMIT_S)
    wait_until(lambda: journal.checkpoints > 0, LIMIT_S)
    looked = mocker.spy(writer, "_batch")
    wait_until(lambda: looked.call_count >= 3, LIMIT_S)  # idle three times more
    assert journal.checkpoints == 1


def test_heads_are_signed_when_idle_or_after_many_events(
    writer: JournalWriter, journal: FakeJournal, mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "TOGETHER", 1)
    journal.gate.clear()
    for number in range(journal_writer.SIGN_AFTER + 1):
        writer.write(event(number))
    mocker.patch.object(journal_writer, "IDLE_S", 0.05)
    journal.gate.set()
    wait_until(lambda: len(journal.signings) >= 3, LIMIT_S)
    assert journal.signings[:2] == [journal_writer.SIGN_AFTER, journal_writer.SIGN_AFTER + 1]


def test_a_head_that_cannot_be_signed_holds_up_nothing_and_is_told_once(
    writer: JournalWriter,
    journal: FakeJournal,
    mocker: MockerFixture,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mocker.patch.object(journal_writer, "IDLE_S", 0.01)
    journal.signing_fails = True
    assert writer.write(event()).settled(LIMIT_S)
    wait_until(lambda: len(journal.signings) >= 3, LIMIT_S)
    assert writer.write(event()).settled(LIMIT_S)
    assert writer.available
    assert len([one for one in caplog.records if "is not signed" in one.message]) == 1


def test_closing_writes_what_waits(writer: JournalWriter, journal: FakeJournal) -> None:
    journal.gate.clear()
    for number in range(100):
        writer.write(event(number))
    journal.gate.set()
    assert writer.close(LIMIT_S)
    assert len(journal.events) == 100
    assert journal.closed


def test_closing_does_not_wait_for_a_journal_that_is_full(
    writer: JournalWriter, journal: FakeJournal
) -> None:
    journal.full = True
    writer.write(event())
    assert not writer.close(LIMIT_S)
    assert journal.closed


def test_an_unknown_error_is_told_to_the_acting_thread(
    writer: JournalWriter, journal: FakeJournal, broken: list[Exception], mocker: MockerFixture
) -> None:
    mocker.patch.object(journal, "append", side_effect=ZeroDivisionError)
    writer.write(event())
    wait_until(lambda: bool(broken), LIMIT_S)
    assert isinstance(broken[0], ZeroDivisionError)


# --- disposal: on the same thread, when nobody waits -------------------------------------------------


def test_what_is_due_goes_when_nobody_has_come_for_a_while(
    writer: JournalWriter, journal: FakeJournal, mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "IDLE_S", 0.05)
    mocker.patch.object(journal_writer, "DISPOSAL_PAUSE_S", (0.01, 0.01))
    journal.due = 3
    assert writer.write(event()).settled(LIMIT_S)
    assert not journal.disposals  # nobody has said what time it is
    writer.may_dispose(STAMP)
    wait_until(lambda: len(journal.disposals) >= 3, LIMIT_S)
    assert journal.disposals[:3] == [(STAMP, False)] * 3


def test_whoever_comes_meanwhile_ends_a_disposal_early(
    writer: JournalWriter, journal: FakeJournal, mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "IDLE_S", 0.05)
    begun, come = threading.Event(), threading.Event()

    def dispose(_now: Stamp, waited_for: Callable[[], bool]) -> bool:
        if not begun.is_set():
            assert not waited_for()
            begun.set()
            come.wait(LIMIT_S)
            assert waited_for()
        return False

    mocker.patch.object(journal, "dispose", side_effect=dispose)
    writer.may_dispose(STAMP)
    writer.write(event(1))  # so that the writer notices what it may be idle for
    assert begun.wait(LIMIT_S)
    ticket = writer.write(event(2))
    come.set()
    assert ticket.settled(LIMIT_S)
    assert ticket.event


def test_events_of_the_door_that_are_due_are_destroyed(
    tmp_path: Path, broken: list[Exception], mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "IDLE_S", 0.02)
    path = tmp_path / "journal.db"
    old = replace(STAMP, wall_us=STAMP.wall_us - 92 * DAY_US)

    def open_journal() -> KeptJournal:
        return KeptJournal(Journal.open(path, service="door", stamp=old), keeper)

    def keeper(journal: Journal, _closing: ExitStack, waited_for: Callable[[], bool]) -> JournalKeeper:
        rule = EdgeRule(Category.ACCESS_EVENTS, ACCESS_LOG_RULE, Conventions(UTC, None))
        return JournalKeeper(JournalDisposal(journal, rule, "branch", "system", lambda: [], waited_for))

    writer = JournalWriter(open_journal, broken.append)
    writer.write(NewEvent(EventType.ACCESS_REFUSED, "front", old))
    kept = writer.write(NewEvent(EventType.ACCESS_REFUSED, "front", replace(STAMP, boot_id="next")))
    # A day after the clock had been away.
    now = replace(STAMP, wall_us=STAMP.wall_us + DAY_US, mono_us=STAMP.mono_us + DAY_US, boot_id="next")
    assert kept.settled(LIMIT_S)
    writer.may_dispose(now)
    reader = JournalReader(path)
    wait_until(lambda: reader.last(EventType.DISPOSAL_CERTIFICATE) is not None, LIMIT_S)
    assert [found.seq for found in reader.read(0)] == [2, 3, 4]
    reader.close()
    assert writer.close(LIMIT_S)
    assert broken == []


def test_a_door_whose_journal_cannot_be_disposed_of_still_opens(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    keeper = mocker.Mock(spec=JournalKeeper)
    keeper.look.side_effect = KeyError("a surprise")
    kept = KeptJournal(Journal.open(tmp_path / "journal.db", service="door", stamp=STAMP), lambda *_: keeper)
    assert not kept.dispose(STAMP, lambda: False)
    assert not kept.dispose(STAMP, lambda: False)
    assert keeper.look.call_count == 1
    assert kept.append([event()])
    kept.close()


def test_without_its_secrets_there_is_no_writer() -> None:
    def fail() -> FakeJournal:
        raise SecretMissing("no key to seal with")

    with pytest.raises(SecretMissing):
        JournalWriter(fail, lambda _: None)


def test_a_journal_that_cannot_be_opened_yet_is_opened_later(
    journal: FakeJournal, broken: list[Exception]
) -> None:
    tries: list[FakeJournal | JournalUnavailable] = [JournalUnavailable("full"), JournalUnavailable("full")]

    def open_journal() -> FakeJournal:
        if tries:
            raise tries.pop()
        return journal

    writer = JournalWriter(open_journal, broken.append)
    assert not writer.available
    first = writer.write(event(1))
    assert first.settled(LIMIT_S)
    assert first.event is None
    assert writer.write(event(2)).settled(LIMIT_S)
    assert writer.close(LIMIT_S)
    assert (journal.events, broken) == ([event(1), event(2)], [])


def test_a_journal_that_somebody_keeps_locked_ends_nothing(
    tmp_path: Path, broken: list[Exception], mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "REOPEN_AFTER", 2)
    mocker.patch.object(journal_writer, "RETRY_S", 0.01)
    mocker.patch("controller.store.engine.BUSY_TIMEOUT_MS", 10)
    path = tmp_path / "door" / "journal.db"
    opened = mocker.Mock(wraps=lambda: KeptJournal(Journal.open(path, service="door", stamp=STAMP)))
    writer = JournalWriter(opened, broken.append)
    assert writer.write(event(1)).settled(LIMIT_S)
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        ticket = writer.write(event(2))
        wait_until(lambda: opened.call_count > 2 or bool(broken), LIMIT_S)
        assert broken == []
    wait_until(lambda: ticket.event is not None or bool(broken), LIMIT_S)
    assert writer.close(LIMIT_S)
    assert broken == []


def test_an_event_about_one_that_was_lost_does_not_hold_up_the_rest(
    writer: JournalWriter, journal: FakeJournal, mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "QUEUE_LIMIT", 0)
    grant = writer.write(event(1, EventType.ACCESS_GRANTED))
    mocker.patch.object(journal_writer, "QUEUE_LIMIT", 10)
    writer.write(event(2, EventType.ACCESS_OUTCOME), about=("grant", grant))
    assert writer.write(event(3)).settled(LIMIT_S)
    assert [written.data for written in journal.events] == [{"number": 2, "grant": None}, {"number": 3}]


def test_a_journal_damaged_under_way_is_moved_aside_and_begun_anew(
    tmp_path: Path, broken: list[Exception], mocker: MockerFixture
) -> None:
    mocker.patch.object(journal_writer, "REOPEN_AFTER", 1)
    path = tmp_path / "journal" / "door.db"
    writer = JournalWriter(
        lambda: KeptJournal(Journal.open(path, service="door", stamp=STAMP)), broken.append
    )
    assert writer.write(event(1)).settled(LIMIT_S)
    for file in path.parent.glob("door.db*"):
        size = file.stat().st_size
        with file.open("r+b") as damaged:
            damaged.write(b"\x55" * size)
    ticket = writer.write(event(2))
    wait_until(lambda: ticket.event is not None or bool(broken), LIMIT_S)
    assert writer.close(LIMIT_S)
    assert broken == []
    reader = JournalReader(path)
    assert [found.type for found in reader.read(0)] == [EventType.JOURNAL_RECOVERED, EventType.DOOR_OPENED]
    reader.close()
