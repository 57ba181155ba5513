from pathlib import Path

import pytest
from gpiozero import Device, Factory
from pytest_mock import MockerFixture

from controller.devices import DeviceError
from drivers.gpio import let_go
from drivers.gpio_output import GpioOutput
from simulator.pins.panel import Panel

PIN = 5


@pytest.mark.parametrize("active_high", [False, True])
def test_on_is_the_level_that_energises_the_relay(pins: Factory, active_high: bool) -> None:
    output = GpioOutput(PIN, active_high=active_high, pin_factory=pins)
    for on in (True, False, True):
        output.drive(on=on)
        assert bool(pins.pin(PIN).state) == (on == active_high)
        assert pins.pin(PIN).function == "output"


def test_a_pin_that_cannot_be_written_is_a_fault_and_is_tried_again(
    pins: Factory, mocker: MockerFixture
) -> None:
    output = GpioOutput(PIN, active_high=True, pin_factory=pins)
    broken = mocker.patch.object(pins, "pin", side_effect=OSError("gone"))
    with pytest.raises(DeviceError, match="output on pin 5: gone"):
        output.drive(on=True)
    mocker.stop(broken)
    output.drive(on=True)
    assert pins.pin(PIN).state


@pytest.mark.parametrize("level", [False, True])
def test_a_pin_keeps_its_level_from_one_process_to_the_next_until_it_is_driven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: bool
) -> None:
    with Panel(tmp_path / "pins.sock") as panel:
        for name, value in panel.environment.items():
            monkeypatch.setenv(name, value)
        before = GpioOutput(PIN, active_high=True)
        before.drive(on=level)
        before.close()
        let_go()
        after = GpioOutput(PIN, active_high=True)
        assert panel.level(PIN) is level
        after.drive(on=not level)
        assert panel.level(PIN) is not level
        let_go()
        assert Device.pin_factory is None
