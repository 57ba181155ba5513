from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from controller.core.membership import Membership, Status
from controller.store.members import Members, MembershipSet
from controller.store.members_import import BaseChanged, Change, DuplicateMember, NewPins
from controller.store.members_owner import MembersOwner
from controller.store.pins import StoredPins
from simulator.members import valid_membership

ADULT = valid_membership(date(2026, 11, 23))
PUPIL = replace(ADULT, category="pupil")
AS_OF_US = 1_795_219_200_000_000
KEY_ID, PIN_KEY_ID = "0123abcd", "89abcdef"


def ref(n: int) -> bytes:
    return sha256(str(n).encode()).digest()


def hashed(n: int, key_id: str = PIN_KEY_ID, *, keep: bool = False, to: str = "") -> NewPins:
    verifiers = [(ref(i), f"$argon2id$v=19${i}{to}") for i in range(n)]
    return NewPins(key_id, verifiers, lambda: keep)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "membership" / "members.db"


@pytest.fixture
def owner(path: Path) -> Iterator[MembersOwner]:
    opened = MembersOwner.open(path)
    yield opened
    opened.close()


def base(owner: MembersOwner, count: int, pins: NewPins | None = None) -> MembershipSet:
    rows = ((line, ref(line), ADULT) for line in range(count))
    return owner.import_set(rows, as_of_us=AS_OF_US, key_id=KEY_ID, pins=pins)


def merged(owner: MembersOwner, changes: list[Change], pins: NewPins | None = None) -> MembershipSet:
    current = owner.current_set()
    assert current is not None
    return owner.merge_set(changes, base=current, as_of_us=current.as_of_us + 1, pins=pins)


def found(path: Path, numbers: range) -> dict[int, Membership]:
    members = Members(path)
    try:
        known = {n: members.find(ref(n)).membership for n in numbers}
    finally:
        members.close()
    return {n: membership for n, membership in known.items() if membership is not None}


def test_changes_are_put_added_and_removed(owner: MembersOwner, path: Path) -> None:
    base(owner, 5)
    changes: list[Change] = [(2, ref(1), PUPIL), (3, ref(7), PUPIL), (4, ref(3), None), (5, ref(99), None)]
    new = merged(owner, changes)
    assert new == owner.current_set() == MembershipSet(new.id, AS_OF_US + 1, 5, KEY_ID)
    known = found(path, range(100))
    assert {n: membership.category for n, membership in known.items()} == {
        0: "adult",
        1: "pupil",
        2: "adult",
        4: "adult",
        7: "pupil",
    }
    assert {membership.as_of_us for membership in known.values()} == {AS_OF_US + 1}


def test_any_changes_give_what_a_dictionary_would(
    owner: MembersOwner, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.store.members_import.FILL_BATCH", 7)
    draw = Random(4)
    base(owner, 40)
    expected = dict.fromkeys(range(40), "adult")
    for turn in range(6):
        changes: list[Change] = []
        for line, n in enumerate(draw.sample(range(60), draw.choice((0, 1, 20, 60)))):
            if draw.randrange(3):
                changes.append((line, ref(n), replace(ADULT, category=f"turn {turn}")))
                expected[n] = f"turn {turn}"
            else:
                changes.append((line, ref(n), None))
                expected.pop(n, None)
        assert merged(owner, changes).count == len(expected)
        assert {n: m.category for n, m in found(path, range(60)).items()} == expected


def test_a_card_that_changes_twice_refuses_them_all(owner: MembersOwner, path: Path) -> None:
    before = base(owner, 3)
    with pytest.raises(DuplicateMember) as caught:
        merged(owner, [(2, ref(1), None), (9, ref(1), PUPIL)])
    assert (caught.value.first_line, caught.value.second_line) == (2, 9)
    assert owner.current_set() == before
    assert len(found(path, range(9))) == 3


def test_changes_are_to_the_set_that_counts(owner: MembersOwner) -> None:
    before = base(owner, 3)
    now = merged(owner, [])
    with pytest.raises(BaseChanged):
        owner.merge_set([], base=before, as_of_us=AS_OF_US + 2)
    assert owner.current_set() == now


def test_a_check_that_fails_leaves_the_old_set(owner: MembersOwner) -> None:
    before = base(owner, 3)

    def check(current: MembershipSet | None, count: int) -> None:
        assert current == before
        raise ValueError(count)

    with pytest.raises(ValueError, match="1"):
        owner.merge_set([(2, ref(1), None), (3, ref(2), None)], base=before, as_of_us=2, check=check)
    with pytest.raises(ValueError, match="1"):
        owner.import_set([(2, ref(1), ADULT)], as_of_us=2, key_id=KEY_ID, check=check)
    assert owner.current_set() == before


def verifier(path: Path, n: int) -> str | None:
    stored = StoredPins(path)
    try:
        pin = stored.find(ref(n))
        return None if pin is None else pin.verifier
    finally:
        stored.close()


def test_pins_of_members_who_are_not_touched_stay(owner: MembersOwner, path: Path) -> None:
    base(owner, 5, hashed(4))
    changes: list[Change] = [(2, ref(0), PUPIL), (3, ref(1), PUPIL), (4, ref(2), None)]
    merged(owner, changes, hashed(1, to="new"))
    assert [verifier(path, n) for n in range(5)] == [
        "$argon2id$v=19$0new",
        None,
        None,
        "$argon2id$v=19$3",
        None,
    ]


def test_changes_that_tell_of_no_pins_leave_them(owner: MembersOwner, path: Path) -> None:
    base(owner, 3, hashed(3))
    merged(owner, [(2, ref(0), PUPIL), (3, ref(2), None)], hashed(0, keep=True))
    assert [verifier(path, n) for n in range(3)] == ["$argon2id$v=19$0", "$argon2id$v=19$1", None]


def test_pins_grow_old_while_changes_tell_of_none(owner: MembersOwner, path: Path) -> None:
    def as_of_us() -> int | None:
        with closing(StoredPins(path)) as stored:
            pin = stored.find(ref(0))
            return None if pin is None else pin.as_of_us

    first = base(owner, 3, hashed(3))
    second = owner.merge_set([], base=first, as_of_us=AS_OF_US + 1, pins=hashed(0, keep=True))
    third = owner.merge_set([], base=second, as_of_us=AS_OF_US + 2, pins=hashed(0, keep=True))
    assert as_of_us() == AS_OF_US
    owner.merge_set([], base=third, as_of_us=AS_OF_US + 3, pins=hashed(0))
    assert as_of_us() == AS_OF_US + 3


def test_pins_go_where_the_branch_keeps_none(owner: MembersOwner, path: Path) -> None:
    base(owner, 3, hashed(3))
    merged(owner, [])
    assert verifier(path, 0) is None


def test_pins_under_another_key_are_not_mixed(owner: MembersOwner) -> None:
    before = base(owner, 3, hashed(3))
    with pytest.raises(BaseChanged, match="pin-key"):
        merged(owner, [], hashed(0, "00000000"))
    assert owner.current_set() == before


SUSPENDED = replace(ADULT, status=Status.SUSPENDED)
EXPIRED = replace(ADULT, expires=date(2026, 1, 1))


def told_live(owner: MembersOwner, said: Membership | None, as_of_us: int = AS_OF_US + 5) -> None:
    answers = owner.live_answers()
    if said is None:
        answers.evict(ref(1), as_of_us)
    else:
        answers.keep(ref(1), replace(said, as_of_us=as_of_us), KEY_ID)


@pytest.mark.parametrize("said", [None, SUSPENDED, EXPIRED], ids=["gone", "suspended", "expired"])
def test_changes_that_say_nothing_of_a_card_do_not_end_its_refusal(
    owner: MembersOwner, path: Path, said: Membership | None
) -> None:
    """Many exports of what has changed leave out who was deleted, or blocked for what is owed."""
    first = base(owner, 3)
    told_live(owner, said)
    second = owner.merge_set([(2, ref(2), PUPIL)], base=first, as_of_us=AS_OF_US + 10)
    owner.merge_set([(2, ref(0), None)], base=second, as_of_us=AS_OF_US + 20)
    known = found(path, range(3)).get(1)
    assert known == (None if said is None else replace(said, as_of_us=AS_OF_US + 20))


def test_changes_of_the_card_end_it_and_so_does_a_whole_set(owner: MembersOwner, path: Path) -> None:
    first = base(owner, 3)
    told_live(owner, SUSPENDED)
    second = owner.merge_set([(2, ref(1), PUPIL)], base=first, as_of_us=AS_OF_US + 10)
    assert found(path, range(3))[1].category == "pupil"
    told_live(owner, None, AS_OF_US + 15)
    owner.import_set([(2, ref(1), ADULT)], as_of_us=AS_OF_US + 20, key_id=KEY_ID)
    assert found(path, range(3))[1].category == "adult"
    assert second.as_of_us == AS_OF_US + 10


def test_a_refusal_that_had_ended_already_does_not_come_back(owner: MembersOwner, path: Path) -> None:
    told_live(owner, SUSPENDED, AS_OF_US - 5)
    first = base(owner, 3)
    owner.merge_set([], base=first, as_of_us=AS_OF_US + 10)
    assert found(path, range(3))[1].status is Status.ACTIVE


def test_a_yes_is_as_old_as_it_was(owner: MembersOwner, path: Path) -> None:
    rows = ((line, ref(line), SUSPENDED) for line in range(3))
    first = owner.import_set(rows, as_of_us=AS_OF_US, key_id=KEY_ID)
    told_live(owner, ADULT)
    owner.merge_set([], base=first, as_of_us=AS_OF_US + 10)
    assert found(path, range(3))[1].status is Status.SUSPENDED
