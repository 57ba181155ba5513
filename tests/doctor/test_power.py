from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from controller.doctor.finding import State
from controller.doctor.machine import Answer

if TYPE_CHECKING:
    from conftest import Rig

ASK = "vcgencmd get_throttled"


@pytest.mark.parametrize(
    ("bits", "state", "says"),
    [
        ("0x0", State.OK, "not been too low"),
        ("0x50005", State.FAULT, "too low now (under-voltage)"),
        ("0x50000", State.FAULT, "too low since the start (under-voltage)"),
        ("0x80008", State.HINT, "slowed itself down"),
    ],
)
def test_the_raspberry_pi_tells_of_its_voltage(rig: Rig, bits: str, state: State, says: str) -> None:
    rig.machine.says[ASK] = Answer(0, f"throttled={bits}")

    assert says in rig.look("power").said(state)


def test_the_kernel_tells_where_there_is_no_vcgencmd(rig: Rig) -> None:
    rig.machine.has("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    rig.machine.has("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")

    assert "under-voltage" in rig.look("power").faults


def test_another_machine_does_not_tell(rig: Rig) -> None:
    assert "does not tell its voltage" in rig.look("power").unknown


def test_heat_is_told(rig: Rig) -> None:
    rig.machine.has("sys/class/thermal/thermal_zone0/temp", "84100\n")

    assert "84 °C" in rig.look("power").hints
