from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from controller.core.membership import Listed, Listing, Membership, Status
from controller.store import owner as opening
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.members import Found, Members, MembershipSet
from controller.store.members_import import DuplicateMember
from controller.store.members_owner import ImportUnderway, MembersOwner
from simulator.members import valid_membership

ADULT = valid_membership(date(2026, 11, 23))
AS_OF_US = 1_795_219_200_000_000
KEY_ID = "0123abcd"


def ref(n: int) -> bytes:
    return sha256(str(n).encode()).digest()


def rows(numbers: range, membership: Membership = ADULT) -> Iterator[tuple[int, bytes, Membership]]:
    return ((line, ref(n), membership) for line, n in enumerate(numbers, start=2))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "membership" / "members.db"


@pytest.fixture
def owner(path: Path) -> Iterator[MembersOwner]:
    opened = MembersOwner.open(path)
    yield opened
    opened.close()


@pytest.fixture
def members(path: Path) -> Iterator[Members]:
    opened = Members(path)
    yield opened
    opened.close()


def test_before_the_first_import(path: Path, members: Members) -> None:
    assert members.current_set() is None
    with pytest.raises(DatabaseMissing):
        members.find(ref(1))
    MembersOwner.open(path).close()
    assert members.current_set() is None
    assert members.find(ref(1)) == Found(None, None)


def test_whoever_keeps_the_file_locked_does_not_hold_up_the_door(
    path: Path, owner: MembersOwner, members: Members
) -> None:
    owner.import_set(rows(range(3)), as_of_us=AS_OF_US, key_id=KEY_ID)
    owner.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("PRAGMA locking_mode = EXCLUSIVE")
        somebody.execute("UPDATE membership SET category = 'pupil'")  # something is in the log
        somebody.execute("BEGIN EXCLUSIVE")
        began_s = time.monotonic()
        with pytest.raises(DatabaseUnusable, match="locked"):
            members.find(ref(1))
        assert time.monotonic() - began_s < 2, "the door's watchdog would bite at 5 s"
    assert members.find(ref(1)).membership == replace(ADULT, category="pupil", as_of_us=AS_OF_US)


def test_a_membership_that_makes_no_sense_is_none(path: Path, owner: MembersOwner, members: Members) -> None:
    owner.import_set(rows(range(3)), as_of_us=AS_OF_US, key_id=KEY_ID)
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("UPDATE membership SET expires = '2027-19-39'")
    with pytest.raises(DatabaseUnusable, match="makes no sense"):
        members.find(ref(1))


def test_an_imported_membership_is_found_as_it_was(owner: MembersOwner, members: Members) -> None:
    pupil = Membership(
        status=Status.SUSPENDED,
        inducted_on=date(2026, 1, 2),
        granted_from=date(2026, 3, 4),
        granted_until=date(2026, 5, 6),
        expires=date(2026, 12, 1),
        category="pupil",
        adult_on=date(2030, 7, 8),
        guardian=True,
        as_of_us=0,
    )
    told: list[int] = []
    imported = owner.import_set(
        [(2, ref(1), ADULT), (3, ref(2), pupil)], as_of_us=AS_OF_US, key_id=KEY_ID, progress=told.append
    )
    assert members.find(ref(1)).membership == replace(ADULT, as_of_us=AS_OF_US)
    assert members.find(ref(2)).membership == replace(pupil, as_of_us=AS_OF_US)
    assert members.find(ref(3)).membership is None
    assert imported == members.current_set() == owner.current_set()
    assert imported == MembershipSet(imported.id, AS_OF_US, 2, KEY_ID)
    assert told == [2]


def test_a_new_set_replaces_the_old_whole(owner: MembersOwner, members: Members) -> None:
    owner.import_set(rows(range(10)), as_of_us=AS_OF_US, key_id=KEY_ID)
    owner.import_set(rows(range(5, 12)), as_of_us=AS_OF_US + 1, key_id=KEY_ID)
    found = [n for n in range(20) if members.find(ref(n)).membership]
    assert found == list(range(5, 12))


def test_whatever_goes_wrong_the_old_set_stays(owner: MembersOwner, members: Members) -> None:
    before = owner.import_set(rows(range(3)), as_of_us=AS_OF_US, key_id=KEY_ID)

    def failing() -> Iterator[tuple[int, bytes, Membership]]:
        yield from rows(range(50))
        raise ValueError("line 52")

    with pytest.raises(ValueError, match="line 52"):
        owner.import_set(failing(), as_of_us=AS_OF_US + 1, key_id=KEY_ID)
    with pytest.raises(DuplicateMember) as caught:
        owner.import_set([*rows(range(9)), (99, ref(4), ADULT)], as_of_us=AS_OF_US + 1, key_id=KEY_ID)
    assert (caught.value.first_line, caught.value.second_line) == (6, 99)
    assert members.current_set() == before
    assert members.find(ref(4)).membership is None


def test_only_one_import_at_a_time(owner: MembersOwner, path: Path) -> None:
    other = MembersOwner.open(path)

    def meanwhile() -> Iterator[tuple[int, bytes, Membership]]:
        yield from rows(range(3))
        with pytest.raises(ImportUnderway):
            other.import_set(rows(range(3)), as_of_us=AS_OF_US, key_id=KEY_ID)

    owner.import_set(meanwhile(), as_of_us=AS_OF_US, key_id=KEY_ID)
    other.close()


def in_file(path: Path, query: str) -> list[tuple[int, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_superseded_sets_go_in_small_batches(owner: MembersOwner, members: Members, path: Path) -> None:
    for n in range(3):
        owner.import_set(rows(range(25 + n)), as_of_us=AS_OF_US + n, key_id=KEY_ID)
    dropped = []
    while batch := owner.drop_superseded(10):
        dropped.append(batch)
    assert dropped == [10, 10, 10, 10, 10, 1]
    assert owner.drop_superseded(10) == 0
    assert all(members.find(ref(n)).membership for n in range(27))
    assert in_file(path, "SELECT count(*) FROM membership_set") == [(1,)]


def test_a_set_being_filled_is_not_dropped_and_one_left_half_filled_is(
    owner: MembersOwner, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.store.members_import.FILL_BATCH", 10)
    other = MembersOwner.open(path)
    kept: list[int] = []

    def tidied_meanwhile(filled: int) -> None:
        kept.append(other.drop_superseded(1000))
        if filled == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        owner.import_set(rows(range(50)), as_of_us=AS_OF_US, key_id=KEY_ID, progress=tidied_meanwhile)
    assert kept == [0, 0, 0]
    assert in_file(path, "SELECT count(*) FROM membership") == [(30,)]
    assert other.drop_superseded(1000) == 30
    other.close()


def test_what_was_dropped_is_gone_from_the_file_after_a_checkpoint(owner: MembersOwner, path: Path) -> None:
    odd = replace(ADULT, category="zebra")
    owner.import_set(rows(range(5), odd), as_of_us=AS_OF_US, key_id=KEY_ID)
    owner.import_set(rows(range(5)), as_of_us=AS_OF_US, key_id=KEY_ID)
    assert b"zebra" in path.read_bytes()
    owner.drop_superseded()
    assert owner.checkpoint()
    assert all(b"zebra" not in file.read_bytes() for file in path.parent.iterdir())


def test_the_log_stays_small_however_large_the_set(
    owner: MembersOwner, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.store.members_import.FILL_BATCH", 500)
    log = path.with_name("members.db-wal")
    sizes: list[int] = []
    owner.import_set(
        rows(range(20_000)),
        as_of_us=AS_OF_US,
        key_id=KEY_ID,
        progress=lambda _filled: sizes.append(log.stat().st_size),
    )
    assert max(sizes) < 200_000 < path.stat().st_size


def test_memberships_of_an_earlier_release_admit_nobody_until_they_are_imported_again(
    path: Path, members: Members, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    earlier = tmp_path / "migrations"
    (earlier / "members").mkdir(parents=True)
    shutil.copy(opening.MIGRATIONS / "members" / "0001_begin.sql", earlier / "members")
    with monkeypatch.context() as then:
        then.setattr(opening, "MIGRATIONS", earlier)
        MembersOwner.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("INSERT INTO membership_set VALUES (1, ?, ?, 2)", (AS_OF_US, KEY_ID))
        for number, enrolled in ((1, 1), (2, 0)):
            row = (ref(number), enrolled)
            old.execute("INSERT INTO membership VALUES (1, ?, 'active', ?, '2027-03-31', 'adult')", row)
        old.execute("INSERT INTO current_set VALUES (1, 1)")
    with pytest.raises(DatabaseUnusable, match=r"no such (table|column)"):
        members.find(ref(1))  # the door was started before its owner had migrated
    owner = MembersOwner.open(path)
    with pytest.raises(DatabaseUnusable, match=r"earlier release's.*import them again"):
        members.find(ref(1))
    not_enrolled = members.find(ref(2)).membership
    assert not_enrolled is not None
    assert (not_enrolled.inducted_on, not_enrolled.granted_from) == (None, None)
    assert members.find(ref(3)) == Found(None, None)
    owner.import_set(rows(range(3)), as_of_us=AS_OF_US, key_id=KEY_ID)
    owner.close()
    assert members.find(ref(1)).membership == replace(ADULT, as_of_us=AS_OF_US)


TODAY = date(2026, 11, 23)
BLOCKED, ALLOWED = Listed(Listing.BLOCKED, None), Listed(Listing.ALLOWED, TODAY)


def test_a_listed_card_is_found_with_or_without_a_membership(owner: MembersOwner, members: Members) -> None:
    owner.put_on_list(ref(1), BLOCKED, TODAY)
    owner.put_on_list(ref(9), ALLOWED, TODAY)
    assert members.find(ref(1)) == Found(None, BLOCKED)
    owner.import_set(rows(range(3)), as_of_us=AS_OF_US, key_id=KEY_ID)
    assert members.find(ref(1)) == Found(replace(ADULT, as_of_us=AS_OF_US), BLOCKED)
    assert members.find(ref(2)).listed is None
    assert members.find(ref(9)) == Found(None, ALLOWED)


def test_a_card_is_on_one_list_at_most_and_taken_off_that_only(owner: MembersOwner, members: Members) -> None:
    owner.put_on_list(ref(1), ALLOWED, TODAY)
    owner.put_on_list(ref(1), BLOCKED, TODAY)
    assert members.find(ref(1)).listed == BLOCKED
    assert not owner.take_off_list(ref(1), Listing.ALLOWED)
    assert owner.take_off_list(ref(1), Listing.BLOCKED)
    assert not owner.take_off_list(ref(1), Listing.BLOCKED)
    assert members.find(ref(1)).listed is None


def test_what_counts_no_more_is_dropped_from_the_lists(owner: MembersOwner, members: Members) -> None:
    owner.put_on_list(ref(1), ALLOWED, TODAY)
    owner.put_on_list(ref(2), BLOCKED, TODAY)
    assert owner.drop_ended_listings(TODAY) == 0
    assert owner.drop_ended_listings(TODAY + timedelta(days=1)) == 1
    assert [members.find(ref(n)).listed for n in (1, 2)] == [None, BLOCKED]


def test_nobody_is_allowed_for_ever(owner: MembersOwner) -> None:
    with pytest.raises(DatabaseUnusable, match="CHECK"):
        owner.put_on_list(ref(1), Listed(Listing.ALLOWED, None), TODAY)
