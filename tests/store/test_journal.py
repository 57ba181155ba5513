from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from controller.core import chain
from controller.core.event import UUID7, EventType, NewEvent, Stamp
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal, JournalUnavailable, box_info
from controller.store.journal_reader import JournalMissing, JournalReader, merge

MakeEvent = Callable[..., NewEvent]
NOW = Stamp(1_795_219_200_000_000, 1, "boot-1", True)


class Box:
    """Seals so that the test can see what was sealed and to which place it was bound."""

    key_id = "0123abcd"

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        return b"sealed:" + info + b":" + plaintext[::-1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal" / "door.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal.open(path, service="door", stamp=NOW, seal=Box())
    yield opened
    opened.close()


@pytest.fixture
def reader(path: Path) -> Iterator[JournalReader]:
    opened = JournalReader(path)
    yield opened
    opened.close()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_what_was_appended_is_read_back_in_order(
    journal: Journal, reader: JournalReader, make_event: MakeEvent
) -> None:
    first = journal.append([make_event(1, data={"a": 1}), make_event(2)])
    second = journal.append([make_event(3, type=EventType.DOOR_CLOSED, trusted=False)])
    assert [event.seq for event in (*first, *second)] == [1, 2, 3]
    assert reader.read(0) == [*first, *second]
    assert reader.read(1, limit=1) == first[1:]
    assert reader.read(3) == []
    assert reader.last_seq() == 3
    assert reader.journal_id == journal.journal_id
    assert all(UUID7.fullmatch(event.id) for event in first)
    assert UUID7.fullmatch(journal.journal_id)


def test_the_chain_joins_the_events(journal: Journal, path: Path, make_event: MakeEvent) -> None:
    (event,) = journal.append([make_event(1, private={"card": b"123"})])
    box = Box().seal(b"123", box_info(journal.journal_id, 1, "card"))
    leaf = chain.leaf(event, {"card": box})
    assert rows(path, "SELECT leaf, head FROM chain") == [
        (leaf, sha256(sha256(journal.journal_id.encode()).digest() + leaf).digest())
    ]
    assert rows(path, "SELECT seq, field, key_id, box FROM sealed") == [(1, "card", Box.key_id, box)]


def test_private_fields_are_nowhere_in_the_clear(journal: Journal, path: Path, make_event: MakeEvent) -> None:
    journal.append([make_event(1, private={"card": b"25891000331441"})])
    for file in path.parent.iterdir():
        assert b"25891000331441" not in file.read_bytes()


def test_a_private_field_without_a_key_is_refused_whole(path: Path, make_event: MakeEvent) -> None:
    journal = Journal.open(path, service="uplink", stamp=NOW)
    with pytest.raises(ValueError, match="no key"):
        journal.append([make_event(1), make_event(2, private={"card": b"1"})])
    assert journal.append([make_event(3)])[0].seq == 1
    journal.close()


def test_numbers_go_on_after_reopening_and_after_all_events_are_gone(
    path: Path, make_event: MakeEvent
) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    journal.append([make_event(1), make_event(2)])
    journal_id = journal.journal_id
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM event")
    connection.close()
    journal = Journal.open(path, service="door", stamp=NOW)
    assert journal.journal_id == journal_id
    assert journal.append([make_event(3)])[0].seq == 3
    journal.close()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM chain", "UPDATE chain SET seq = seq + 10", "UPDATE event SET type = 'door.closed'"],
)
def test_the_past_is_not_changed(journal: Journal, path: Path, make_event: MakeEvent, statement: str) -> None:
    journal.append([make_event(1)])
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute(statement)
    connection.close()


def test_settings_of_the_database(journal: Journal, path: Path, make_event: MakeEvent) -> None:
    journal.append([make_event(1)])
    with journal._engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "wal_autocheckpoint")
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas}
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "wal_autocheckpoint": 0,
    }
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o2750
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o640}


def test_the_modes_do_not_depend_on_the_umask(path: Path) -> None:
    before = os.umask(0o077)
    try:
        Journal.open(path, service="door", stamp=NOW).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o2750
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_checkpoint_empties_the_log(journal: Journal, path: Path, make_event: MakeEvent) -> None:
    journal.append([make_event(n) for n in range(50)])
    log = path.with_name("door.db-wal")
    assert log.stat().st_size > 0
    assert journal.checkpoint()
    assert log.stat().st_size == 0


def test_the_log_is_not_written_back_inside_a_commit(
    journal: Journal, path: Path, make_event: MakeEvent
) -> None:
    for _ in range(20):
        journal.append([make_event(n, data={"text": "x" * 900}) for n in range(300)])
    assert path.with_name("door.db-wal").stat().st_size > 1000 * 4096
    assert path.stat().st_size < 100_000


def test_the_last_trusted_time_is_that_of_a_trusted_event(journal: Journal, make_event: MakeEvent) -> None:
    assert journal.last_trusted_wall_us() is None
    journal.append([make_event(9), make_event(5), make_event(30, trusted=False)])
    assert journal.last_trusted_wall_us() == make_event(9).stamp.wall_us


def test_another_writer_is_waited_for(journal: Journal, path: Path, make_event: MakeEvent) -> None:
    other = Journal.open(path, service="door", stamp=NOW)
    for n in range(10):
        journal.append([make_event(n)])
        other.append([make_event(n)])
    assert other.append([make_event(0)])[0].seq == 21
    other.close()


def test_a_lock_that_stays_is_reported(path: Path, make_event: MakeEvent, mocker: object) -> None:
    Journal.open(path, service="door", stamp=NOW).close()
    holder = sqlite3.connect(path, isolation_level=None)
    journal = Journal.open(path, service="door", stamp=NOW)
    journal._engine.raw_connection().driver_connection.execute("PRAGMA busy_timeout = 20")
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnavailable, match="locked"):
        journal.append([make_event(1)])
    holder.execute("ROLLBACK")
    holder.close()
    assert journal.append([make_event(2)])[0].seq == 1
    journal.close()


def test_a_full_disk_is_reported_and_nothing_is_half_there(
    journal: Journal, reader: JournalReader, make_event: MakeEvent
) -> None:
    journal.append([make_event(1)])
    connection = journal._engine.raw_connection().driver_connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalUnavailable, match="full") as caught:
        journal.append([make_event(n, data={"secret": "x" * 500}) for n in range(100)])
    assert "xxx" not in str(caught.value)
    assert reader.last_seq() == 1
    connection.execute("PRAGMA max_page_count = 100000")
    assert journal.append([make_event(2)])[0].seq == 2


@pytest.mark.parametrize("damage", ["header", "middle", "text"])
def test_a_damaged_journal_is_moved_aside_and_a_new_one_begun(
    path: Path, make_event: MakeEvent, damage: str
) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    journal.append([make_event(n, data={"text": "x" * 300}) for n in range(200)])
    journal.close()
    old_id, content = journal.journal_id, bytearray(path.read_bytes())
    if damage == "header":
        content[:16] = b"no database here"
    elif damage == "middle":
        content[len(content) // 2 : len(content) // 2 + 8192] = os.urandom(8192)
    else:
        content = bytearray(b"a text file\n")
    path.write_bytes(content)

    journal = Journal.open(path, service="door", stamp=NOW)
    aside = path.with_name("door.db.damaged-1")
    assert aside.read_bytes() == content
    assert journal.journal_id != old_id
    reader = JournalReader(path)
    (event,) = reader.read(0)
    assert (event.seq, event.type) == (1, EventType.JOURNAL_RECOVERED)
    assert event.data["moved_to"] == aside.name
    if damage == "middle":
        assert (event.data["journal"], event.data["seq"]) == (old_id, 200)
    reader.close()
    journal.close()


def test_a_power_cut_before_the_first_write_leaves_a_usable_file(path: Path, make_event: MakeEvent) -> None:
    path.parent.mkdir()
    path.touch()
    journal = Journal.open(path, service="door", stamp=NOW)
    assert journal.append([make_event(1)])[0].seq == 1
    journal.close()


def test_a_database_of_a_later_release_is_refused(path: Path) -> None:
    Journal.open(path, service="door", stamp=NOW).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("PRAGMA application_id = 99")
    connection.close()
    with pytest.raises(JournalUnavailable, match="version 99"):
        Journal.open(path, service="door", stamp=NOW)


# --- reading -------------------------------------------------------------------------------------


def test_a_journal_that_is_not_there_is_missing_until_it_is(
    path: Path, reader: JournalReader, make_event: MakeEvent
) -> None:
    for ask in (reader.last_seq, reader.changed, lambda: reader.read(0), lambda: reader.journal_id):
        with pytest.raises(JournalMissing):
            ask()
    path.parent.mkdir()
    path.touch()
    with pytest.raises(JournalMissing):
        reader.read(0)
    journal = Journal.open(path, service="door", stamp=NOW)
    assert reader.read(0) == []
    journal.close()


def test_a_reader_follows_closing_and_opening(
    path: Path, reader: JournalReader, make_event: MakeEvent
) -> None:
    expected = []
    for n in range(4):
        journal = Journal.open(path, service="door", stamp=NOW)
        expected += journal.append([make_event(n)])
        if n % 2:
            assert reader.read(0) == expected
        journal.close()
        assert reader.changed()
        assert reader.read(0) == expected
        assert not reader.changed()


def test_a_reader_of_a_closed_journal_leaves_no_file_behind(path: Path, make_event: MakeEvent) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    journal.append([make_event(1)])
    journal.close()
    reader = JournalReader(path)
    assert reader.last_seq() == 1
    assert [file.name for file in path.parent.iterdir()] == ["door.db"]
    reader.close()
    assert [file.name for file in path.parent.iterdir()] == ["door.db"]


def test_changed_tells_of_commits_by_others(
    journal: Journal, reader: JournalReader, make_event: MakeEvent
) -> None:
    assert reader.changed()
    assert not reader.changed()
    journal.append([make_event(1)])
    assert reader.changed()
    assert not reader.changed()


def test_an_event_of_a_later_release_is_said_not_to_be_understood(path: Path, make_event: MakeEvent) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    journal.append([make_event(1)])
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER event_is_never_changed")
        connection.execute("UPDATE event SET type = 'of.later'")
    connection.close()
    reader = JournalReader(path)
    with pytest.raises(DatabaseUnusable, match="event 1 cannot be understood"):
        reader.read(0)
    reader.close()


def test_a_reader_notices_that_the_journal_was_replaced(path: Path, reader: JournalReader) -> None:
    journal = Journal.open(path, service="door", stamp=NOW)
    assert reader.journal_id == journal.journal_id
    journal.close()
    for part in (path, path.with_name("door.db-wal")):  # the log is still there: the reader has it open
        part.write_bytes(b"damage" * 2000)
    replaced = Journal.open(path, service="door", stamp=NOW)
    assert replaced.journal_id != journal.journal_id
    assert reader.journal_id == replaced.journal_id
    assert reader.last_seq() == 1
    replaced.close()


AS_SOMEBODY_ELSE = """
import os, sys
from pathlib import Path
from controller.store.journal_reader import JournalReader
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(65534)
reader = JournalReader(Path(sys.argv[1]))
for line in sys.stdin:
    print(reader.last_seq(), flush=True)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can read as somebody else")
def test_another_user_of_the_group_reads_whether_or_not_the_owner_runs(make_event: MakeEvent) -> None:
    folder = Path("/var/tmp") / f"unlocked-test-{os.getpid()}"  # pytest's own folder is closed to others
    path = folder / "journal" / "door.db"
    group = 54321
    try:
        journal = Journal.open(path, service="door", stamp=NOW)
        journal.close()
        for part in (path.parent, path):
            os.chown(part, -1, group)
        folder.chmod(0o755)
        path.parent.chmod(0o2750)
        command = [sys.executable, "-c", AS_SOMEBODY_ELSE, str(path), str(group)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdin is not None
            assert other.stdout is not None

            def ask() -> int:
                other.stdin.write("?\n")
                other.stdin.flush()
                return int(other.stdout.readline())

            for n in range(3):
                assert ask() == n
                journal = Journal.open(path, service="door", stamp=NOW)
                journal.append([make_event(n)])
                assert ask() == n + 1
                journal.close()
                assert ask() == n + 1
            other.stdin.close()
        assert {file.stat().st_uid for file in path.parent.iterdir()} == {0}
    finally:
        shutil.rmtree(folder)


def test_journals_merge_by_time_and_keep_their_own_order(tmp_path: Path, make_event: MakeEvent) -> None:
    seconds = {"door": [1, 5, 3, 9], "recorder": [2, 5, 8]}  # the door's clock was set back once
    for service, when in seconds.items():
        journal = Journal.open(tmp_path / f"{service}.db", service=service, stamp=NOW)
        journal.append([make_event(n) for n in when])
        journal.close()
    readers = {name: JournalReader(tmp_path / f"{name}.db") for name in (*seconds, "uplink")}
    start_us = make_event(0).stamp.wall_us
    merged = [(name, (event.stamp.wall_us - start_us) // 1_000_000) for name, event in merge(readers)]
    assert [n for name, n in merged if name == "door"] == seconds["door"]
    assert merged[:4] == [("door", 1), ("recorder", 2), ("door", 5), ("door", 3)]
    late = [
        (name, (e.stamp.wall_us - start_us) // 1_000_000) for name, e in merge(readers, start_us + 5_000_000)
    ]
    assert sorted(late) == [("door", 5), ("door", 9), ("recorder", 5), ("recorder", 8)]
    for reader in readers.values():
        reader.close()


def test_more_than_a_page_is_read_page_by_page(
    journal: Journal, reader: JournalReader, make_event: MakeEvent
) -> None:
    journal.append([make_event(n) for n in range(1201)])
    assert [event.seq for event in reader.since(0)] == list(range(1, 1202))


def test_the_last_event_of_some_types_is_found(
    journal: Journal, reader: JournalReader, make_event: MakeEvent
) -> None:
    started, ended = EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED
    journal.append([make_event()])
    assert reader.last(started, ended) is None
    journal.append([make_event(type=started), make_event(type=ended), make_event(), make_event(type=started)])
    last = reader.last(started, ended)
    assert last is not None
    assert (last.type, last.seq) == (started, 5)


OPENING_AND_CLOSING = """
import sys
from pathlib import Path
from controller.core.event import EventType, NewEvent, Stamp
from controller.store.journal import Journal
now = Stamp(1_795_219_200_000_000, 1, "boot-1", True)
for _ in range(40):
    journal = Journal.open(Path(sys.argv[1]), service="door", stamp=now)
    for _ in range(5):
        journal.append([NewEvent(EventType.DOOR_OPENED, "front", now)])
    if sys.argv[2] == "checkpoint":
        journal.checkpoint()
    journal.close()
"""


@pytest.mark.parametrize("between", ["checkpoint", "nothing"])
def test_a_reader_sees_all_in_order_while_the_owner_opens_and_closes(
    path: Path, reader: JournalReader, between: str
) -> None:
    command = [sys.executable, "-c", OPENING_AND_CLOSING, str(path), between]
    seen: list[int] = []
    with subprocess.Popen(command) as owner:
        ended = False
        while not ended:
            ended = owner.poll() is not None
            try:
                seen += [event.seq for event in reader.read(seen[-1] if seen else 0)]
            except JournalMissing:
                assert not seen
            if len(seen) % 3 == 0:
                reader.close()  # so that it opens in every situation there is
    assert owner.returncode == 0
    assert seen == list(range(1, 201))
