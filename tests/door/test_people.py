"""What the doors tell of people: evidence of passages, and how many are inside."""

from datetime import UTC

import pytest

from controller.core.event import EventType, Stamp
from controller.core.hours import Mode
from controller.door.event_log import EventLog
from controller.door.inputs import BuildingInput, DoorInput
from controller.door.machine import Cause
from controller.door.people import People

EVIDENCE = {"passages": {"evidence": True, "long_s": 10.0, "reopened_s": 5.0}}
COUNTING = {"occupancy": {"estimate": True, "empty_at": "09:01"}}
COUNTERS = {"counter_in": {"pin": 20}, "counter_out": {"pin": 21}}
BOTH_SIDES = {"readers": [{"port": "/dev/in"}, {"id": "out", "side": "out", "port": "/dev/out"}]}
HOUR_US = 3_600_000_000


def pass_counter(door, name: DoorInput) -> None:
    """Somebody walks through a counter's beam."""
    door.set(name, True)
    door.advance(0.1)
    door.set(name, False)
    door.advance(0.1)


def evidence(door) -> list[tuple]:
    return [
        (event.type, dict(event.data)) for event in door.writer.events if event.type.startswith("passage.")
    ]


def emptied(make_door, **settings):
    """A door that has just come to know that nobody is inside."""
    branch = settings.pop("branch", {})
    door = make_door(branch=COUNTING | branch, **settings).begin()
    assert door.status["occupancy"]["known"] is False
    door.advance(61)
    assert door.status["occupancy"]["likely"] == 0
    return door.forget()


def inside(door) -> tuple[int, int, int | None]:
    found = door.status["occupancy"]
    return found["at_least"], found["likely"], found["at_most"]


def come_in(door, *, open_s: float = 2) -> None:
    door.swipe(door.cards.valid)
    door.advance(1)
    door.open()
    door.advance(open_s)
    door.shut()
    door.advance(3)


def leave(door) -> None:
    door.push_exit()
    door.open()
    door.advance(2)
    door.shut()
    door.advance(3)


# --- evidence -------------------------------------------------------------------------------------


def test_nothing_is_said_unless_it_is_set(make_door) -> None:
    door = make_door(**COUNTERS).begin()
    come_in(door, open_s=20)
    pass_counter(door, DoorInput.COUNTER_IN)
    assert evidence(door) == []
    assert "occupancy" not in door.status


def test_each_person_beyond_the_grant_is_evidence_about_it(make_door) -> None:
    door = make_door(branch=EVIDENCE, **COUNTERS).begin()
    door.swipe(door.cards.valid)
    door.open()
    for _ in range(3):
        pass_counter(door, DoorInput.COUNTER_IN)
    door.shut()
    [grant] = [event for event in door.writer.events if event.type is EventType.ACCESS_GRANTED]
    more = EventType.PASSAGE_MORE_THAN_GRANTED
    assert [(kind, data["counted_in"]) for kind, data in evidence(door)] == [(more, 2), (more, 3)]
    assert {event.subject for event in door.writer.events if event.type is more} == {"front"}
    assert {data["grant"] for _, data in evidence(door)} == {grant.id}


def test_two_who_were_let_in_by_staff_and_by_card_are_two(make_door) -> None:
    door = make_door(branch=EVIDENCE, **COUNTERS).begin()
    door.swipe(door.cards.valid)
    assert door.command("unlock").done
    door.open()
    for _ in range(2):
        pass_counter(door, DoorInput.COUNTER_IN)
    assert evidence(door) == []


def test_whoever_comes_in_as_another_leaves_is_evidence(make_door) -> None:
    door = make_door(branch=EVIDENCE, **COUNTERS).begin()
    door.push_exit()
    door.open()
    pass_counter(door, DoorInput.COUNTER_OUT)
    pass_counter(door, DoorInput.COUNTER_IN)
    assert evidence(door) == [
        (EventType.PASSAGE_MORE_THAN_GRANTED, {"granted": 0, "counted_in": 1, "counted_out": 1})
    ]


def test_a_door_that_opens_again_behind_a_member(make_door) -> None:
    door = make_door(branch=EVIDENCE).begin()
    door.swipe(door.cards.valid)
    door.open()
    door.advance(2)
    door.shut()
    door.advance(1.5)
    door.open()
    [(kind, data)] = evidence(door)
    assert kind is EventType.PASSAGE_REOPENED
    assert (data["after_ms"], data["asked_to_leave"]) == (1500, False)
    assert ("journal", "door.forced") in door.happened


def test_a_door_that_is_open_for_long(make_door) -> None:
    door = make_door(branch=EVIDENCE).begin()
    come_in(door, open_s=9)
    assert evidence(door) == []
    come_in(door, open_s=15)
    [(kind, data)] = evidence(door)
    assert kind is EventType.PASSAGE_LONG
    assert 10_000 <= data["open_ms"] < 11_100


def test_a_grant_that_was_not_used_lets_nobody_else_in(make_door) -> None:
    door = make_door(branch=EVIDENCE, **COUNTERS).begin()
    door.swipe(door.cards.valid)
    door.advance(6)
    door.push_exit()
    door.open()
    pass_counter(door, DoorInput.COUNTER_IN)
    [(_, data)] = evidence(door)
    assert data["granted"] == 0


@pytest.mark.parametrize("why", ["staffed", "hold-open", "fire"])
def test_a_door_that_may_stand_open_is_not_judged(make_door, why: str) -> None:
    door = make_door(hour=11 if why == "staffed" else 9, branch=EVIDENCE, **COUNTERS).begin()
    if why == "hold-open":
        assert door.command("hold-open", minutes=30).done
    elif why == "fire":
        door.set(BuildingInput.FIRE, True)
    door.open()
    for _ in range(3):
        pass_counter(door, DoorInput.COUNTER_IN)
    door.advance(20)
    door.shut()
    assert evidence(door) == []


def test_from_a_hold_open_on_an_opening_is_not_judged(make_door) -> None:
    door = make_door(branch=EVIDENCE, **COUNTERS).begin()
    door.swipe(door.cards.valid)
    door.open()
    assert door.command("hold-open", minutes=30).done
    for _ in range(3):
        pass_counter(door, DoorInput.COUNTER_IN)
    door.advance(20)
    assert evidence(door) == []


# --- how many -------------------------------------------------------------------------------------


def test_after_a_start_nobody_knows_and_from_the_set_time_on_it_is_counted(make_door) -> None:
    door = emptied(make_door)
    assert inside(door) == (0, 0, 0)
    come_in(door)
    come_in(door)
    assert inside(door) == (2, 2, None)
    leave(door)
    assert inside(door) == (0, 1, None)


def test_a_grant_that_nobody_used_is_nobody(make_door) -> None:
    door = emptied(make_door)
    door.swipe(door.cards.valid)
    door.advance(10)
    assert inside(door) == (0, 0, 0)


def test_without_a_contact_a_grant_and_an_exit_request_are_one_person_each(make_door) -> None:
    door = emptied(make_door, contact=None)
    door.swipe(door.cards.valid)
    assert inside(door) == (1, 1, None)
    door.push_exit()
    assert inside(door) == (0, 0, None)


def test_a_forced_door_leaves_nothing_certain(make_door) -> None:
    door = emptied(make_door)
    come_in(door)
    door.open()
    assert inside(door) == (0, 1, None)


def test_counters_count_whatever_the_door_does(make_door) -> None:
    door = emptied(make_door, **COUNTERS)
    come_in(door)
    assert inside(door) == (0, 0, 0)
    for _ in range(3):
        pass_counter(door, DoorInput.COUNTER_IN)
    assert inside(door) == (2, 3, 4)
    pass_counter(door, DoorInput.COUNTER_OUT)
    assert inside(door) == (1, 2, 3)
    assert door.status["occupancy"]["basis"] == "counters"


def test_counters_at_one_door_of_two_count_for_nothing(make_door) -> None:
    back = {"id": "back", "readers": [{"port": "/b"}], "lock": {"pin": 18}, "exit_button": {"pin": 19}}
    door = emptied(make_door, others=[back], **COUNTERS)
    pass_counter(door, DoorInput.COUNTER_IN)
    assert inside(door) == (0, 0, 0)
    assert door.status["occupancy"]["basis"] == "grants"


@pytest.mark.parametrize("why", ["hold-open", "fire"])
def test_after_the_door_stood_open_nobody_knows(make_door, why: str) -> None:
    door = emptied(make_door)
    come_in(door)
    if why == "hold-open":
        assert door.command("hold-open", minutes=1).done
    else:
        door.set(BuildingInput.FIRE, True)
    assert door.status["occupancy"]["known"]  # nobody has moved yet
    door.open()
    assert not door.status["occupancy"]["known"]


def test_in_staffed_hours_only_counters_know(make_door) -> None:
    without, with_counters = emptied(make_door), emptied(make_door, **COUNTERS)
    for door in (without, with_counters):
        door.clock.advance(HOUR_US)
        door.advance(1)
        assert door.status["hours"] == "staffed"
    assert not without.status["occupancy"]["known"]
    assert with_counters.status["occupancy"]["known"]


def test_staff_who_have_looked_can_say_that_nobody_is_inside(make_door) -> None:
    door = make_door(branch={"occupancy": {"estimate": True}}).begin()
    come_in(door)
    assert not door.status["occupancy"]["known"]
    assert door.command("building-empty").done
    assert inside(door) == (0, 0, 0)
    assert ("journal", "command.received", "building-empty", ["front"], 0, "root") in door.happened


@pytest.mark.parametrize(
    ("then", "checked", "known"),
    [
        (Mode.UNSTAFFED, True, True),
        (Mode.CLOSED, True, True),
        (Mode.STAFFED, True, False),  # staff came back before it was over
        (Mode.UNSTAFFED, False, False),
    ],
)
def test_at_the_end_of_a_clear_out_nobody_is_inside(
    make_door, then: Mode, checked: bool, known: bool
) -> None:
    settings = {"occupancy": {"estimate": True, "empty_after_clear_out": checked}}
    door = make_door(branch=settings).begin()
    people = People(door.settings, EventLog(door.clock, door.clock, door.writer), UTC, bytes(32))

    def tick(mode: Mode | None) -> bool:
        door.clock.advance(1_000_000)
        people.tick(Stamp(door.clock.wall_us, door.clock.mono_us, "boot", mode is not None), mode)
        return people.status()["occupancy"]["known"]

    assert not tick(Mode.CLEAR_OUT)
    assert not tick(None)  # whether it is over is not known while the clock cannot be believed
    assert tick(then) is known


def test_the_clear_out_that_is_set_ends_so(make_door) -> None:
    hours = {"staffed": {"mon": ["10:00-17:00"]}, "unstaffed": {"mon": ["17:00-20:00"]}, "clear_out_min": 1}
    door = make_door(hour=17, branch={"hours": hours, "occupancy": {"estimate": True}}).begin()
    door.advance(58)
    assert not door.status["occupancy"]["known"]
    door.advance(3)
    assert door.status["occupancy"]["known"]


def test_while_the_clock_cannot_be_believed_no_time_of_day_comes(make_door) -> None:
    door = make_door(branch=COUNTING).begin()
    door.clock.trusted = False
    door.advance(120)
    assert not door.status["occupancy"]["known"]


def published(door) -> list:
    return [event.data["people"] for event in door.writer.events if event.type is EventType.OCCUPANCY_CHANGED]


def test_what_is_published_is_coarse_rare_and_only_if_set(make_door) -> None:
    telling = {"occupancy": {"estimate": True, "empty_at": "09:01", "publish": True}}
    for branch, expected in (({}, []), (telling, [10, 15, 30])):
        door = emptied(make_door, branch=branch, **COUNTERS)
        for people in (9, 1, 3):  # one after the other within a minute: 9, 10, 13
            for _ in range(people):
                pass_counter(door, DoorInput.COUNTER_IN)
            door.advance(2)
        assert published(door) == expected[:1]
        door.advance(60)
        for _ in range(17):
            pass_counter(door, DoorInput.COUNTER_IN)
        door.advance(60)
        assert published(door) == expected
        exact = {"likely", "at_least", "at_most", 13, 17, 29}
        for event in door.writer.events:
            if event.type is EventType.OCCUPANCY_CHANGED:
                assert not exact & {*event.data, *event.data.values()}


# --- what it decides ------------------------------------------------------------------------------


def refused(door) -> list[str]:
    return [happening[2] for happening in door.happened if happening[:2] == ("journal", "access.refused")]


def test_nobody_is_let_in_by_card_when_it_is_full(make_door) -> None:
    door = emptied(make_door, branch={"capacity": {"limit": 2}})
    come_in(door)
    door.swipe(door.cards.valid)  # granted, and not yet inside
    assert refused(door) == []
    assert door.status["occupancy"]["full"]
    door.advance(1)
    door.swipe(door.cards.expired)
    door.advance(0.5)
    door.swipe(door.cards.valid)
    assert refused(door) == ["expired"]  # the same card within a moment is the same swipe
    door.advance(6)
    come_in(door)
    come_in(door)
    assert refused(door) == ["expired", "full"]
    leave(door)
    come_in(door)
    assert refused(door) == ["expired", "full"]


def test_while_nobody_knows_nobody_is_kept_out(make_door) -> None:
    counted = {"occupancy": {"estimate": True}, "capacity": {"limit": 1}}
    door = make_door(branch=counted).begin()
    come_in(door)
    come_in(door)
    assert refused(door) == []
    assert not door.status["occupancy"]["full"]


@pytest.mark.parametrize("policy", ["off", "warn", "refuse"])
def test_a_card_that_came_in_and_has_not_left(make_door, policy: str) -> None:
    door = make_door(branch={"anti_passback": {"policy": policy}}, **BOTH_SIDES).begin()
    come_in(door)
    come_in(door)
    grants = [event for event in door.writer.events if event.type is EventType.ACCESS_GRANTED]
    assert refused(door) == (["passback"] if policy == "refuse" else [])
    marked = [None, True] if policy == "warn" else [None] if policy == "refuse" else [None, None]
    assert [event.data.get("passback") for event in grants] == marked
    door.swipe(door.cards.valid, reader="out")
    door.open()
    door.shut()
    door.advance(3)
    come_in(door)
    assert len(refused(door)) == (policy == "refuse")


def test_a_card_is_inside_only_once_the_door_was_opened(make_door) -> None:
    door = make_door(branch={"anti_passback": {"policy": "refuse"}}, **BOTH_SIDES).begin()
    for _ in range(2):
        door.swipe(door.cards.valid)
        door.advance(6)
    assert refused(door) == []
    come_in(door)
    door.swipe(door.cards.valid, reader="out")
    door.advance(6)  # did not leave after all
    door.swipe(door.cards.valid)
    assert refused(door) == ["passback"]


def test_nobody_is_inside_when_the_building_is_known_to_be_empty(make_door) -> None:
    branch = COUNTING | {"anti_passback": {"policy": "refuse"}}
    door = make_door(branch=branch, **BOTH_SIDES).begin()
    come_in(door)
    door.advance(60)
    come_in(door)
    assert refused(door) == []


def test_nothing_of_a_card_is_in_what_is_shown_of_its_release(make_door) -> None:
    cause = Cause("grant", None, member_ref=b"a member's reference")
    assert "reference" not in repr(cause)
