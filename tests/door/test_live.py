"""Cards that the library management system is asked about: what each answer, and each silence, comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from controller.core.access import PinResult
from controller.core.membership import Listed, Listing, Membership, Status
from controller.door.inputs import BuildingInput, LookedUpLive, ReaderFound, ReaderLost
from controller.ipc.look_up import LookedUp

HOUR_US = 3_600_000_000
LMS = {"sip2": {"dialect": "evergreen", "host": "lms.example"}}
AGES = {"live_max_age_h": 36, "refresh_after_h": 30, "negative_s": 60, "live_lookup_ms": 1500}
"""The members of the rig were copied a day ago, but for the one whose copy is thirty days old."""
NO_SUCH_CARD = LookedUp(None)


@pytest.fixture
def make_live(make_door):
    """A door of a branch that asks. Tables of the branch's settings may be given as dicts."""

    def make(branch: dict[str, object] | None = None, hour: int = 9, **door):
        door.setdefault("readers", [{"port": "/dev/null", "repeat_s": 0.5}])
        tables = {"lms": LMS, "membership": AGES, **(branch or {})}
        return make_door(hour=hour, branch=tables, **door).begin().forget()

    return make


@pytest.fixture
def live(make_live):
    return make_live()


def known_live(door, **changes: object) -> LookedUp:
    """A live answer: a membership in order, as of now, but for these changes."""
    valid: Membership = door.members.memberships[door.cards.valid]
    return LookedUp(replace(valid, as_of_us=door.clock.wall_us, **changes))


def decided(door) -> list[tuple[object, ...]]:
    """What the journal says of cards: the type, the reason and whether it was checked."""
    return [
        (event.type.value, event.data.get("reason"), event.data.get("checked"))
        for event in door.writer.events
        if event.type.value in ("access.granted", "access.refused", "access.not_needed")
    ]


def sealed(door) -> object:
    """What was sealed with the last event of a card."""
    return next(
        private
        for event, private in zip(reversed(door.writer.events), reversed(door.writer.sealed), strict=True)
        if event.type.value in ("access.granted", "access.refused")
    )


def shown(door) -> list[str]:
    return [what for _, what in door.happened_of("display")]


# --- what is asked --------------------------------------------------------------------------------


def test_a_fresh_membership_opens_the_door_at_once_and_nobody_is_asked(live) -> None:
    live.swipe(live.cards.valid)
    assert decided(live) == [("access.granted", None, None)]
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
    assert [reason for _, reason, _ in decided(door)] == ["unknown_card", "membership_stale", "expired", None]
    assert (door.looked_up, door.refreshed) == ([], [])


def test_a_no_that_is_new_is_not_asked_about_again(live) -> None:
    suspended = live.members.memberships[live.cards.suspended]
    live.members.memberships[live.cards.suspended] = replace(suspended, as_of_us=live.clock.wall_us)
    live.swipe(live.cards.suspended)
    assert decided(live) == [("access.refused", "suspended", None)]
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
    assert decided(door)[-1] == ("access.refused", reason, None)
    assert door.looked_up == []


def test_in_staffed_hours_nobody_is_asked(make_live) -> None:
    door = make_live(hour=12)
    door.swipe(door.cards.stranger)
    assert decided(door) == [("access.not_needed", None, None)]
    assert door.looked_up == []


def test_who_leaves_waits_for_nobody(make_live) -> None:
    door = make_live(readers=OUT_READERS)
    door.swipe(door.cards.stranger, reader="out")
    door.swipe(door.cards.stale, reader="out")
    assert decided(door) == [("access.refused", "unknown_card", None), ("access.granted", None, None)]
    assert (door.looked_up, door.refreshed) == ([], [])


def test_who_is_on_a_list_of_the_branch_waits_for_nobody(live) -> None:
    live.members.listed[live.cards.stranger] = Listed(Listing.ALLOWED, date(2026, 11, 23))
    live.members.listed[live.cards.stale] = Listed(Listing.BLOCKED, None)
    live.swipe(live.cards.stranger)
    live.swipe(live.cards.stale)
    assert decided(live) == [("access.granted", None, None), ("access.refused", "blocked", None)]
    assert live.looked_up == []


# --- what the answer comes to ---------------------------------------------------------------------


@pytest.mark.parametrize("who", ["stranger", "stale", "expired", "suspended", "not_enrolled"])
def test_a_yes_opens_the_door_and_the_member_is_sealed_like_any_other(live, who: str) -> None:
    card = getattr(live.cards, who)
    live.swipe(card)
    live.say(known_live(live))
    assert decided(live) == [("access.granted", None, "live")]
    assert ("lock", "release", 5.0) in live.happened
    assert shown(live) == ["checking", "granted"]
    assert sealed(live) == {"card": card.encode()}
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
    live.say(known_live(live, **changes))
    assert decided(live) == [("access.refused", reason, "live")]
    assert sealed(live) == {"card": live.cards.stale.encode()}
    assert len(live.looked_up) == 1


@pytest.mark.parametrize("who", ["stranger", "stale", "suspended"])
def test_no_such_card_is_a_stranger_and_kept_nowhere(live, who: str) -> None:
    live.swipe(getattr(live.cards, who))
    live.say(NO_SUCH_CARD)
    assert decided(live) == [("access.refused", "unknown_card", "live")]
    assert shown(live) == ["checking", "refused"]
    assert sealed(live) == {}


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
        assert decided(live) == []
        live.advance(0.04)
    assert decided(live) == [outcome]
    assert live.refreshed == []
    assert sealed(live) == ({} if who == "stranger" else {"card": card.encode()})


def test_not_checked_is_told_as_try_again_and_not_as_a_no(live) -> None:
    live.swipe(live.cards.stranger)
    live.say(None)
    assert shown(live) == ["checking", "try_again"]


def test_cards_that_could_not_be_checked_lock_the_reader_out_like_unknown_ones(make_live) -> None:
    door = make_live(branch={"lockout": {"reader_failures": 3}})
    for number in range(3):
        door.swipe(str(25891000339999 - number))
        door.say(None)
    door.swipe(door.cards.suspended)
    assert decided(door)[-1] == ("access.refused", "locked_out", None)
    assert len(door.looked_up) == 3


def test_an_answer_after_the_deadline_opens_nothing(live) -> None:
    live.swipe(live.cards.stranger)
    live.advance(1.52)
    live.forget().say(known_live(live))
    assert live.happened == []


def test_an_answer_counts_once(live) -> None:
    live.swipe(live.cards.stranger)
    live.say(known_live(live))
    live.forget().say(known_live(live))
    assert live.happened == []


def test_an_answer_to_nobody_s_question_opens_nothing(live) -> None:
    for reader in range(3):
        live.service.handle(LookedUpLive("front", "in", reader, known_live(live)))
    assert live.happened == []


def test_an_old_answer_is_no_answer(live) -> None:
    live.swipe(live.cards.stranger)
    old = known_live(live).membership
    assert old is not None
    live.say(LookedUp(replace(old, as_of_us=live.clock.wall_us - 37 * HOUR_US)))
    assert decided(live) == [("access.refused", "membership_stale", "live")]


# --- what happens meanwhile -----------------------------------------------------------------------


def test_the_same_card_is_asked_about_once_while_it_is_being_checked(live) -> None:
    live.swipe(live.cards.stranger)
    live.advance(1)
    live.swipe(live.cards.stranger)
    assert shown(live) == ["checking", "checking"]
    live.say(known_live(live))
    live.advance(3)
    assert decided(live) == [("access.granted", None, "live")]
    assert len(live.looked_up) == 1


def test_the_same_card_at_another_door_is_asked_about_by_itself(make_live) -> None:
    other = {
        "id": "side",
        "readers": [{"port": "/dev/zero"}],
        "lock": {"pin": 18},
    }
    door = make_live(others=[other])
    door.swipe(door.cards.stranger)
    door.swipe(door.cards.stranger, door="side")
    door.say(known_live(door), 1)
    assert ("side lock", "release", 5.0) in door.happened
    assert ("lock", "release", 5.0) not in door.happened


def test_another_card_meanwhile_is_served_by_itself(live) -> None:
    live.swipe(live.cards.stranger)
    live.swipe(live.cards.valid)
    assert decided(live) == [("access.granted", None, None)]
    live.swipe(live.cards.suspended)
    live.say(NO_SUCH_CARD, 0)
    live.say(known_live(live), 1)
    assert decided(live)[1:] == [("access.refused", "unknown_card", "live"), ("access.granted", None, "live")]


def test_a_card_that_is_good_by_the_time_it_is_held_again_opens_the_door_once(live) -> None:
    live.swipe(live.cards.stranger)
    live.advance(1)
    membership = known_live(live).membership
    assert membership is not None
    live.members.memberships[live.cards.stranger] = membership
    live.swipe(live.cards.stranger)
    live.say(known_live(live))
    live.advance(3)
    assert decided(live) == [("access.granted", None, None)]


def test_a_lockdown_meanwhile_wins(live) -> None:
    live.swipe(live.cards.stranger)
    live.command("lockdown")
    live.say(known_live(live))
    assert decided(live) == [("access.refused", "lockdown", "live")]
    assert ("lock", "release", 5.0) not in live.happened


def test_a_fire_meanwhile_wins(live) -> None:
    live.swipe(live.cards.stranger)
    live.set(BuildingInput.FIRE, True)
    live.say(known_live(live))
    assert decided(live) == [("access.refused", "evacuation", "live")]


def test_a_card_that_staff_block_meanwhile_stays_out(live) -> None:
    live.swipe(live.cards.stranger)
    live.members.listed[live.cards.stranger] = Listed(Listing.BLOCKED, None)
    live.say(known_live(live))
    assert decided(live) == [("access.refused", "blocked", "live")]


def test_memberships_that_cannot_be_read_any_more_open_nothing(live) -> None:
    live.swipe(live.cards.stranger)
    live.members.unusable = True
    live.say(known_live(live))
    assert decided(live) == [("access.refused", "membership_stale", "live")]


def test_nor_do_they_without_an_answer(live) -> None:
    live.swipe(live.cards.stranger)
    live.members.unusable = True
    live.say(None)
    assert decided(live) == [("access.refused", "membership_stale", "offline")]


def test_closing_time_meanwhile_wins(make_live) -> None:
    door = make_live(hour=19)
    door.advance(3599)
    door.swipe(door.cards.stranger)
    door.advance(1.1)
    door.say(known_live(door))
    assert decided(door) == [("access.refused", "closed_hours", "live")]


def test_a_reader_that_is_lost_and_found_meanwhile_changes_nothing(live) -> None:
    live.swipe(live.cards.stranger)
    live.service.handle(ReaderLost("front", "in"))
    live.service.handle(ReaderFound("front", "in"))
    live.say(known_live(live))
    assert decided(live) == [("access.granted", None, "live")]


def test_a_swipe_that_had_waited_before_it_was_asked_about_is_too_late_in_the_end(live) -> None:
    live.swipe(live.cards.stranger, ago_s=4)
    live.advance(1.02)
    live.say(known_live(live))
    assert decided(live) == [("access.refused", "too_late", None)]
    assert sealed(live) == {}


def test_the_clock_that_is_no_longer_believed_meanwhile_wins(live) -> None:
    live.swipe(live.cards.stranger)
    live.clock.trusted = False
    live.say(known_live(live))
    assert decided(live) == [("access.refused", "clock_untrusted", "live")]


# --- categories with hours of their own -----------------------------------------------------------

CLEANERS = {"categories": {"cleaner": {"hours": {"mon": ["05:00-07:00"]}}}}


@pytest.mark.parametrize("answered", [True, False])
def test_a_cleaner_before_opening_time_is_asked_about_when_the_copy_is_old(make_live, answered: bool) -> None:
    door = make_live(branch=CLEANERS, hour=6)
    valid = door.members.memberships[door.cards.valid]
    copy = replace(valid, category="cleaner", as_of_us=door.clock.wall_us - 40 * HOUR_US)
    door.members.memberships[door.cards.valid] = copy
    door.swipe(door.cards.valid)
    door.say(known_live(door) if answered else None)
    assert decided(door) == [("access.granted", None, "live" if answered else "offline")]


def test_a_cleaner_no_more_goes_by_the_hours_of_the_branch(make_live) -> None:
    door = make_live(branch=CLEANERS, hour=6)
    valid = door.members.memberships[door.cards.valid]
    copy = replace(valid, category="cleaner", as_of_us=door.clock.wall_us - 40 * HOUR_US)
    door.members.memberships[door.cards.valid] = copy
    door.swipe(door.cards.valid)
    door.say(known_live(door, category="adult"))
    assert decided(door) == [("access.refused", "closed_hours", "live")]


# --- a PIN besides --------------------------------------------------------------------------------

PINS = {"pin": {"require": "always", "offline": True}}
KEYPAD = [{"port": "/dev/null", "format": "wiegand-34", "wiegand_text": "hex", "keypad": "8-bit"}]


@pytest.fixture
def with_pin(make_live):
    branch = {**PINS, "cards": {"min_length": 10, "max_length": 10}}
    door = make_live(branch=branch, readers=KEYPAD)
    door.stranger, door.other, door.valid = "2589100033", "2589100034", "2589100035"
    door.members.memberships[door.valid] = door.members.memberships[door.cards.valid]
    return door


def swipe(door, card: str) -> None:
    door.send(f"{int(card):08X}\r".encode())


def test_what_was_looked_up_is_carried_along_with_the_question_for_the_pin(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.say(known_live(with_pin))
    assert shown(with_pin) == ["checking", "pin_wanted"]
    assert decided(with_pin) == []
    # The branch's own copy still knows nothing of the card.
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT)
    assert decided(with_pin) == [("access.granted", None, "live")]
    assert len(with_pin.looked_up) == 1
    assert sealed(with_pin) == {"card": with_pin.stranger.encode()}


@pytest.mark.parametrize(
    ("keys", "result", "reason"),
    [("0739#", PinResult.WRONG, "pin_wrong"), ("#", None, "pin_missing"), ("1#", None, "pin_wrong")],
)
def test_and_so_is_a_member_known_by_it_refused(with_pin, keys, result, reason) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.say(known_live(with_pin))
    with_pin.type(keys)
    if result is not None:
        with_pin.answer(result)
    assert decided(with_pin) == [("access.refused", reason, "live")]
    assert sealed(with_pin) == {"card": with_pin.stranger.encode()}


def test_nobody_to_ask_is_carried_along_too(with_pin) -> None:
    copy = with_pin.members.memberships[with_pin.valid]
    with_pin.members.memberships[with_pin.valid] = replace(copy, as_of_us=copy.as_of_us - 20 * HOUR_US)
    swipe(with_pin, with_pin.valid)
    with_pin.say(None)
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT)
    assert decided(with_pin) == [("access.granted", None, "offline")]
    assert len(with_pin.looked_up) == 1


def test_who_types_too_slowly_after_the_answer_is_told_so(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.say(known_live(with_pin))
    with_pin.advance(with_pin.settings.pin.timeout_s + 1)
    assert decided(with_pin) == [("access.refused", "pin_missing", "live")]


def test_whoever_came_to_the_keypad_meanwhile_keeps_it(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    swipe(with_pin, with_pin.valid)
    with_pin.type("07")
    with_pin.say(known_live(with_pin))
    assert decided(with_pin) == [("access.refused", "pin_missing", "live")]
    with_pin.type("39#")
    assert [question[3:] for question in with_pin.asked] == [(with_pin.valid, "0739")]
    with_pin.answer(PinResult.CORRECT)
    assert decided(with_pin)[1:] == [("access.granted", None, None)]


def test_keys_while_a_card_is_checked_are_nobody_s_pin(with_pin) -> None:
    swipe(with_pin, with_pin.stranger)
    with_pin.type("0739#")
    assert with_pin.asked == []


def test_a_copy_that_got_too_old_while_the_pin_was_typed_is_asked_about_with_the_pin_kept(with_pin) -> None:
    copy = with_pin.members.memberships[with_pin.valid]
    too_old_in_2_s = with_pin.clock.wall_us - 36 * HOUR_US + 2_000_000
    with_pin.members.memberships[with_pin.valid] = replace(copy, as_of_us=too_old_in_2_s)
    swipe(with_pin, with_pin.valid)
    with_pin.advance(3)
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT)
    assert len(with_pin.looked_up) == 1
    with_pin.say(known_live(with_pin))
    assert decided(with_pin) == [("access.granted", None, "live")]


def test_but_not_with_the_wrong_one(with_pin) -> None:
    copy = with_pin.members.memberships[with_pin.valid]
    too_old_in_2_s = with_pin.clock.wall_us - 36 * HOUR_US + 2_000_000
    with_pin.members.memberships[with_pin.valid] = replace(copy, as_of_us=too_old_in_2_s)
    swipe(with_pin, with_pin.valid)
    with_pin.advance(3)
    with_pin.type("0739#")
    with_pin.answer(PinResult.WRONG)
    assert with_pin.looked_up == []
    assert decided(with_pin)[0][0] == "access.refused"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": Status.SUSPENDED}, "suspended"),
        ({"expires": date(2020, 1, 1)}, "expired"),
        ({"granted_from": None}, "not_enrolled"),
        ({"granted_until": date(2020, 1, 1)}, "entitlement_ended"),
    ],
)
@pytest.mark.parametrize("looked_up_before", [False, True])
def test_the_right_pin_of_a_membership_that_is_none_any_more_opens_nothing(
    with_pin, changes, reason, looked_up_before
) -> None:
    """The branch's own copy is young and good, and the system says otherwise when it is asked for the PIN."""
    swipe(with_pin, with_pin.stranger if looked_up_before else with_pin.valid)
    if looked_up_before:
        with_pin.say(known_live(with_pin))
    with_pin.type("0739#")
    with_pin.answer(PinResult.CORRECT, said=known_live(with_pin, **changes))
    assert decided(with_pin) == [("access.refused", reason, "live")]


# --- afterwards -----------------------------------------------------------------------------------


def age(door, card: str, hours: int) -> None:
    copy = door.members.memberships[card]
    door.members.memberships[card] = replace(copy, as_of_us=door.clock.wall_us - hours * HOUR_US)


def test_a_membership_that_is_getting_old_opens_at_once_and_is_refreshed_afterwards(live) -> None:
    age(live, live.cards.valid, 31)
    live.swipe(live.cards.valid)
    assert decided(live) == [("access.granted", None, None)]
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
