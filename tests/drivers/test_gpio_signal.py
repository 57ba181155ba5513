from collections.abc import Iterator

import pytest
from gpiozero import Factory
from pytest_mock import MockerFixture

from controller.devices import SignalStep
from drivers.gpio_signal import GpioSignal
from simulator.waiting import wait_until

GREEN, RED, BUZZER = 24, 25, 12
LONG_S = 30


@pytest.fixture
def signal(pins: Factory) -> Iterator[GpioSignal]:
    signal = GpioSignal(green_pin=GREEN, red_pin=RED, buzzer_pin=BUZZER, pin_factory=pins)
    yield signal
    signal.close()


def shown(pins: Factory) -> tuple[bool, bool, bool]:
    green, red, buzzer = (bool(pins.pin(pin).state) for pin in (GREEN, RED, BUZZER))
    return green, red, buzzer


def test_it_shows_a_step_and_goes_dark_after_the_last(signal: GpioSignal, pins: Factory) -> None:
    signal.play((SignalStep(green=True, red=False, buzzer=True, duration_s=0.1),))
    wait_until(lambda: shown(pins) == (True, False, True), 20)
    wait_until(lambda: shown(pins) == (False, False, False), 20)


def test_a_new_pattern_replaces_the_old_at_once(signal: GpioSignal, pins: Factory) -> None:
    signal.play((SignalStep(green=True, red=False, buzzer=False, duration_s=LONG_S),))
    wait_until(lambda: shown(pins) == (True, False, False), 20)
    signal.play((SignalStep(green=False, red=True, buzzer=False, duration_s=LONG_S),))
    wait_until(lambda: shown(pins) == (False, True, False), 20)


def test_what_is_not_fitted_is_left_out(pins: Factory) -> None:
    signal = GpioSignal(green_pin=GREEN, red_pin=None, buzzer_pin=None, pin_factory=pins)
    signal.play((SignalStep(green=True, red=True, buzzer=True, duration_s=LONG_S),))
    wait_until(lambda: bool(pins.pin(GREEN).state), 20)
    signal.close()


def test_a_lamp_that_fails_stops_nobody(signal: GpioSignal, pins: Factory, mocker: MockerFixture) -> None:
    broken = mocker.patch.object(type(pins.pin(GREEN)), "_set_state", side_effect=OSError("lamp"))
    signal.play((SignalStep(green=True, red=False, buzzer=False, duration_s=0.01),))
    wait_until(lambda: broken.call_count > 0, 20)
    mocker.stopall()
    signal.play((SignalStep(green=True, red=False, buzzer=False, duration_s=LONG_S),))
    wait_until(lambda: shown(pins) == (True, False, False), 20)
