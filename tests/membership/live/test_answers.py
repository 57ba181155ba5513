"""What an answer of the system comes to: what the door is told, what is kept, and what is not believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from controller.core.card import CardNumber
from controller.core.event import EventType, Stamp
from controller.core.membership import Membership, Status
from controller.core.pin import Pin
from controller.ipc.look_up import LookedUp
from controller.membership.live.answers import LOST_MEMBERS, Answers
from controller.membership.live.health import Health
from controller.membership.live.merging import merged
from controller.membership.live.surroundings import Surroundings
from controller.membership.lms.source import Answer, Said, Unknown, WrongPin
from controller.store.engine import DatabaseUnusable
from controller.store.members import Found

NOW_US = 1_795_219_200_000_000
TODAY = date(2026, 11, 22)
NEGATIVE_US = 60_000_000
SAID = Said(Status.ACTIVE, date(2027, 3, 31), "adult", date.min, None)
IMPORTED = Membership(
    Status.ACTIVE, date(2026, 1, 1), date(2026, 1, 1), None, date(2026, 11, 1), "adult", None, True, 1
)
NO_SUCH_CARD = LookedUp(None)
PIN = Pin("7391")


def card(number: int) -> CardNumber:
    return CardNumber(f"2589100000{number:04}")


def ref(number: CardNumber) -> bytes:
    return number.reveal().encode().rjust(32)


MEMBER, STRANGER = card(1), card(2)
MEMBERS = [card(number) for number in range(10, 10 + LOST_MEMBERS)]
ONE_MORE, AND_ANOTHER = card(98), card(99)


class Members:
    """What is known here. live: what was said since the import, if that is what counts."""

    def __init__(self) -> None:
        self.set: dict[bytes, Membership] = {}
        self.live: dict[bytes, Membership | None] = {}
        self.readable = True
        self.import_readable = True

    def find(self, member_ref: bytes) -> Found:
        if not self.readable:
            raise DatabaseUnusable("members.db: disk I/O error")
        return Found(self.live.get(member_ref, self.set.get(member_ref)), None)

    def imported(self, member_ref: bytes) -> Membership | None:
        if not (self.readable and self.import_readable):
            raise DatabaseUnusable("members.db: disk I/O error")
        return self.set.get(member_ref)


class Records:
    """What was to be kept, in its order."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    def keep(self, card: CardNumber, membership: Membership) -> None:
        self.done.append(("keep", card, membership))

    def evict(self, card: CardNumber, as_of_us: int) -> None:
        self.done.append(("evict", card, as_of_us))

    def pin_was_right(self, card: CardNumber, pin: Pin, verified_us: int) -> None:
        self.done.append(("right", card, pin, verified_us))

    def pin_was_wrong(self, card: CardNumber, pin: Pin) -> None:
        self.done.append(("wrong", card, pin))


class Rig:
    """What answers are made of, beside fakes and a clock that the test moves."""

    def __init__(self) -> None:
        self.wall_us, self.mono_us, self.trusted = NOW_US, 1_000_000_000, True
        self.members, self.records = Members(), Records()
        self.health = Health(self.mono_us)
        self.answers = Answers(self.members, self.records, self._around(), self.health, NEGATIVE_US)

    def _around(self) -> Surroundings:
        return Surroundings(
            lambda: Stamp(self.wall_us, self.mono_us, "boot", self.trusted),
            lambda: self.mono_us,
            lambda: TODAY,
            ref,
        )

    def later(self, us: int) -> None:
        self.wall_us += us
        self.mono_us += us

    def imported(self, *cards: CardNumber) -> None:
        self.members.set.update({ref(number): IMPORTED for number in cards})

    def unknown(self, *cards: CardNumber) -> list[LookedUp | None]:
        """The system says that it has none of these."""
        return [self.answers.unknown(number) for number in cards]

    @property
    def news(self) -> list[EventType]:
        """What is to be journalled since this was asked last."""
        return [type for type, _ in self.health.news()]


@pytest.fixture
def rig() -> Rig:
    return Rig()


# --- a card that the system knows


def test_it_is_a_membership_as_of_now_and_is_kept(rig: Rig) -> None:
    membership = merged(SAID, None, NOW_US)
    assert rig.answers.known(MEMBER, SAID) == LookedUp(membership)
    assert rig.records.done == [("keep", MEMBER, membership)]
    rig.later(5)
    assert rig.answers.known(MEMBER, SAID) == LookedUp(replace(membership, as_of_us=NOW_US + 5))


def test_it_is_joined_to_what_was_imported_and_not_to_what_was_said_since(rig: Rig) -> None:
    rig.imported(MEMBER)
    rig.members.live[ref(MEMBER)] = replace(IMPORTED, inducted_on=None, guardian=False)
    membership = merged(SAID, IMPORTED, NOW_US)
    assert rig.answers.known(MEMBER, SAID) == LookedUp(membership)
    assert rig.records.done == [("keep", MEMBER, membership)]


def test_without_the_time_it_counts_for_nothing_and_is_not_kept(rig: Rig) -> None:
    rig.trusted = False
    assert rig.answers.known(MEMBER, SAID) is None
    assert rig.records.done == []


def test_while_the_memberships_cannot_be_read_it_counts_for_nothing_and_is_not_kept(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.members.readable = False
    assert rig.answers.known(MEMBER, SAID) is None
    assert rig.records.done == []
    assert "the memberships cannot be read: members.db: disk I/O error" in caplog.text
    assert MEMBER.reveal() not in caplog.text


# --- a card that it does not know


def test_a_stranger_is_remembered_for_a_while_and_written_nowhere(rig: Rig) -> None:
    assert not rig.answers.is_stranger(STRANGER)
    assert rig.unknown(STRANGER) == [NO_SUCH_CARD]
    rig.later(NEGATIVE_US - 1)
    assert rig.answers.is_stranger(STRANGER)
    assert not rig.answers.is_stranger(MEMBER)
    rig.later(1)
    assert not rig.answers.is_stranger(STRANGER)
    assert rig.records.done == []


@pytest.mark.parametrize("trusted", [True, False])
def test_a_stranger_who_became_a_member_is_none_any_more(rig: Rig, trusted: bool) -> None:
    rig.unknown(MEMBER)
    rig.trusted = trusted
    rig.answers.known(MEMBER, SAID)
    assert not rig.answers.is_stranger(MEMBER)


def test_a_member_of_the_set_is_evicted(rig: Rig) -> None:
    rig.imported(MEMBER)
    assert rig.unknown(MEMBER) == [NO_SUCH_CARD]
    assert rig.records.done == [("evict", MEMBER, NOW_US)]
    assert rig.answers.is_stranger(MEMBER)


def test_a_member_whom_only_an_answer_told_of_is_evicted_as_well(rig: Rig) -> None:
    rig.members.live[ref(MEMBER)] = IMPORTED
    assert rig.unknown(MEMBER) == [NO_SUCH_CARD]
    assert rig.records.done == [("evict", MEMBER, NOW_US)]


def test_a_card_of_the_set_is_evicted_as_often_as_it_recurs_and_is_not_many_lost_members(rig: Rig) -> None:
    rig.imported(MEMBER)
    rig.members.live[ref(MEMBER)] = None
    turns = range(LOST_MEMBERS + 2)
    for _ in turns:
        assert rig.unknown(MEMBER) == [NO_SUCH_CARD]
        rig.later(NEGATIVE_US)
    assert rig.records.done == [("evict", MEMBER, NOW_US + turn * NEGATIVE_US) for turn in turns]
    assert rig.news == []


def test_without_the_time_nobody_is_evicted(rig: Rig) -> None:
    rig.imported(MEMBER)
    rig.trusted = False
    assert rig.unknown(MEMBER) == [NO_SUCH_CARD]
    assert rig.records.done == []
    assert rig.answers.is_stranger(MEMBER)


@pytest.mark.parametrize("what", ["readable", "import_readable"])
def test_while_the_memberships_cannot_be_read_nobody_is_evicted_or_counted_as_lost(
    rig: Rig, what: str
) -> None:
    rig.imported(*MEMBERS, ONE_MORE)
    setattr(rig.members, what, False)
    assert rig.unknown(*MEMBERS, ONE_MORE) == [NO_SUCH_CARD] * (LOST_MEMBERS + 1)
    assert rig.answers.is_stranger(ONE_MORE)
    assert rig.records.done == []
    assert rig.news == []


# --- a system that lost its members


def test_the_fourth_member_in_a_row_whom_it_does_not_know_is_not_believed_gone(rig: Rig) -> None:
    rig.imported(*MEMBERS, ONE_MORE, AND_ANOTHER)
    assert rig.unknown(*MEMBERS) == [NO_SUCH_CARD] * LOST_MEMBERS
    assert rig.news == []
    assert rig.unknown(ONE_MORE, AND_ANOTHER) == [None, None]
    assert rig.news == [EventType.LMS_UNUSABLE]
    assert rig.records.done == [("evict", member, NOW_US) for member in MEMBERS]
    assert not rig.answers.is_stranger(ONE_MORE)


def test_strangers_in_between_end_no_row_of_lost_members(rig: Rig) -> None:
    rig.imported(*MEMBERS, ONE_MORE)
    assert rig.unknown(*MEMBERS, STRANGER, ONE_MORE) == [NO_SUCH_CARD] * (LOST_MEMBERS + 1) + [None]
    assert rig.unknown(STRANGER) == [NO_SUCH_CARD]


def test_a_card_that_it_knows_makes_it_believed_again(rig: Rig) -> None:
    rig.imported(*MEMBERS, ONE_MORE)
    rig.unknown(*MEMBERS, ONE_MORE)
    rig.answers.known(MEMBER, SAID)
    assert rig.news == [EventType.LMS_UNUSABLE, EventType.LMS_PLAUSIBLE]
    assert rig.unknown(*MEMBERS, ONE_MORE) == [NO_SUCH_CARD] * LOST_MEMBERS + [None]


# --- a card with a PIN


def test_the_right_pin_is_kept_after_the_membership_that_came_with_it(rig: Rig) -> None:
    suspended = replace(SAID, status=Status.SUSPENDED)
    membership = merged(suspended, None, NOW_US)
    assert rig.answers.about_pin(MEMBER, PIN, suspended) == LookedUp(membership)
    assert rig.records.done == [("keep", MEMBER, membership), ("right", MEMBER, PIN, NOW_US)]


def test_without_the_time_the_right_pin_is_not_kept(rig: Rig) -> None:
    rig.trusted = False
    assert rig.answers.about_pin(MEMBER, PIN, SAID) is None
    assert rig.records.done == []


def test_while_the_memberships_cannot_be_read_the_right_pin_is_kept_all_the_same(rig: Rig) -> None:
    rig.members.readable = False
    assert rig.answers.about_pin(MEMBER, PIN, SAID) is None
    assert rig.records.done == [("right", MEMBER, PIN, NOW_US)]


@pytest.mark.parametrize("answer", [WrongPin(), Unknown()], ids=["wrong", "unknown"])
@pytest.mark.parametrize("trusted", [True, False])
def test_a_wrong_pin_is_wrong_and_says_nothing_of_the_card(rig: Rig, answer: Answer, trusted: bool) -> None:
    rig.imported(*MEMBERS, ONE_MORE)
    rig.trusted = trusted
    cards = [*MEMBERS, ONE_MORE]
    assert [rig.answers.about_pin(number, PIN, answer) for number in cards] == [None] * len(cards)
    assert rig.records.done == [("wrong", number, PIN) for number in cards]
    assert not rig.answers.is_stranger(ONE_MORE)
    assert rig.news == []
