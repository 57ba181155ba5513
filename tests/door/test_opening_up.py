"""Staffed hours: the door stands unlocked once a member of staff has opened up, and until the hours end."""

from dataclasses import replace

import pytest

from controller.door.inputs import BuildingInput

STAFF_CARD = "25891000331490"
CATEGORIES = {"categories": {"staff": {"opens_up": True}}}


@pytest.fixture
def door(make_door):
    """At 16:30 in staffed hours, which end at 17:00."""
    door = make_door(hour=16, branch=CATEGORIES, unlocked_when_staffed=True, exit_button=None)
    door.members.memberships[STAFF_CARD] = replace(
        door.members.memberships[door.cards.valid], category="staff"
    )
    door.clock.advance(1_800_000_000)
    return door.begin().forget()


def test_until_somebody_has_opened_up_the_branch_is_not_open(door) -> None:
    door.swipe(door.cards.valid)
    assert door.happened == [("journal", "access.refused", "closed_hours"), ("display", "closed")]


def test_a_member_of_staff_s_card_unlocks_the_door_until_the_staffed_hours_end(door) -> None:
    door.swipe(STAFF_CARD)
    assert door.happened == [
        ("journal", "access.granted", "staffed"),
        ("journal", "door.hold_open_started", "staffed_hours"),
        ("lock", "release", 5.0),
        ("journal", "door.unlocked", "hold_open", 1_800_000),
        ("display", "granted"),
    ]
    granted, started = door.writer.events[-3:-1]
    assert started.data["grant"] == granted.id
    assert door.writer.sealed[-3] == {"card": STAFF_CARD.encode()}
    door.advance(1800 - 30)
    assert door.lock.released
    door.swipe(door.cards.valid)
    assert door.happened[-1] == ("display", "not_needed")
    door.forget()
    door.advance(31)
    assert door.status["mode"] == "locked"
    assert not door.lock.released
    assert door.happened_of("journal") == [("journal", "door.locked"), ("journal", "door.hold_open_ended")]


def test_so_does_a_command(door) -> None:
    reply = door.command("open-up")
    assert reply.done
    assert reply.data["modes"] == {"front": "hold-open"}
    command, started = door.writer.events[-3:-1]
    assert started.data == {"for": "staffed_hours", "command": command.id}


def test_a_date_with_hours_of_its_own_ends_it_by_those(make_door) -> None:
    hours = {"staffed": {"mon": ["10:00-17:00"]}, "dates": {"2026-11-23": {"staffed": ["10:00-16:30"]}}}
    door = make_door(hour=16, branch={"hours": hours}, unlocked_when_staffed=True).begin()
    assert door.command("open-up").done
    assert door.writer.events[-1].data["duration_ms"] == 30 * 60 * 1000


def test_a_day_is_the_longest_also_where_staff_are_always_in(make_door) -> None:
    always = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    door = make_door(branch={"hours": {"staffed": always}}, unlocked_when_staffed=True).begin()
    assert door.command("open-up").done
    assert door.writer.events[-1].data["duration_ms"] == 86_400_000


@pytest.mark.parametrize("hour", [9, 22])
def test_outside_staffed_hours_nobody_opens_up(make_door, hour: int) -> None:
    door = make_door(hour=hour, unlocked_when_staffed=True).begin().forget()
    assert door.command("open-up").reason == "not_staffed"
    assert door.happened_of("lock") == []


def test_without_the_time_nobody_opens_up(door) -> None:
    door.clock.trusted = False
    assert door.command("open-up").reason == "not_staffed"
    door.swipe(STAFF_CARD)
    assert door.happened_of("lock") == []


def test_a_clock_put_forward_ends_it_with_the_hours(door) -> None:
    door.swipe(STAFF_CARD)
    door.clock.wall_us += 6 * 3_600_000_000
    door.advance(1.1)
    assert door.status["mode"] == "locked"
    assert not door.lock.released


def test_a_hold_open_for_some_minutes_does_not_end_with_the_hours(make_door) -> None:
    door = make_door(hour=16, unlocked_when_staffed=True)
    door.clock.advance(3_590_000_000)
    door.begin()
    door.command("hold-open", minutes=10)
    door.advance(60)
    assert door.status["hours"] == "unstaffed"
    assert door.lock.released
    door.advance(600)
    assert not door.lock.released


def test_an_emergency_ends_it_at_once_and_it_is_not_taken_up_again(door) -> None:
    for begin, end in (
        (lambda: door.command("lockdown"), lambda: door.command("end-lockdown")),
        (lambda: door.command("evacuate"), lambda: door.command("end-evacuation")),
        (lambda: door.set(BuildingInput.FIRE, True), lambda: door.set(BuildingInput.FIRE, False)),
    ):
        door.swipe(STAFF_CARD)
        assert door.lock.released
        begin()
        door.advance(6)
        door.forget()
        door.advance(60)
        assert ("lock", "release", 5.0) not in door.happened
        end()
        door.advance(6)
        assert not door.lock.released
        door.swipe(door.cards.valid)
        assert ("journal", "access.refused", "closed_hours") in door.happened


def test_staff_can_end_it_and_then_the_branch_is_not_open_again(door) -> None:
    door.swipe(STAFF_CARD)
    assert door.command("end-hold-open").done
    assert door.writer.events[-1].data.keys() == {"command"}
    door.swipe(door.cards.valid)
    assert door.happened[-1] == ("display", "closed")


def test_a_restart_does_not_revive_it(door) -> None:
    door.swipe(STAFF_CARD)
    door.begin().forget()
    assert not door.lock.released
    door.swipe(door.cards.valid)
    assert ("journal", "access.refused", "closed_hours") in door.happened


def test_an_opening_up_that_cannot_be_journalled_is_not_done(door) -> None:
    door.writer.broken = True
    door.swipe(STAFF_CARD)
    assert door.command("open-up").reason == "journal_unavailable"
    assert door.happened_of("lock") == []


def test_without_a_record_staff_are_let_in_where_set_so_but_the_door_does_not_stay_unlocked(
    make_door,
) -> None:
    door = make_door(
        hour=12, branch={**CATEGORIES, "journal": {"on_failure": "admit"}}, unlocked_when_staffed=True
    )
    door.members.memberships[STAFF_CARD] = replace(
        door.members.memberships[door.cards.valid], category="staff"
    )
    door.begin()
    door.writer.broken = True
    door.swipe(STAFF_CARD)
    assert door.status["mode"] == "released"
    door.advance(6)
    assert not door.lock.released


def test_only_doors_that_are_set_so_are_opened_up(make_door) -> None:
    back = {"id": "back", "readers": [{"port": "/dev/back"}], "lock": {"pin": 18}}
    doors = make_door(hour=12, others=[back], unlocked_when_staffed=True).begin()
    assert doors.command("open-up").data["modes"] == {"front": "hold-open"}
    assert not doors.locks["back"].released
    assert doors.command("open-up", door="back").reason == "bad_request"
    doors.swipe(doors.cards.valid, door="back")
    assert doors.happened[-1] == ("back display", "not_needed")
