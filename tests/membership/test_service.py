from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from controller.core.event import EventType, Stamp
from controller.core.membership import Listed, Listing
from controller.core.protection import Protection
from controller.membership.drops import Drops
from controller.membership.service import DROP_BATCH, Ages, Keeper
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.members import Members
from controller.store.members_owner import MembersOwner
from simulator.members import valid_membership

HOUR_US = 3_600_000_000
START_US = 1_795_219_200_000_000
MAX_AGE_US = 168 * HOUR_US
AGES = Ages(MAX_AGE_US, 24 * HOUR_US)
ADULT = valid_membership(date(2026, 11, 21))


def at(hour: int, trusted: bool = True) -> Stamp:
    return Stamp(START_US + hour * HOUR_US, 1, "boot-1", trusted)


@pytest.fixture
def members(tmp_path: Path) -> Iterator[MembersOwner]:
    opened = MembersOwner.open(tmp_path / "members.db")
    yield opened
    opened.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "journal.db", service="membership", stamp=at(0))
    yield opened
    opened.close()


def drops(journal: Journal, held: Sequence[Protection] = ()) -> Drops:
    return Drops(journal, "branch", "ab", "synchronised", lambda: held)


Said = Callable[[], list[tuple[EventType, object]]]


@pytest.fixture
def said(journal: Journal, tmp_path: Path) -> Iterator[Said]:
    """What was journalled since it was asked last: type and age."""
    reader = JournalReader(tmp_path / "journal.db")
    seen = 0

    def news() -> list[tuple[EventType, object]]:
        nonlocal seen
        events = reader.read(seen)
        seen = reader.last_seq()
        return [(event.type, event.data.get("age_h")) for event in events]

    yield news
    reader.close()


def fill(members: MembersOwner, count: int, as_of: Stamp) -> None:
    rows = ((n, sha256(str(n).encode()).digest(), ADULT) for n in range(count))
    members.import_set(rows, as_of_us=as_of.wall_us, key_id="0123abcd")


def test_age_is_journalled_when_it_changes_sides(members: MembersOwner, journal: Journal, said: Said) -> None:
    keeper = Keeper(members, journal, AGES, UTC, drops(journal), stale=None)
    keeper.judge_age(at(0))
    keeper.judge_age(at(1))
    assert said() == [(EventType.MEMBERSHIP_STALE, None)]
    fill(members, 3, at(1))
    keeper.judge_age(at(2))
    keeper.judge_age(at(1 + 168))
    assert said() == [(EventType.MEMBERSHIP_FRESH, 1)]
    keeper.judge_age(at(1 + 169))
    keeper.judge_age(at(1 + 170))
    assert said() == [(EventType.MEMBERSHIP_STALE, 169)]


def test_a_restart_says_nothing_new(members: MembersOwner, journal: Journal, said: Said) -> None:
    fill(members, 3, at(0))
    Keeper(members, journal, AGES, UTC, drops(journal), stale=False).judge_age(at(1))
    assert said() == []


def test_an_untrusted_clock_says_nothing(members: MembersOwner, journal: Journal, said: Said) -> None:
    keeper = Keeper(members, journal, AGES, UTC, drops(journal), stale=None)
    keeper.judge_age(at(0, trusted=False))
    assert said() == []


def test_superseded_sets_go_batch_by_batch(members: MembersOwner, journal: Journal) -> None:
    fill(members, DROP_BATCH + 1, at(0))
    fill(members, 2, at(1))
    keeper = Keeper(members, journal, AGES, UTC, drops(journal), stale=None)
    assert [keeper.tidy(at(1)) for _ in range(4)] == [True, True, False, False]


def test_starting_and_stopping_are_journalled(members: MembersOwner, journal: Journal, said: Said) -> None:
    keeper = Keeper(members, journal, AGES, UTC, drops(journal), stale=None)
    keeper.begin(at(0))
    keeper.end(at(1))
    assert said() == [(EventType.SERVICE_STARTED, None), (EventType.SERVICE_STOPPED, None)]


def test_what_has_ended_is_taken_off_the_lists_by_a_trusted_clock_alone(
    members: MembersOwner, journal: Journal, tmp_path: Path
) -> None:
    today = date(2026, 11, 21)
    reader = Members(tmp_path / "members.db")
    keeper = Keeper(members, journal, AGES, UTC, drops(journal), stale=None)
    cards = (bytes(32), bytes(31) + b"1")
    members.put_on_list(cards[0], Listed(Listing.ALLOWED, today), today)
    members.put_on_list(cards[1], Listed(Listing.BLOCKED, today + timedelta(days=1)), today)
    for stamp, left in ((at(0), 2), (at(48, trusted=False), 2), (at(24), 1), (at(47), 1), (at(48), 0)):
        keeper.end_listings(stamp)
        assert sum(reader.find(card).listed is not None for card in cards) == left
    reader.close()


def test_a_clock_that_jumps_a_year_ahead_takes_nobody_off_the_list_of_blocked_cards(
    members: MembersOwner, journal: Journal, tmp_path: Path
) -> None:
    reader = Members(tmp_path / "members.db")
    keeper = Keeper(members, journal, AGES, UTC, drops(journal), stale=None)
    keeper.begin(at(0))
    members.put_on_list(bytes(32), Listed(Listing.BLOCKED, date(2026, 11, 22)), date(2026, 11, 21))
    for stamp, left in ((at(1), True), (at(8760), True), (at(2), True), (at(8761), True), (at(8785), False)):
        keeper.end_listings(stamp)
        assert (reader.find(bytes(32)).listed is not None) is left
    reader.close()


def test_live_answers_that_are_too_old_are_dropped_by_a_clock_that_is_trusted(
    members: MembersOwner, journal: Journal, tmp_path: Path
) -> None:
    keeper, reader = (
        Keeper(members, journal, AGES, UTC, drops(journal), stale=None),
        Members(tmp_path / "members.db"),
    )
    reference = sha256(b"a card").digest()
    members.live_answers().keep(reference, replace(ADULT, as_of_us=at(0).wall_us), "12345678")
    for now, left in ((at(169, trusted=False), True), (at(168), True), (at(169), False)):
        later = replace(now, mono_us=now.wall_us)
        while keeper.tidy(later):
            continue
        assert (reader.find(reference).membership is not None) is left
    reader.close()


def test_what_the_library_management_system_is_like_is_journalled(
    members: MembersOwner, journal: Journal, said: Said
) -> None:
    keeper = Keeper(members, journal, AGES, UTC, drops(journal), stale=None)
    said()
    keeper.tell([(EventType.LMS_LOST, {"reason": "timed_out"}), (EventType.LMS_FOUND, {})], at(1))
    assert [type for type, _ in said()] == [EventType.LMS_LOST, EventType.LMS_FOUND]
