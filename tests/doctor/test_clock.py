from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Rig

BATTERY_CLOCK = "sys/class/rtc/rtc0/since_epoch"


def test_a_clock_that_nobody_has_set_is_a_fault(rig: Rig) -> None:
    rig.not_synchronised()

    assert "no time server" in rig.look("clock").faults


def test_with_a_battery_clock_it_is_a_hint(rig: Rig) -> None:
    rig.not_synchronised()
    rig.machine.has(BATTERY_CLOCK, str(rig.now.wall_us // 1_000_000))

    assert "no time server" in rig.look("clock").hints


def test_a_battery_clock_that_is_wrong_is_a_fault(rig: Rig) -> None:
    rig.machine.has(BATTERY_CLOCK, str(rig.now.wall_us // 1_000_000 - 3600))

    assert "3600 s behind" in rig.look("clock").faults


def test_the_settings_may_claim_one_that_is_not_there(rig: Rig) -> None:
    rig.edit("#battery_clock = false", "battery_clock = true")

    found = rig.look("clock")
    assert "there is none" in found.faults
    assert "fit one" not in found.hints


def test_that_the_door_is_silent_is_not_guessed_away(rig: Rig) -> None:
    assert "the door does not answer" in rig.look("clock").unknown
