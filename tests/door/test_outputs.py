"""Outputs that follow the branch, driven by the door's process."""

import pytest

from controller.core.event import EventType, Stamp
from controller.core.hours import Mode, Now
from controller.core.outputs import Rule
from controller.door.event_log import EventLog
from controller.door.inputs import BuildingInput, DoorInput
from controller.door.outputs import Outputs

LIGHTS = {"id": "lights", "pin": 5, "on_in": ["staffed", "unstaffed"], "in_emergency": "on"}
HEATING = {"id": "heating", "pin": 6, "on_in": ["staffed"]}
ALARM = {
    "id": "alarm",
    "pin": 7,
    "on_in": ["closed"],
    "keep_while_occupied": "off",
    "empty_min": 1,
    "safe": "leave",
}
HOUR_US = 3_600_000_000
NAMES = ("lights", "heating", "alarm")
COUNTING = {"estimate": True, "empty_at": "20:01"}


def driven(door) -> list[tuple]:
    return [happening for happening in door.happened if happening[0] in NAMES]


def outputs(make_door, *tables, hour: int = 9, **branch):
    return make_door(hour=hour, branch={"outputs": list(tables), **branch})


def test_without_outputs_nothing_is_said_of_them(door) -> None:
    door.advance(5)
    assert "outputs" not in door.status
    assert not [event for event in door.writer.events if event.type.startswith("output.")]


def test_at_a_start_they_are_safe_and_then_follow_the_hours_in_order(make_door) -> None:
    door = outputs(make_door, LIGHTS, HEATING, ALARM, occupancy=COUNTING).begin()
    door.advance(3)
    assert driven(door) == [
        ("lights", "off"),
        ("heating", "off"),
        ("alarm", "off"),
        ("lights", "on"),
    ]
    said = [
        (event.type, event.data["output"], event.data["why"])
        for event in door.writer.events
        if event.type.startswith("output.")
    ]
    assert said == [
        (EventType.OUTPUT_OFF, "lights", "start"),
        (EventType.OUTPUT_OFF, "heating", "start"),
        (EventType.OUTPUT_OFF, "alarm", "hours"),
        (EventType.OUTPUT_ON, "lights", "hours"),
    ]
    assert door.status["outputs"] == {"lights": "on", "heating": "off", "alarm": "off"}


def test_the_lock_is_secured_before_any_output_moves(make_door) -> None:
    door = outputs(make_door, LIGHTS).begin()
    moved = [happening[0] for happening in door.happened if happening[0] in ("lock", "lights")]
    assert moved[0] == "lock"


@pytest.mark.parametrize(("safe", "expected"), [("on", [("lights", "on")]), ("leave", [])])
def test_until_the_clock_is_believed_they_stay_safe(make_door, safe: str, expected: list) -> None:
    door = outputs(make_door, LIGHTS | {"safe": safe}, hour=22)
    door.clock.trusted = False
    door.begin()
    door.advance(60)
    assert driven(door) == expected
    door.clock.trusted = True
    door.advance(2)
    assert driven(door) == [*expected, ("lights", "off")]


def test_a_fire_counts_at_once_whatever_the_clock_says(make_door) -> None:
    door = outputs(make_door, LIGHTS | {"on_delay_s": 60}, hour=22)
    door.clock.trusted = False
    door.begin().forget()
    door.set(BuildingInput.FIRE, True)
    assert driven(door) == [("lights", "on")]


def test_a_lockdown_counts_at_once(make_door) -> None:
    door = outputs(make_door, LIGHTS | {"in_lockdown": "off"}).begin()
    door.advance(2)
    door.forget()
    assert door.command("lockdown").done
    assert driven(door) == [("lights", "off")]
    assert door.command("end-lockdown").done
    door.advance(1)
    assert driven(door) == [("lights", "off"), ("lights", "on")]


def test_an_alarm_waits_until_it_is_known_that_nobody_is_inside(make_door) -> None:
    door = outputs(make_door, ALARM, hour=20, occupancy=COUNTING).begin().forget()
    door.advance(61)  # closed, but nobody knows who is inside
    assert driven(door) == []
    door.advance(61)
    assert driven(door) == [("alarm", "on")]


def test_nobody_unsets_an_alarm_by_coming_in(make_door) -> None:
    counters = {"counter_in": {"pin": 20}, "counter_out": {"pin": 21}}
    branch = {"outputs": [ALARM], "occupancy": COUNTING}
    door = make_door(hour=20, branch=branch, **counters).begin()
    door.advance(130)
    assert driven(door) == [("alarm", "on")]
    door.open()  # by force
    door.set(DoorInput.COUNTER_IN, True)
    door.advance(600)
    assert door.status["occupancy"]["likely"] == 1
    assert driven(door) == [("alarm", "on")]
    door.clock.advance((6 * 24 + 12) * 3_600_000_000)  # on Monday at eight it opens
    door.advance(1)
    assert driven(door) == [("alarm", "on"), ("alarm", "off")]


def test_a_pulse_is_as_long_as_it_is_set(make_door) -> None:
    door = outputs(make_door, LIGHTS | {"pulse_s": 0.4}).begin().forget()
    door.advance(5)
    times = {event.type: event.stamp.mono_us for event in door.writer.events if "output" in event.data}
    assert 400_000 <= times[EventType.OUTPUT_OFF] - times[EventType.OUTPUT_ON] <= 420_000
    assert driven(door)[-1] == ("lights", "off")


def test_an_output_that_cannot_be_driven_is_said_once_and_tried_again(make_door) -> None:
    door = outputs(make_door, LIGHTS)
    door.broken_outputs.add("lights")
    door.begin()
    door.advance(35)
    faults = [event for event in door.writer.events if event.type is EventType.OUTPUT_FAULT]
    assert [dict(event.data) for event in faults] == [{"output": "lights", "why": "start"}]
    assert door.status["outputs"] == {"lights": None}
    door.swipe(door.cards.valid)
    assert door.lock.released  # nobody waits for a light
    door.broken_outputs.clear()
    door.advance(11)
    assert driven(door) == [("lights", "on")]
    assert door.status["outputs"] == {"lights": "on"}


# --- hours that are known ahead -------------------------------------------------------------------


class Morning:
    """The outputs of a branch that is closed until it opens, and the time until then."""

    def __init__(self, rig, **rule) -> None:
        self.rig = rig
        log = EventLog(rig.clock, rig.clock, rig.writer)
        rules = (Rule("heating", frozenset({Mode.UNSTAFFED}), **rule),)
        self.outputs = Outputs(rules, {"heating": self}, log)
        self.outputs.begin()
        rig.forget()
        self.opens_us = rig.clock.wall_us + HOUR_US
        self.asked_ahead = 0

    def drive(self, *, on: bool) -> None:
        self.rig.happened.append(("heating", "on" if on else "off"))

    def close(self) -> None: ...

    def hours_at(self, wall_us: int) -> Now:
        if wall_us >= self.opens_us:
            self.asked_ahead += 1
            return Now(Mode.UNSTAFFED, None, entry=True)
        return Now(Mode.CLOSED, self.opens_us, entry=True)

    def tick(self, *, before_s: float) -> list[tuple]:
        """So long before it opens."""
        clock = self.rig.clock
        clock.advance(self.opens_us - round(before_s * 1e6) - clock.wall_us)
        stamp = Stamp(clock.wall_us, clock.mono_us, "boot", clock.trusted)
        self.outputs.tick(stamp, self.hours_at, None, emergency=False, lockdown=False)
        return driven(self.rig)[-1:]


def test_before_the_branch_opens_its_hours_count_ahead(door) -> None:
    morning = Morning(door, early_us=HOUR_US // 2)
    for before_s in (3000, 2400, 1801):
        assert morning.tick(before_s=before_s) == []
    assert morning.asked_ahead == 1  # a schedule plans a day at a time
    assert morning.tick(before_s=1800) == [("heating", "on")]


def test_without_that_they_count_when_they_begin(door) -> None:
    morning = Morning(door)
    assert morning.tick(before_s=0.001) == []
    assert morning.asked_ahead == 0
    assert morning.tick(before_s=0) == [("heating", "on")]


@pytest.mark.parametrize(("closed_weeks", "expected"), [(0, ["on"]), (5, [])])
def test_the_hours_that_are_set_count_ahead_and_a_closure_of_many_weeks_has_none(
    make_door, closed_weeks: int, expected: list[str]
) -> None:
    closed = {"2026-11-23 to 2026-12-27": {}} if closed_weeks else {}
    hours = {"unstaffed": {"mon": ["08:00-20:00"]}, "dates": closed}
    heating = {"id": "heating", "pin": 6, "on_in": ["unstaffed"], "early_min": 30}
    door = outputs(make_door, heating, hour=7, hours=hours)
    door.clock.advance(29 * 60_000_000)
    door.begin().forget()
    door.advance(58)
    assert driven(door) == []
    door.advance(4)
    assert [level for _, level in driven(door)] == expected
