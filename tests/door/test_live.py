"""Cards that the library management system is asked about: which, and what each answer comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from controller.core.membership import Listed, Listing, Status
from controller.door.inputs import LookedUpLive
from controller.ipc.look_up import LookedUp

HOUR_US = 3_600_000_000
NO_SUCH_CARD = LookedUp(None)


# --- what is asked --------------------------------------------------------------------------------


def test_a_fresh_membership_opens_the_door_at_once_and_nobody_is_asked(live) -> None:
    live.swipe(live.cards.valid)
    assert live.decided == [("access.granted", None, None)]
    assert (live.looked_up, live.refreshed) == ([], [])


@pytest.mark.parametrize("who", ["stranger", "stale", "expired", "suspended", "not_enrolled"])
def test_who_would_be_refused_for_what_is_known_waits_for_the_answer(live, who: str) -> None:
    card = getattr(live.cards, who)
    live.swipe(card)
    assert live.happened == [("display", "checking")]
    assert live.looked_up == [("front", "in", 1, card)]


def test_without_a_library_management_system_nobody_is_asked(door) -> None:
    for who in ("stranger", "stale", "expired", "valid"):
        door.swipe(getattr(door.cards, who))
        door.advance(2)
    assert [reason for _, reason, _ in door.decided] == ["unknown_card", "membership_stale", "expired", None]
    assert (door.looked_up, door.refreshed) == ([], [])


def test_a_no_that_is_new_is_not_asked_about_again(live) -> None:
    suspended = live.members.memberships[live.cards.suspended]
    live.members.memberships[live.cards.suspended] = replace(suspended, as_of_us=live.clock.wall_us)
    live.swipe(live.cards.suspended)
    assert live.decided == [("access.refused", "suspended", None)]
    live.advance(61)
    live.swipe(live.cards.suspended)
    assert len(live.looked_up) == 1


OUT_READERS = [{"port": "/dev/null"}, {"id": "out", "side": "out", "port": "/dev/zero"}]


@pytest.mark.parametrize(
    ("make", "prepare", "reason"),
    [
        ({"hour": 22}, lambda _: None, "closed_hours"),
        ({}, lambda door: door.command("lockdown"), "lockdown"),
        ({}, lambda door: door.command("evacuate"), "evacuation"),
        ({}, lambda door: setattr(door.clock, "trusted", False), "clock_untrusted"),
        ({"branch": {"lockout": {"reader_failures": 1}}}, None, "locked_out"),
        ({}, lambda door: setattr(door.members, "unusable", True), "membership_stale"),
    ],
)
def test_what_is_decided_before_the_card_is_asked_about_by_nobody(make_live, make, prepare, reason) -> None:
    door = make_live(**make)
    if prepare is None:
        door.members.listed[door.cards.valid] = Listed(Listing.BLOCKED, None)
        door.swipe(door.cards.valid)
    else:
        prepare(door)
    door.swipe(door.cards.stranger)
    assert door.decided[-1] == ("access.refused", reason, None)
    assert door.looked_up == []


def test_in_staffed_hours_nobody_is_asked(make_live) -> None:
    door = make_live(hour=12)
    door.swipe(door.cards.stranger)
    assert door.decided == [("access.not_needed", None, None)]
    assert door.looked_up == []


def test_who_leaves_waits_for_nobody(make_live) -> None:
    door = make_live(readers=OUT_READERS)
    door.swipe(door.cards.stranger, reader="out")
    door.swipe(door.cards.stale, reader="out")
    assert door.decided == [("access.refused", "unknown_card", None), ("access.granted", None, None)]
    assert (door.looked_up, door.refreshed) == ([], [])


def test_who_is_on_a_list_of_the_branch_waits_for_nobody(live) -> None:
    live.members.listed[live.cards.stranger] = Listed(Listing.ALLOWED, date(2026, 11, 23))
    live.members.listed[live.cards.stale] = Listed(Listing.BLOCKED, None)
    live.swipe(live.cards.stranger)
    live.swipe(live.cards.stale)
    assert live.decided == [("access.granted", None, None), ("access.refused", "blocked", None)]
    assert live.looked_up == []


# --- what the answer comes to ---------------------------------------------------------------------


@pytest.mark.parametrize("who", ["stranger", "stale", "expired", "suspended", "not_enrolled"])
def test_a_yes_opens_the_door_and_the_member_is_sealed_like_any_other(live, who: str) -> None:
    card = getattr(live.cards, who)
    live.swipe(card)
    live.say(live.live_answer())
    assert live.decided == [("access.granted", None, "live")]
    assert ("lock", "release", 5.0) in live.happened
    assert live.shown == ["checking", "granted"]
    assert live.last_sealed == {"card": card.encode()}
    assert live.refreshed == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": Status.SUSPENDED}, "suspended"),
        ({"expires": date(2026, 11, 22)}, "expired"),
        ({"inducted_on": None}, "not_enrolled"),
        ({"granted_from": date(2026, 11, 24)}, "entitlement_not_begun"),
        ({"granted_until": date(2026, 11, 22)}, "entitlement_ended"),
    ],
)
def test_a_no_refuses_whatever_the_branch_knew(live, changes: dict[str, object], reason: str) -> None:
    live.swipe(live.cards.stale)
    live.say(live.live_answer(**changes))
    assert live.decided == [("access.refused", reason, "live")]
    assert live.last_sealed == {"card": live.cards.stale.encode()}
    assert len(live.looked_up) == 1


@pytest.mark.parametrize("who", ["stranger", "stale", "suspended"])
def test_no_such_card_is_a_stranger_and_kept_nowhere(live, who: str) -> None:
    live.swipe(getattr(live.cards, who))
    live.say(NO_SUCH_CARD)
    assert live.decided == [("access.refused", "unknown_card", "live")]
    assert live.shown == ["checking", "refused"]
    assert live.last_sealed == {}


@pytest.mark.parametrize("how", ["nobody knows", "nothing comes"])
@pytest.mark.parametrize(
    ("who", "aged_h", "outcome"),
    [
        ("stranger", 0, ("access.refused", "not_checked", "offline")),
        ("valid", 20, ("access.granted", None, "offline")),
        ("stale", 0, ("access.refused", "membership_stale", "offline")),
        ("suspended", 0, ("access.refused", "suspended", "offline")),
    ],
)
def test_without_an_answer_what_the_branch_knows_decides(
    live, how: str, who: str, aged_h: int, outcome: tuple[str, str | None, str]
) -> None:
    card = getattr(live.cards, who)
    if who in live.members.memberships or card in live.members.memberships:
        copy = live.members.memberships[card]
        live.members.memberships[card] = replace(copy, as_of_us=copy.as_of_us - aged_h * HOUR_US)
    live.swipe(card)
    if how == "nobody knows":
        live.say(None)
    else:
        live.advance(1.48)
        assert live.decided == []
        live.advance(0.04)
    assert live.decided == [outcome]
    assert live.refreshed == []
    assert live.last_sealed == ({} if who == "stranger" else {"card": card.encode()})


def test_not_checked_is_told_as_try_again_and_not_as_a_no(live) -> None:
    live.swipe(live.cards.stranger)
    live.say(None)
    assert live.shown == ["checking", "try_again"]


def test_cards_that_could_not_be_checked_lock_the_reader_out_like_unknown_ones(make_live) -> None:
    door = make_live(branch={"lockout": {"reader_failures": 3}})
    for number in range(3):
        door.swipe(str(25891000339999 - number))
        door.say(None)
    door.swipe(door.cards.suspended)
    assert door.decided[-1] == ("access.refused", "locked_out", None)
    assert len(door.looked_up) == 3


def test_an_answer_after_the_deadline_opens_nothing(live) -> None:
    live.swipe(live.cards.stranger)
    live.advance(1.52)
    live.forget().say(live.live_answer())
    assert live.happened == []


def test_an_answer_counts_once(live) -> None:
    live.swipe(live.cards.stranger)
    live.say(live.live_answer())
    live.forget().say(live.live_answer())
    assert live.happened == []


def test_an_answer_to_nobody_s_question_opens_nothing(live) -> None:
    for reader in range(3):
        live.service.handle(LookedUpLive("front", "in", reader, live.live_answer()))
    assert live.happened == []


def test_an_old_answer_is_no_answer(live) -> None:
    live.swipe(live.cards.stranger)
    old = live.live_answer().membership
    assert old is not None
    live.say(LookedUp(replace(old, as_of_us=live.clock.wall_us - 37 * HOUR_US)))
    assert live.decided == [("access.refused", "membership_stale", "live")]


# --- afterwards -----------------------------------------------------------------------------------


def age(door, card: str, hours: int) -> None:
    copy = door.members.memberships[card]
    door.members.memberships[card] = replace(copy, as_of_us=door.clock.wall_us - hours * HOUR_US)


def test_a_membership_that_is_getting_old_opens_at_once_and_is_refreshed_afterwards(live) -> None:
    age(live, live.cards.valid, 31)
    live.swipe(live.cards.valid)
    assert live.decided == [("access.granted", None, None)]
    assert (live.looked_up, live.refreshed) == ([], [live.cards.valid])


def test_who_is_refused_or_leaves_is_not_refreshed(make_live) -> None:
    door = make_live(readers=OUT_READERS)
    age(door, door.cards.valid, 31)
    door.swipe(door.cards.valid, reader="out")
    door.command("lockdown")
    door.swipe(door.cards.valid)
    assert door.refreshed == []


def test_a_grant_that_was_not_carried_out_refreshes_nothing(make_live) -> None:
    door = make_live()
    age(door, door.cards.valid, 31)
    door.writer.broken = True
    door.swipe(door.cards.valid)
    assert door.refreshed == []
