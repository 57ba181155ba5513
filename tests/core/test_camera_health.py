"""Each fault is told within its seconds, once, and nothing else is told with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from controller.core.camera_health import (
    LOOK_EVERY_S,
    NOTICED_S,
    OF_THE_PICTURE,
    CameraHealth,
    Change,
    Fault,
    Figures,
)
from controller.core.lasting import Turn

S = 1_000_000
WELL = Figures(120, 0.6, kept=0.9, reference_shown=0.6, clock_off=False, rate_low=False)

ILL = {
    Fault.UNREADABLE: replace(WELL, light=0, shown=0, kept=None, readable=False, rate_low=True),
    Fault.DARK: replace(WELL, light=5, shown=0.1, kept=0.05, same=True, still=True, rate_low=True),
    Fault.COVERED: replace(WELL, light=90, shown=0.1, kept=0.1, same=True, still=True, rate_low=True),
    Fault.FROZEN: replace(WELL, same=True, still=True, rate_low=True),
    Fault.MOVED: replace(WELL, kept=0.1),
    Fault.BAD_CLOCK: replace(WELL, clock_off=True),
    Fault.LOW_BIT_RATE: replace(WELL, rate_low=True),
}


def told(
    health: CameraHealth, looks: Sequence[Figures], every_s: float = LOOK_EVERY_S
) -> list[tuple[float, Change]]:
    """Each change and the second in which it came."""
    return [
        (number * every_s, change)
        for number, seen in enumerate(looks)
        for change in health.look(seen, round(number * every_s * S))
    ]


@pytest.mark.parametrize("every_s", [1, 2, LOOK_EVERY_S])
@pytest.mark.parametrize("fault", Fault)
def test_each_fault_is_told_in_time_once_and_alone(fault: Fault, every_s: float) -> None:
    health = CameraHealth()
    looks = round(300 / every_s)
    begun = told(health, [ILL[fault]] * looks, every_s)
    ((after_s, change),) = begun
    assert change == Change(fault, Turn.BEGUN)
    assert after_s <= NOTICED_S[fault]
    assert health.faults == {fault}
    ((after_s, change),) = told(health, [WELL] * looks, every_s)
    assert change == Change(fault, Turn.ENDED)
    assert after_s <= NOTICED_S[fault]
    assert not health.faults


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.BAD_CLOCK])
def test_what_flickers_is_told_once_or_not_at_all(fault: Fault) -> None:
    assert told(CameraHealth(), [ILL[fault], WELL] * 100) == []
    health = CameraHealth(in_force=[fault])
    assert told(health, [ILL[fault], WELL] * 100) == []
    assert health.faults == {fault}


def test_a_fault_that_was_told_before_a_restart_is_not_told_again() -> None:
    health = CameraHealth(in_force=[Fault.COVERED])
    assert told(health, [ILL[Fault.COVERED]] * 50) == []
    assert [change for _, change in told(health, [WELL] * 50)] == [Change(Fault.COVERED, Turn.ENDED)]


def test_the_view_is_not_judged_before_there_is_a_reference() -> None:
    strange = replace(WELL, kept=None, reference_shown=None)
    assert told(CameraHealth(), [strange] * 100) == []


def test_what_is_close_to_a_limit_changes_nothing() -> None:
    between = replace(WELL, light=35, shown=0.3, kept=0.42, clock_off=None, rate_low=None, same=True)
    assert told(CameraHealth(), [between] * 100) == []
    health = CameraHealth(
        in_force=[Fault.DARK, Fault.FROZEN, Fault.MOVED, Fault.BAD_CLOCK, Fault.LOW_BIT_RATE]
    )
    assert told(health, [between] * 100) == []


def test_a_view_that_is_found_elsewhere_has_moved_however_much_of_it_is_kept() -> None:
    shifted = replace(WELL, kept=0.7, elsewhere=True)
    assert [change.fault for _, change in told(CameraHealth(), [shifted] * 30)] == [Fault.MOVED]


@pytest.mark.parametrize("fault", OF_THE_PICTURE)
def test_what_cannot_be_seen_now_is_neither_over_nor_begun(fault: Fault) -> None:
    health = CameraHealth(in_force=[fault, Fault.UNREADABLE])
    assert told(health, [ILL[Fault.UNREADABLE]] * 100) == []


def test_half_a_view_that_is_lost_with_little_to_see_is_covered_and_with_much_is_moved() -> None:
    lost = replace(WELL, kept=0.3)
    assert [c.fault for _, c in told(CameraHealth(), [replace(lost, shown=0.25)] * 30)] == [Fault.COVERED]
    assert [c.fault for _, c in told(CameraHealth(), [replace(lost, shown=0.35)] * 30)] == [Fault.MOVED]


def test_a_low_rate_that_was_measured_in_the_dark_is_no_fault_in_the_light() -> None:
    health = CameraHealth()
    faults = [
        c.fault for _, c in told(health, [ILL[Fault.DARK]] * 20 + [ILL[Fault.LOW_BIT_RATE]] * 6 + [WELL] * 9)
    ]
    assert faults == [Fault.DARK, Fault.DARK]
