"""When the wall clock is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.clock import ClockJudge

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
LAST_US = 1_795_420_800 * SECOND_US


class Machine:
    """A machine whose wall clock is ``wrong_us`` away from the true time, and the judge of it."""

    def __init__(
        self,
        *,
        battery_clock: bool = False,
        assume_trusted: bool = False,
        last: int | None = LAST_US,
        wrong_us: int = HOUR_US,
    ) -> None:
        self.judge = ClockJudge(
            battery_clock=battery_clock, assume_trusted=assume_trusted, last_trusted_wall_us=last
        )
        self.mono_us = 20 * SECOND_US
        self.wrong_us = wrong_us
        self.synchronised = False
        self.boot_id = "first"

    def believed(self, after_us: int = SECOND_US) -> bool:
        self.mono_us += after_us
        return self.judge.judge(
            LAST_US + self.wrong_us + self.mono_us, self.mono_us, self.boot_id, self.synchronised
        )


def test_a_clock_that_nothing_vouches_for_is_never_believed() -> None:
    machine = Machine()
    assert not any(machine.believed(HOUR_US) for _ in range(100))


def test_synchronisation_makes_it_believed_from_then_on() -> None:
    machine = Machine()
    assert not machine.believed()
    machine.synchronised = True
    assert machine.believed()
    machine.synchronised = False  # the network is gone; the clock still runs true
    assert all(machine.believed(HOUR_US) for _ in range(100))


@pytest.mark.parametrize(
    ("wrong_us", "last", "believed"),
    [
        (0, LAST_US, True),
        (-20 * SECOND_US - SECOND_US, LAST_US, True),  # reads exactly the last event's time
        (-21 * SECOND_US - 1, LAST_US, False),
        (-(10**15), LAST_US, False),  # an empty battery
        (0, None, True),  # a new machine: nothing contradicts it
    ],
)
def test_a_battery_clock_vouches_unless_it_reads_earlier_than_the_last_trusted_event(
    wrong_us: int, last: int | None, believed: bool
) -> None:
    assert Machine(battery_clock=True, last=last, wrong_us=wrong_us).believed() is believed


def test_a_battery_clock_that_is_behind_does_not_come_right_by_waiting() -> None:
    machine = Machine(battery_clock=True, wrong_us=-HOUR_US)
    assert not machine.believed()
    assert not any(machine.believed(HOUR_US) for _ in range(10))
    machine.synchronised = True
    assert machine.believed()


@pytest.mark.parametrize("step_us", [2 * SECOND_US + 1, -2 * SECOND_US - 1, 24 * HOUR_US, -24 * HOUR_US])
@pytest.mark.parametrize("battery_clock", [False, True])
def test_a_step_ends_belief_until_the_clock_is_synchronised_again(step_us: int, battery_clock: bool) -> None:
    machine = Machine(battery_clock=battery_clock)
    machine.synchronised = True
    assert machine.believed()
    machine.synchronised = False
    machine.wrong_us += step_us
    assert not any(machine.believed() for _ in range(10))
    machine.synchronised = True
    assert machine.believed()


def test_a_step_is_seen_even_if_the_time_source_made_it() -> None:
    machine = Machine(battery_clock=True)
    assert machine.believed()
    machine.wrong_us, machine.synchronised = 0, True
    assert [machine.believed() for _ in range(3)] == [False, True, True]


def test_small_steps_are_forgiven_but_do_not_add_up() -> None:
    machine = Machine()
    machine.synchronised = True
    assert machine.believed()
    machine.synchronised = False
    machine.wrong_us += 2 * SECOND_US
    assert machine.believed()
    machine.wrong_us += 1
    assert not machine.believed()


def test_another_boot_begins_afresh() -> None:
    machine = Machine()
    machine.synchronised = True
    assert machine.believed()
    machine.boot_id, machine.mono_us, machine.synchronised = "second", 0, False
    assert not machine.believed()


def test_what_is_assumed_is_always_believed() -> None:
    machine = Machine(assume_trusted=True, wrong_us=-(10**15))
    assert machine.believed()
    machine.wrong_us = 10**15
    assert machine.believed()


@given(st.lists(st.tuples(st.integers(-3 * SECOND_US, 3 * SECOND_US), st.booleans()), max_size=30))
def test_belief_never_appears_without_somebody_to_vouch(steps: list[tuple[int, bool]]) -> None:
    machine, before = Machine(), False
    for step_us, synchronised in steps:
        machine.wrong_us += step_us
        machine.synchronised = synchronised
        now = machine.believed()
        assert before or synchronised or not now
        before = now
