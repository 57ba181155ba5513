"""What counts of a set and a live answer in whatever order they came, and what is left on the disk."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from controller.core.membership import Listed, Listing, Membership, Status
from controller.store.engine import DatabaseUnusable
from controller.store.live_answers import NOT_YET_US, LiveAnswers
from controller.store.members import Found, Members
from controller.store.members_import import NewPins
from controller.store.members_owner import MembersOwner
from controller.store.pins import StoredPin, StoredPins
from simulator.members import valid_membership

HOUR_US = 3_600_000_000
AS_OF_US = 1_795_219_200_000_000
KEY_ID, PIN_KEY_ID, LIVE_PIN_KEY_ID = "0123abcd", "89abcdef", "76543210"
ADULT = valid_membership(date(2026, 11, 23))
SUSPENDED = Membership(
    Status.SUSPENDED, None, None, date(2026, 5, 6), date(2026, 12, 1), "pupil", date(2030, 7, 8), True, 0
)
MAX_AGES = {"max_age_us": 168 * HOUR_US, "pin_max_age_us": 72 * HOUR_US}
IMPORTED, VERIFIED = "$argon2id$imported", "$argon2id$verified"


def ref(n: int) -> bytes:
    return sha256(str(n).encode()).digest()


MEMBER, OTHER, STRANGER = ref(1), ref(2), ref(9)


def at(hour: float) -> int:
    return AS_OF_US + round(hour * HOUR_US)


def as_of(membership: Membership, hour: float) -> Membership:
    return replace(membership, as_of_us=at(hour))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "membership" / "members.db"


@pytest.fixture
def live(path: Path) -> Iterator[LiveAnswers]:
    with closing(LiveAnswers.open(path)) as opened:
        yield opened


@pytest.fixture
def owner(path: Path, live: LiveAnswers) -> Iterator[MembersOwner]:
    with closing(MembersOwner.open(path)) as opened:
        yield opened


@pytest.fixture
def members(path: Path) -> Iterator[Members]:
    with closing(Members(path)) as opened:
        yield opened


@pytest.fixture
def pins(path: Path) -> Iterator[StoredPins]:
    with closing(StoredPins(path)) as opened:
        yield opened


def import_set(owner: MembersOwner, hour: float, *refs: bytes, pins_of: tuple[bytes, ...] = ()) -> None:
    new = NewPins(PIN_KEY_ID, [(member_ref, IMPORTED) for member_ref in pins_of]) if pins_of else None
    rows = [(line, member_ref, ADULT) for line, member_ref in enumerate(refs, start=2)]
    owner.import_set(rows, as_of_us=at(hour), key_id=KEY_ID, pins=new)


def rows_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(count)


def on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


# --- which counts ---


def test_an_answer_is_found_as_it_was_without_any_import(live: LiveAnswers, members: Members) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    live.keep(OTHER, as_of(SUSPENDED, 1), KEY_ID)
    assert members.find(MEMBER) == Found(as_of(ADULT, 0), None)
    assert members.find(OTHER) == Found(as_of(SUSPENDED, 1), None)
    assert members.find(STRANGER) == Found(None, None)


@pytest.mark.parametrize(("hour", "newer"), [(-0.001, False), (0, True), (1, True)])
@pytest.mark.parametrize("imported_first", [True, False])
def test_the_newer_of_set_and_answer_counts_whichever_was_written_first(
    live: LiveAnswers, owner: MembersOwner, members: Members, hour: float, newer: bool, imported_first: bool
) -> None:
    if imported_first:
        import_set(owner, 0, MEMBER)
    live.keep(MEMBER, as_of(SUSPENDED, hour), KEY_ID)
    if not imported_first:
        import_set(owner, 0, MEMBER)
    expected = as_of(SUSPENDED, hour) if newer else as_of(ADULT, 0)
    assert members.find(MEMBER) == Found(expected, None)


def test_a_newer_set_without_the_card_ends_the_membership(
    live: LiveAnswers, owner: MembersOwner, members: Members
) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    import_set(owner, 1, OTHER)
    assert members.find(MEMBER).membership is None


def test_the_last_answer_counts(live: LiveAnswers, members: Members, path: Path) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    live.keep(MEMBER, as_of(SUSPENDED, 1), KEY_ID)
    assert members.find(MEMBER).membership == as_of(SUSPENDED, 1)
    live.evict(MEMBER, at(2))
    assert members.find(MEMBER).membership is None
    live.keep(MEMBER, as_of(ADULT, 3), KEY_ID)
    assert members.find(MEMBER).membership == as_of(ADULT, 3)
    assert rows_of(path, "live_answer") == 1


def test_an_evicted_card_stays_out_until_a_newer_set_has_it(
    live: LiveAnswers, owner: MembersOwner, members: Members
) -> None:
    import_set(owner, 0, MEMBER, OTHER)
    assert live.evict(MEMBER, at(2))
    assert members.find(MEMBER).membership is None
    assert members.find(OTHER).membership == as_of(ADULT, 0)
    import_set(owner, 1, MEMBER)  # made before the system said that it has no such card
    assert members.find(MEMBER).membership is None
    import_set(owner, 3, MEMBER)
    assert members.find(MEMBER).membership == as_of(ADULT, 3)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_comes_in_whatever_order_the_newest_counts(
    live: LiveAnswers, owner: MembersOwner, members: Members, seed: int
) -> None:
    """Against a model in plain dictionaries. Tidying never changes what is found."""
    draw, refs = Random(seed), [ref(n) for n in range(6)]
    set_hour, in_set = -1, frozenset[bytes]()
    said: dict[bytes, tuple[int, Membership | None]] = {}
    for turn in range(80):
        hour, card = draw.randrange(100), draw.choice(refs)
        match draw.randrange(8):
            case 0:
                set_hour, in_set = hour, frozenset(draw.sample(refs, 3))
                import_set(owner, hour, *in_set)
            case 1 | 2:
                if live.evict(card, at(hour)):
                    said[card] = hour, None
                else:
                    assert card not in in_set
                    assert card not in said or said[card][1] is None
            case 3:
                while live.tidy(at(100), **MAX_AGES, batch=draw.choice((1, 100))):
                    pass
                said = {each: answer for each, answer in said.items() if answer[0] >= set_hour}
            case _:
                told = as_of(draw.choice((ADULT, SUSPENDED)), hour)
                live.keep(card, told, KEY_ID)
                said[card] = hour, told
        for each in refs:
            expected = as_of(ADULT, set_hour) if each in in_set else None
            if each in said and said[each][0] >= set_hour:
                expected = said[each][1]
            assert members.find(each) == Found(expected, None), turn


def test_a_list_of_the_branch_counts_beside_an_answer(
    live: LiveAnswers, owner: MembersOwner, members: Members
) -> None:
    blocked = Listed(Listing.BLOCKED, None)
    owner.put_on_list(MEMBER, blocked, date(2026, 11, 23))
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    assert members.find(MEMBER) == Found(as_of(ADULT, 0), blocked)
    live.evict(MEMBER, at(1))
    assert members.find(MEMBER) == Found(None, blocked)


def test_an_answer_that_makes_no_sense_is_none(live: LiveAnswers, members: Members, path: Path) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("UPDATE live_answer SET expires = '2027-19-39'")
    with pytest.raises(DatabaseUnusable, match="makes no sense"):
        members.find(MEMBER)


@pytest.mark.parametrize(
    "column",
    [
        "status = NULL",
        "expires = NULL",
        "category = NULL",
        "guardian = NULL",
        "known = 0",
        "known = 2",
        "key_id = ''",
    ],
)
def test_half_an_answer_cannot_be_kept(live: LiveAnswers, path: Path, column: str) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as somebody,
        pytest.raises(sqlite3.IntegrityError),
    ):
        somebody.execute(f"UPDATE live_answer SET {column}")


# --- strangers ---


def test_nothing_is_written_about_a_stranger(
    live: LiveAnswers, owner: MembersOwner, members: Members, path: Path
) -> None:
    import_set(owner, 0, MEMBER)
    owner.checkpoint()
    before = on_disk(path)
    assert not live.evict(STRANGER, at(1))
    assert on_disk(path) == before
    assert STRANGER not in before
    assert members.find(STRANGER) == Found(None, None)


def test_a_card_that_was_evicted_is_a_stranger_s_once_nothing_else_is_kept_of_it(
    live: LiveAnswers, path: Path
) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    assert live.evict(MEMBER, at(1))
    assert not live.evict(MEMBER, at(100)), "it would be kept for as long as somebody swipes it"
    assert live.tidy(at(170), **MAX_AGES) == 1
    assert rows_of(path, "live_answer") == 0


def test_a_card_of_the_set_is_evicted_again_however_often(
    live: LiveAnswers, owner: MembersOwner, members: Members
) -> None:
    import_set(owner, 0, MEMBER)
    assert live.evict(MEMBER, at(1))
    assert live.evict(MEMBER, at(3))
    import_set(owner, 2, MEMBER)
    assert members.find(MEMBER).membership is None


# --- PINs ---


def test_the_newer_of_an_imported_and_a_verified_pin_counts_with_its_own_time_and_key(
    live: LiveAnswers, owner: MembersOwner, pins: StoredPins
) -> None:
    imported = StoredPin(PIN_KEY_ID, at(0), IMPORTED)
    assert pins.find(MEMBER) is None
    live.keep_pin(MEMBER, VERIFIED, LIVE_PIN_KEY_ID, at(-1))
    assert pins.find(MEMBER) == StoredPin(LIVE_PIN_KEY_ID, at(-1), VERIFIED)
    assert pins.find(OTHER) is None
    import_set(owner, 0, MEMBER, OTHER)
    assert pins.find(MEMBER) == StoredPin(LIVE_PIN_KEY_ID, at(-1), VERIFIED)
    import_set(owner, 0, MEMBER, OTHER, pins_of=(MEMBER,))
    assert pins.find(MEMBER) == imported
    assert pins.find(OTHER) == StoredPin(PIN_KEY_ID, at(0), None)
    for hour in (0, 1):
        live.keep_pin(MEMBER, VERIFIED, LIVE_PIN_KEY_ID, at(hour))
        assert pins.find(MEMBER) == StoredPin(LIVE_PIN_KEY_ID, at(hour), VERIFIED)
    live.keep_pin(OTHER, VERIFIED, LIVE_PIN_KEY_ID, at(-1))
    assert pins.find(OTHER) == StoredPin(LIVE_PIN_KEY_ID, at(-1), VERIFIED)


def test_a_pin_that_is_wrong_now_is_dropped_wherever_it_came_from(
    live: LiveAnswers, owner: MembersOwner, pins: StoredPins
) -> None:
    import_set(owner, 0, MEMBER, OTHER, pins_of=(MEMBER, OTHER))
    live.keep_pin(MEMBER, VERIFIED, PIN_KEY_ID, at(1))
    assert live.drop_pin(MEMBER)
    assert not live.drop_pin(MEMBER)
    assert pins.find(MEMBER) == StoredPin(PIN_KEY_ID, at(0), None)
    assert pins.find(OTHER) == StoredPin(PIN_KEY_ID, at(0), IMPORTED)


def test_the_pin_goes_with_the_member(live: LiveAnswers, path: Path) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    live.keep_pin(MEMBER, VERIFIED, PIN_KEY_ID, at(0))
    live.evict(MEMBER, at(1))
    assert rows_of(path, "live_pin") == 0


# --- tidying ---


def test_answers_older_than_the_set_are_dropped_in_small_batches(
    live: LiveAnswers, owner: MembersOwner, members: Members, path: Path
) -> None:
    for n in range(25):
        live.keep(ref(n), as_of(ADULT, 0), KEY_ID)
    import_set(owner, 1, *map(ref, range(20)))
    live.keep(ref(7), as_of(SUSPENDED, 1), KEY_ID)
    before = [members.find(ref(n)) for n in range(25)]
    dropped = []
    while batch := live.tidy(at(2), **MAX_AGES, batch=10):
        dropped.append(batch)
    assert dropped == [10, 10, 4]
    assert rows_of(path, "live_answer") == 1
    assert [members.find(ref(n)) for n in range(25)] == before


def test_answers_go_when_they_are_too_old_unless_something_older_would_count_again(
    live: LiveAnswers, owner: MembersOwner, members: Members, path: Path
) -> None:
    import_set(owner, 0, MEMBER, OTHER)
    live.keep(MEMBER, as_of(SUSPENDED, 1), KEY_ID)
    live.evict(OTHER, at(1))
    live.keep(ref(3), as_of(ADULT, 1), KEY_ID)
    assert live.tidy(at(169), **MAX_AGES) == 0
    assert live.tidy(at(169.001), **MAX_AGES) == 1
    assert members.find(ref(3)).membership is None
    assert live.tidy(at(1000), **MAX_AGES) == 0
    assert members.find(MEMBER).membership == as_of(SUSPENDED, 1)
    assert members.find(OTHER).membership is None


def test_what_a_wrong_clock_kept_is_dropped(live: LiveAnswers, path: Path) -> None:
    live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
    live.keep_pin(MEMBER, VERIFIED, PIN_KEY_ID, at(0))
    assert live.tidy(at(0) - NOT_YET_US, **MAX_AGES) == 0
    assert live.tidy(at(0) - NOT_YET_US - 1, **MAX_AGES) == 2


def test_pins_that_count_no_more_are_dropped(
    live: LiveAnswers, owner: MembersOwner, pins: StoredPins, path: Path
) -> None:
    answered, imported, with_older_pin, with_newer_pin, gone = map(ref, range(5))
    import_set(owner, 2, imported, with_older_pin, with_newer_pin, pins_of=(with_older_pin, with_newer_pin))
    live.keep(answered, as_of(ADULT, 2), KEY_ID)
    for member_ref in (answered, imported, with_newer_pin, gone):
        live.keep_pin(member_ref, VERIFIED, PIN_KEY_ID, at(2))
    live.keep_pin(with_older_pin, VERIFIED, PIN_KEY_ID, at(1))
    assert live.tidy(at(74), **MAX_AGES, batch=1) == 1
    assert live.tidy(at(74), **MAX_AGES) == 1
    assert live.tidy(at(74), **MAX_AGES) == 0
    found = [pins.find(member_ref) for member_ref in (answered, imported, with_newer_pin)]
    assert found == [StoredPin(PIN_KEY_ID, at(2), VERIFIED)] * 3
    assert pins.find(with_older_pin) == StoredPin(PIN_KEY_ID, at(2), IMPORTED)
    assert live.tidy(at(74.001), **MAX_AGES) == 3
    assert rows_of(path, "live_pin") == 0


def test_changes_that_tell_of_no_pins_make_no_imported_pin_newer(
    live: LiveAnswers, owner: MembersOwner, pins: StoredPins
) -> None:
    import_set(owner, 0, MEMBER, pins_of=(MEMBER,))
    live.keep_pin(MEMBER, VERIFIED, PIN_KEY_ID, at(1))
    first = owner.current_set()
    assert first is not None
    owner.merge_set([], base=first, as_of_us=at(2), pins=NewPins(PIN_KEY_ID, [], keep=lambda: True))
    assert live.tidy(at(2), **MAX_AGES) == 0
    assert pins.find(MEMBER) == StoredPin(PIN_KEY_ID, at(1), VERIFIED)


def test_a_pin_of_whoever_was_evicted_meanwhile_is_dropped(
    live: LiveAnswers, owner: MembersOwner, path: Path
) -> None:
    import_set(owner, 0, MEMBER)
    live.evict(MEMBER, at(1))
    live.keep_pin(MEMBER, VERIFIED, PIN_KEY_ID, at(1))
    assert live.tidy(at(1), **MAX_AGES) == 1
    assert rows_of(path, "live_pin") == 0


def test_what_was_dropped_is_gone_from_the_disk_after_a_checkpoint(
    live: LiveAnswers, owner: MembersOwner, path: Path
) -> None:
    live.keep(MEMBER, as_of(replace(ADULT, category="zebra"), 0), KEY_ID)
    live.keep_pin(MEMBER, VERIFIED, PIN_KEY_ID, at(0))
    assert owner.checkpoint()
    assert b"zebra" in on_disk(path)
    while live.tidy(at(200), **MAX_AGES):
        pass
    assert owner.checkpoint()
    for trace in (b"zebra", MEMBER, VERIFIED.encode()):
        assert trace not in on_disk(path)


# --- beside an import ---


def test_answers_are_kept_while_a_set_is_filled(
    live: LiveAnswers, owner: MembersOwner, members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.store.members_import.FILL_BATCH", 10)
    hour = iter(range(100))

    def meanwhile(_filled: int) -> None:
        live.keep(MEMBER, as_of(SUSPENDED, next(hour)), KEY_ID)

    rows = [(line, ref(line), ADULT) for line in range(30)]
    owner.import_set(rows, as_of_us=at(0.5), key_id=KEY_ID, progress=meanwhile)
    assert members.find(MEMBER).membership == as_of(SUSPENDED, 2)


def test_a_write_waits_for_another_writer_and_gives_up_after_a_while(
    live: LiveAnswers, members: Members, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnusable, match="locked"):
            live.keep(MEMBER, as_of(ADULT, 0), KEY_ID)
        later = threading.Timer(0.2, somebody.execute, ["COMMIT"])
        later.start()
        live.keep(MEMBER, as_of(ADULT, 1), KEY_ID)
        later.join()
    assert members.find(MEMBER).membership == as_of(ADULT, 1)
