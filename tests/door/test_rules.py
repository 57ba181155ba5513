"""The rules about who is let in, as the door lives them: lists, own hours, companions, lock-outs, leaving."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from controller.core.membership import Listed, Listing

TODAY = date(2026, 11, 23)
GRANTED = ("journal", "access.granted", "unstaffed")


def refused(reason: str) -> tuple[str, str, str]:
    return ("journal", "access.refused", reason)


def journalled(door) -> list[tuple[str, ...]]:
    """What was decided and locked out, without what the door then did."""
    return [entry for entry in door.happened_of("journal") if entry[1].startswith(("access", "lockout"))]


# --- the lists of the branch ----------------------------------------------------------------------


def test_a_blocked_card_is_refused_and_sealed_like_every_known_one(door) -> None:
    door.members.listed[door.cards.valid] = Listed(Listing.BLOCKED, None)
    door.swipe(door.cards.valid)
    assert door.happened == [refused("blocked"), ("display", "refused")]
    assert door.writer.sealed[-1] == {"card": door.cards.valid.encode()}


def test_an_allowed_stranger_comes_in_and_is_kept_sealed(door) -> None:
    door.members.listed[door.cards.stranger] = Listed(Listing.ALLOWED, TODAY)
    door.swipe(door.cards.stranger)
    assert journalled(door) == [GRANTED]
    assert {"card": door.cards.stranger.encode()} in door.writer.sealed


# --- categories -----------------------------------------------------------------------------------

CLEANERS = {"categories": {"cleaner": {"hours": {"mon": ["05:00-07:00"]}}}}


@pytest.mark.parametrize(
    ("hour", "cleaner", "member"),
    [
        (6, ("journal", "access.granted", "closed"), refused("closed_hours")),
        (9, refused("closed_hours"), GRANTED),
        (22, refused("closed_hours"), refused("closed_hours")),
    ],
)
def test_a_category_with_hours_of_its_own_goes_by_those(make_door, hour: int, cleaner, member) -> None:
    door = make_door(hour=hour, branch=CLEANERS).begin().forget()
    number = "25891000331490"
    door.members.memberships[number] = replace(door.members.memberships[door.cards.valid], category="cleaner")
    door.swipe(number)
    door.swipe(door.cards.valid)
    assert journalled(door) == [cleaner, member]


# --- companions -----------------------------------------------------------------------------------

MINIMUM_AGE = {"access": {"minimum_age": True, "companions": True, "companion_s": 20}}
CHILD, GUARDIAN = "25891000331508", "25891000331516"


@pytest.fixture
def family(make_door):
    door = make_door(branch=MINIMUM_AGE).begin().forget()
    valid = door.members.memberships[door.cards.valid]
    door.members.memberships[CHILD] = replace(valid, adult_on=TODAY + timedelta(days=1000))
    door.members.memberships[GUARDIAN] = replace(valid, guardian=True)
    return door


def test_a_child_comes_in_behind_a_guardian_and_not_alone_or_later(family) -> None:
    family.swipe(CHILD)
    family.advance(3)
    family.swipe(GUARDIAN)
    family.advance(3)
    family.swipe(CHILD)
    family.advance(20)
    family.swipe(CHILD)
    assert journalled(family) == [refused("under_age"), GRANTED, GRANTED, refused("under_age")]


def test_only_a_guardian_vouches(family) -> None:
    family.swipe(family.cards.valid)
    family.advance(3)
    family.swipe(CHILD)
    assert journalled(family) == [GRANTED, refused("under_age")]


def test_a_guardian_who_is_a_child_vouches_for_nobody(family) -> None:
    family.members.memberships[family.cards.valid] = replace(family.members.memberships[CHILD], guardian=True)
    family.swipe(GUARDIAN)
    family.advance(15)
    family.swipe(family.cards.valid)
    family.advance(15)
    family.swipe(CHILD)
    assert journalled(family) == [GRANTED, GRANTED, refused("under_age")]


def test_without_companions_a_guardian_makes_no_difference(make_door, family) -> None:
    door = make_door(branch={"access": {"minimum_age": True}}).begin().forget()
    door.members.memberships |= family.members.memberships
    door.swipe(GUARDIAN)
    door.advance(3)
    door.swipe(CHILD)
    assert journalled(door) == [GRANTED, refused("under_age")]


def test_a_guardian_who_leaves_vouches_for_nobody(make_door, family) -> None:
    readers = [{"port": "/dev/null"}, {"id": "out", "side": "out", "port": "/dev/zero"}]
    door = make_door(readers=readers, branch=MINIMUM_AGE).begin().forget()
    door.members.memberships |= family.members.memberships
    door.swipe(GUARDIAN, reader="out")
    door.advance(3)
    door.swipe(CHILD)
    assert journalled(door) == [GRANTED, refused("under_age")]


def test_a_guardian_whom_the_journal_kept_out_vouches_for_nobody(family) -> None:
    family.writer.broken = True
    family.swipe(GUARDIAN)
    family.writer.mend()
    family.advance(3)
    family.swipe(CHILD)
    assert journalled(family)[-1] == refused("under_age")


# --- lock-outs ------------------------------------------------------------------------------------

LOCKOUT = {"lockout": {"reader_failures": 3, "reader_window_s": 60, "reader_s": 30}}


def strangers(door, count: int) -> None:
    for number in range(count):
        door.swipe(f"{25891000339000 + number}")
        door.advance(1)


def test_a_reader_at_which_cards_are_tried_is_silent_for_a_while_to_everybody(make_door) -> None:
    door = make_door(branch=LOCKOUT).begin().forget()
    strangers(door, 3)
    assert journalled(door) == [refused("unknown_card")] * 3 + [("journal", "lockout.started", "reader")]
    door.forget()
    strangers(door, 5)
    door.swipe(door.cards.valid)
    assert journalled(door) == [refused("locked_out")] * 6
    door.forget()
    door.advance(25)
    assert journalled(door) == [("journal", "lockout.ended", "reader")]
    door.swipe(door.cards.valid)
    assert journalled(door)[-1] == GRANTED


def test_a_lock_out_names_its_reader_and_nothing_of_a_card(make_door) -> None:
    door = make_door(branch=LOCKOUT).begin().forget()
    strangers(door, 3)
    (event,) = (event for event in door.writer.events if event.type == "lockout.started")
    assert (event.subject, event.data) == ("front", {"of": "reader", "reader": "in"})
    assert door.writer.sealed[-1] == {}


def test_members_with_something_wrong_do_not_lock_a_reader_out(make_door) -> None:
    door = make_door(branch=LOCKOUT).begin().forget()
    for _ in range(3):
        for card in (door.cards.expired, door.cards.suspended, door.cards.not_enrolled):
            door.swipe(card)
            door.advance(1)
    assert {entry[1] for entry in journalled(door)} == {"access.refused"}


def test_what_cannot_be_read_locks_nobody_out(make_door) -> None:
    door = make_door(branch=LOCKOUT).begin().forget()
    for _ in range(10):
        door.send(b"noise\r")
        door.advance(2)
    assert set(journalled(door)) == {refused("not_read")}


# --- leaving --------------------------------------------------------------------------------------


@pytest.fixture
def two_readers(make_door):
    readers = [{"port": "/dev/null"}, {"id": "out", "side": "out", "port": "/dev/zero"}]
    return lambda **settings: make_door(readers=readers, **settings).begin().forget()


@pytest.mark.parametrize("hour", [9, 12, 22])
@pytest.mark.parametrize("card", ["valid", "expired", "suspended", "not_enrolled", "stale"])
def test_whoever_is_known_is_let_out_at_any_hour(two_readers, hour: int, card: str) -> None:
    door = two_readers(hour=hour)
    door.swipe(getattr(door.cards, card), reader="out")
    assert [entry[1] for entry in journalled(door)] == ["access.granted"]
    assert door.lock.released


def test_a_stranger_is_not_let_out_by_card_and_does_not_lock_the_reader_out(two_readers) -> None:
    door = two_readers(branch=LOCKOUT)
    for _ in range(5):
        door.swipe(door.cards.stranger, reader="out")
        door.advance(3)
    assert journalled(door) == [refused("unknown_card")] * 5


def test_nobody_is_let_out_by_card_in_a_lockdown(two_readers) -> None:
    door = two_readers(lockdown=True)
    door.swipe(door.cards.valid, reader="out")
    assert journalled(door) == [refused("lockdown")]


def test_whoever_is_inside_is_let_out_by_card_while_the_clock_is_not_trusted(two_readers) -> None:
    door = two_readers()
    door.clock.trusted = False
    door.swipe(door.cards.valid, reader="out")
    assert journalled(door) == [("journal", "access.granted", None)]
