"""Cards that nobody knows, remembered for a moment."""

from __future__ import annotations

from controller.membership.live.strangers import REMEMBERED, Strangers


def test_one_is_remembered_until_its_time_is_over() -> None:
    strangers = Strangers(60)
    strangers.add(b"a", 100)
    assert [strangers.has(b"a", now) for now in (100, 159, 160)] == [True, True, False]
    assert not strangers.has(b"b", 100)


def test_one_that_became_a_member_is_forgotten_at_once() -> None:
    strangers = Strangers(60)
    strangers.add(b"a", 0)
    strangers.remove(b"a")
    strangers.remove(b"never there")
    assert not strangers.has(b"a", 1)


def test_a_crowd_of_them_does_not_grow_for_ever() -> None:
    strangers = Strangers(60)
    for number in range(3 * REMEMBERED):
        strangers.add(number.to_bytes(4), 0)
    remembered = sum(strangers.has(number.to_bytes(4), 1) for number in range(3 * REMEMBERED))
    assert remembered == REMEMBERED
    assert strangers.has((3 * REMEMBERED - 1).to_bytes(4), 1)


def test_what_is_over_is_not_kept() -> None:
    strangers = Strangers(60)
    for now, name in enumerate((b"a", b"b", b"c")):
        strangers.add(name, 100 * now)
    assert len(strangers._until_us) == 1


def test_nobody_is_remembered_for_no_time() -> None:
    strangers = Strangers(0)
    strangers.add(b"a", 0)
    assert not strangers.has(b"a", 0)
