from collections.abc import Callable, Iterator

import pytest
from gpiozero import Device, Factory
from gpiozero.exc import PinSetInput
from pytest_mock import MockerFixture

from controller.devices import DeviceError
from drivers.gpio_lock import GpioLock
from simulator.waiting import wait_until

PIN = 17

# released level: strike on an active-high board, strike on an active-low one, and the same for a maglock
WIRINGS = [(False, True, True), (False, False, False), (True, True, False), (True, False, True)]

Wait = Callable[[Callable[[], bool]], None]


@pytest.fixture(params=WIRINGS, ids=["strike-high", "strike-low", "maglock-high", "maglock-low"])
def wiring(request: pytest.FixtureRequest) -> tuple[bool, bool, bool]:
    return request.param


@pytest.fixture
def lock(pins: Factory, wiring: tuple[bool, bool, bool]) -> Iterator[GpioLock]:
    fail_safe, active_high, _ = wiring
    lock = GpioLock(PIN, fail_safe=fail_safe, active_high=active_high, max_on_s=0.3, pin_factory=pins)
    yield lock
    lock.close()


@pytest.fixture
def released(pins: Factory, wiring: tuple[bool, bool, bool]) -> Callable[[], bool]:
    return lambda: bool(pins.pin(PIN).state) == wiring[2]


def test_it_is_secured_when_opened_and_when_closed(lock: GpioLock, released: Callable[[], bool]) -> None:
    assert not released()
    lock.release(0.3)
    assert released()
    lock.close()
    assert not released()


def test_it_stays_driven_when_closed(lock: GpioLock, pins: Factory) -> None:
    lock.close()
    assert pins.pin(PIN).function == "output"


def test_nobody_needs_to_secure_it(lock: GpioLock, released: Callable[[], bool]) -> None:
    lock.release(0.1)
    assert released()
    wait_until(lambda: not released(), 20)


def test_a_later_release_moves_the_deadline(lock: GpioLock, released: Callable[[], bool]) -> None:
    lock.release(0.3)
    lock.release(0.05)
    wait_until(lambda: not released(), limit_s=0.25)


@pytest.mark.parametrize("duration_s", [0.31, 0, -1, float("nan"), float("inf")])
def test_a_release_beyond_the_maximum_is_refused(
    lock: GpioLock, released: Callable[[], bool], duration_s: float
) -> None:
    with pytest.raises(ValueError, match="at most"):
        lock.release(duration_s)
    assert not released()


def test_secure_ends_a_release(lock: GpioLock, released: Callable[[], bool]) -> None:
    lock.release(0.3)
    lock.secure()
    assert not released()


def test_a_closed_lock_cannot_be_released(lock: GpioLock, released: Callable[[], bool]) -> None:
    lock.close()
    with pytest.raises(DeviceError):
        lock.release(0.1)
    assert not released()


def test_the_guard_tries_until_the_pin_obeys(
    lock: GpioLock, pins: Factory, released: Callable[[], bool], mocker: MockerFixture
) -> None:
    pin = pins.pin(PIN)
    lock.release(0.05)
    stuck = mocker.patch.object(type(pin), "_set_state", side_effect=PinSetInput("stuck"))
    wait_until(lambda: stuck.call_count > 2, 20)
    assert released()
    mocker.stopall()
    wait_until(lambda: not released(), 20)


def test_a_pin_that_cannot_be_driven_is_a_device_error(
    lock: GpioLock, pins: Factory, mocker: MockerFixture
) -> None:
    mocker.patch.object(type(pins.pin(PIN)), "_set_state", side_effect=RuntimeError("GPIO not allocated"))
    with pytest.raises(DeviceError, match="lock: GPIO not allocated"):
        lock.release(0.1)
    mocker.stopall()


def test_a_machine_without_pins_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "no-such-pins")
    monkeypatch.setattr(Device, "pin_factory", None)
    with pytest.raises(DeviceError, match="GPIOZERO_PIN_FACTORY=mock"):
        GpioLock(17, fail_safe=False, active_high=True, max_on_s=1.0)
