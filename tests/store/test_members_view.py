from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from controller.core.membership import Listed, Listing
from controller.store.live_answers import LiveAnswers
from controller.store.members import Members
from controller.store.members_import import NewPins
from controller.store.members_owner import MembersOwner
from controller.store.members_view import Counts, Live, MembersView, Pins, Told
from simulator.members import valid_membership

HOUR_US = 3_600_000_000
NOW_US = 1_795_219_200_000_000
KEY_ID, PIN_KEY_ID = "0123abcd", "89abcdef"
ADULT = valid_membership(date(2026, 11, 23))
NOBODY = {Listing.BLOCKED: 0, Listing.ALLOWED: 0}


def ref(n: int) -> bytes:
    return sha256(str(n).encode()).digest()


def ago(hours: float) -> int:
    return NOW_US - round(hours * HOUR_US)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "membership" / "members.db"


@pytest.fixture
def owner(path: Path) -> Iterator[MembersOwner]:
    with closing(MembersOwner.open(path)) as opened:
        yield opened


@pytest.fixture
def live(owner: MembersOwner) -> LiveAnswers:
    return owner.live_answers()


@pytest.fixture
def view(path: Path) -> Iterator[MembersView]:
    with closing(MembersView(path)) as opened:
        yield opened


def test_before_anything_was_kept(view: MembersView, path: Path) -> None:
    nothing = Counts(None, {}, Live(), NOBODY, Pins())
    assert view.counts(NOW_US) == nothing
    assert view.told_live(ref(1)) is None
    MembersOwner.open(path).close()
    assert view.counts(NOW_US) == nothing
    assert view.told_live(ref(1)) is None


def test_categories_are_those_that_the_door_would_find(
    owner: MembersOwner, live: LiveAnswers, view: MembersView, path: Path
) -> None:
    categories = ["adult", "adult", "adult", "pupil", "cleaner"]
    rows = [(n, ref(n), replace(ADULT, category=name)) for n, name in enumerate(categories)]
    owner.import_set(rows, as_of_us=ago(2), key_id=KEY_ID)
    for n, hours, category in (
        (0, 1, "pupil"),
        (1, 3, "older"),
        (7, 1, "new"),
        (8, 3, "older"),
        (2, 2, "tie"),
    ):
        live.keep(ref(n), replace(ADULT, category=category, as_of_us=ago(hours)), KEY_ID)
    live.evict(ref(4), ago(1))
    live.evict(ref(3), ago(3))
    counts = view.counts(NOW_US).categories
    assert counts == {"adult": 1, "new": 1, "pupil": 2, "tie": 1}
    found: dict[str, int] = {}
    with closing(Members(path)) as members:
        for n in range(10):
            if (membership := members.find(ref(n)).membership) is not None:
                found[membership.category] = found.get(membership.category, 0) + 1
    assert counts == found


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0, Live(under_an_hour=1)),
        (0.999, Live(under_an_hour=1)),
        (1, Live(under_a_day=1)),
        (23.999, Live(under_a_day=1)),
        (24, Live(older=1)),
    ],
)
def test_answers_are_counted_by_age(
    live: LiveAnswers, view: MembersView, hours: float, expected: Live
) -> None:
    live.keep(ref(1), replace(ADULT, as_of_us=ago(hours)), KEY_ID)
    assert view.counts(NOW_US).live == expected
    assert expected.memberships == 1
    live.evict(ref(1), ago(0))
    assert view.counts(NOW_US).live == Live(gone=1)


def test_an_answer_that_a_newer_set_superseded_is_not_counted(
    owner: MembersOwner, live: LiveAnswers, view: MembersView
) -> None:
    live.keep(ref(1), replace(ADULT, as_of_us=ago(2)), KEY_ID)
    live.keep(ref(2), replace(ADULT, as_of_us=ago(1)), KEY_ID)
    live.evict(ref(2), ago(1))
    assert view.told_live(ref(1)) == Told(known=True, as_of_us=ago(2))
    assert view.told_live(ref(2)) == Told(known=False, as_of_us=ago(1))
    assert view.told_live(ref(3)) is None
    owner.import_set([], as_of_us=ago(1), key_id=KEY_ID)
    assert view.told_live(ref(1)) is None
    assert view.counts(NOW_US).live == Live(gone=1)


def test_lists_and_pins_are_counted(owner: MembersOwner, live: LiveAnswers, view: MembersView) -> None:
    owner.put_on_list(ref(1), Listed(Listing.BLOCKED, None), date(2026, 11, 23))
    for n in (2, 3):
        owner.put_on_list(ref(n), Listed(Listing.ALLOWED, date(2026, 11, 24)), date(2026, 11, 23))
    live.keep_pin(ref(9), "$argon2id$any", PIN_KEY_ID, ago(1))
    assert view.counts(NOW_US).lists == {Listing.BLOCKED: 1, Listing.ALLOWED: 2}
    assert view.counts(NOW_US).pins == Pins(0, None, 1)
    rows = [(n, ref(n), ADULT) for n in range(5)]
    pins = NewPins(PIN_KEY_ID, [(ref(n), "$argon2id$any") for n in range(3)])
    first = owner.import_set(rows, as_of_us=ago(3), key_id=KEY_ID, pins=pins)
    kept = NewPins(PIN_KEY_ID, [], keep=lambda: True)
    owner.merge_set([(2, ref(0), None)], base=first, as_of_us=ago(2), pins=kept)
    assert view.counts(NOW_US).pins == Pins(2, ago(3), 1)
