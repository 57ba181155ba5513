"""What happens while a card is being checked: the decision goes by what holds when the answer is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.membership import Listed, Listing
from controller.door.inputs import BuildingInput, ReaderFound, ReaderLost
from controller.ipc.look_up import LookedUp

HOUR_US = 3_600_000_000
NO_SUCH_CARD = LookedUp(None)


def test_the_same_card_is_asked_about_once_while_it_is_being_checked(live) -> None:
    live.swipe(live.cards.stranger)
    live.advance(1)
    live.swipe(live.cards.stranger)
    assert live.shown == ["checking", "checking"]
    live.say(live.live_answer())
    live.advance(3)
    assert live.decided == [("access.granted", None, "live")]
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
    door.say(door.live_answer(), 1)
    assert ("side lock", "release", 5.0) in door.happened
    assert ("lock", "release", 5.0) not in door.happened


def test_another_card_meanwhile_is_served_by_itself(live) -> None:
    live.swipe(live.cards.stranger)
    live.swipe(live.cards.valid)
    assert live.decided == [("access.granted", None, None)]
    live.swipe(live.cards.suspended)
    live.say(NO_SUCH_CARD, 0)
    live.say(live.live_answer(), 1)
    assert live.decided[1:] == [("access.refused", "unknown_card", "live"), ("access.granted", None, "live")]


def test_a_card_that_is_good_by_the_time_it_is_held_again_opens_the_door_once(live) -> None:
    live.swipe(live.cards.stranger)
    live.advance(1)
    membership = live.live_answer().membership
    assert membership is not None
    live.members.memberships[live.cards.stranger] = membership
    live.swipe(live.cards.stranger)
    live.say(live.live_answer())
    live.advance(3)
    assert live.decided == [("access.granted", None, None)]


def test_a_lockdown_meanwhile_wins(live) -> None:
    live.swipe(live.cards.stranger)
    live.command("lockdown")
    live.say(live.live_answer())
    assert live.decided == [("access.refused", "lockdown", "live")]
    assert ("lock", "release", 5.0) not in live.happened


def test_a_fire_meanwhile_wins(live) -> None:
    live.swipe(live.cards.stranger)
    live.set(BuildingInput.FIRE, True)
    live.say(live.live_answer())
    assert live.decided == [("access.refused", "evacuation", "live")]


def test_a_card_that_staff_block_meanwhile_stays_out(live) -> None:
    live.swipe(live.cards.stranger)
    live.members.listed[live.cards.stranger] = Listed(Listing.BLOCKED, None)
    live.say(live.live_answer())
    assert live.decided == [("access.refused", "blocked", "live")]


def test_memberships_that_cannot_be_read_any_more_open_nothing(live) -> None:
    live.swipe(live.cards.stranger)
    live.members.unusable = True
    live.say(live.live_answer())
    assert live.decided == [("access.refused", "membership_stale", "live")]


def test_nor_do_they_without_an_answer(live) -> None:
    live.swipe(live.cards.stranger)
    live.members.unusable = True
    live.say(None)
    assert live.decided == [("access.refused", "membership_stale", "offline")]


def test_closing_time_meanwhile_wins(make_live) -> None:
    door = make_live(hour=19)
    door.advance(3599)
    door.swipe(door.cards.stranger)
    door.advance(1.1)
    door.say(door.live_answer())
    assert door.decided == [("access.refused", "closed_hours", "live")]


def test_a_reader_that_is_lost_and_found_meanwhile_changes_nothing(live) -> None:
    live.swipe(live.cards.stranger)
    live.service.handle(ReaderLost("front", "in"))
    live.service.handle(ReaderFound("front", "in"))
    live.say(live.live_answer())
    assert live.decided == [("access.granted", None, "live")]


def test_a_swipe_that_had_waited_before_it_was_asked_about_is_too_late_in_the_end(live) -> None:
    live.swipe(live.cards.stranger, ago_s=4)
    live.advance(1.02)
    live.say(live.live_answer())
    assert live.decided == [("access.refused", "too_late", None)]
    assert live.last_sealed == {}


def test_the_clock_that_is_no_longer_believed_meanwhile_wins(live) -> None:
    live.swipe(live.cards.stranger)
    live.clock.trusted = False
    live.say(live.live_answer())
    assert live.decided == [("access.refused", "clock_untrusted", "live")]


# --- categories with hours of their own -----------------------------------------------------------

CLEANERS = {"categories": {"cleaner": {"hours": {"mon": ["05:00-07:00"]}}}}


@pytest.mark.parametrize("answered", [True, False])
def test_a_cleaner_before_opening_time_is_asked_about_when_the_copy_is_old(make_live, answered: bool) -> None:
    door = make_live(branch=CLEANERS, hour=6)
    valid = door.members.memberships[door.cards.valid]
    copy = replace(valid, category="cleaner", as_of_us=door.clock.wall_us - 40 * HOUR_US)
    door.members.memberships[door.cards.valid] = copy
    door.swipe(door.cards.valid)
    door.say(door.live_answer() if answered else None)
    assert door.decided == [("access.granted", None, "live" if answered else "offline")]


def test_a_cleaner_no_more_goes_by_the_hours_of_the_branch(make_live) -> None:
    door = make_live(branch=CLEANERS, hour=6)
    valid = door.members.memberships[door.cards.valid]
    copy = replace(valid, category="cleaner", as_of_us=door.clock.wall_us - 40 * HOUR_US)
    door.members.memberships[door.cards.valid] = copy
    door.swipe(door.cards.valid)
    door.say(door.live_answer(category="adult"))
    assert door.decided == [("access.refused", "closed_hours", "live")]
