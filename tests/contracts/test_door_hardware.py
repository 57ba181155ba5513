"""What controller.devices says of door hardware, asked of the real drivers over every kind of pins there is.

gpiozero's mock and the simulator's panel are the two without hardware.
"""

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPin

from controller.devices import (
    CardReader,
    DeviceError,
    DeviceLost,
    DigitalInput,
    Lock,
    Output,
    Signal,
    SignalStep,
)
from drivers.gpio import let_go
from drivers.gpio_input import GpioInput
from drivers.gpio_lock import GpioLock
from drivers.gpio_output import GpioOutput
from drivers.gpio_signal import GpioSignal
from drivers.serial_reader import SerialReader
from simulator.pins.factory import SimulatedFactory
from simulator.pins.panel import Panel
from simulator.serial_wire import SerialWire
from simulator.waiting import wait_until

LOCK, CONTACT, GREEN, RED, BUZZER, LIGHTS = 17, 27, 24, 25, 12, 5
LIMIT_S = 30


class Mock:
    """Pins in memory."""

    def __init__(self, _folder: Path) -> None:
        self.factory = MockFactory()

    def level(self, pin: int) -> bool:
        return bool(self.factory.pin(pin).state)

    def set(self, pin: int, level: bool) -> None:
        found = self.factory.pin(pin)
        assert isinstance(found, MockPin)
        if level:
            found.drive_high()
        else:
            found.drive_low()

    def close(self) -> None:
        self.factory.close()
        self.factory.reset()


class Simulated:
    """Pins at a panel in another thread, over its socket."""

    def __init__(self, folder: Path) -> None:
        self.panel = Panel(folder / "pins.sock")
        self.factory = SimulatedFactory(str(folder / "pins.sock"))

    def level(self, pin: int) -> bool:
        return self.panel.level(pin)

    def set(self, pin: int, level: bool) -> None:
        self.panel.set(pin, level)

    def close(self) -> None:
        self.factory.close()
        self.panel.close()


Pins = Mock | Simulated


@pytest.fixture(params=[Mock, Simulated])
def pins(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pins]:
    pins: Pins = request.param(tmp_path)
    yield pins
    pins.close()


@dataclass(frozen=True)
class Wired:
    """A lock, and whether the relay at its pin lets it go."""

    lock: Lock
    let_go: Callable[[], bool]


@pytest.fixture(
    params=[(False, True), (True, True), (False, False), (True, False)],
    ids=["strike", "maglock", "strike-active-low", "maglock-active-low"],
)
def wired(request: pytest.FixtureRequest, pins: Pins) -> Iterator[Wired]:
    """A strike (fail-secure) is let go by current, a maglock (fail-safe) by its absence."""
    fail_safe, active_high = request.param
    lock = GpioLock(
        LOCK, fail_safe=fail_safe, active_high=active_high, max_on_s=0.5, pin_factory=pins.factory
    )

    def let_go() -> bool:
        energised = pins.level(LOCK) is active_high
        return energised is not fail_safe

    yield Wired(lock, let_go)
    lock.close()


@pytest.fixture
def contact(pins: Pins) -> Iterator[DigitalInput]:
    contact = GpioInput(CONTACT, active_low=True, pin_factory=pins.factory)
    yield contact
    contact.close()


@pytest.fixture
def signal(pins: Pins) -> Iterator[Signal]:
    signal = GpioSignal(green_pin=GREEN, red_pin=RED, buzzer_pin=BUZZER, pin_factory=pins.factory)
    yield signal
    signal.close()


@pytest.fixture
def output(pins: Pins) -> Iterator[Output]:
    output = GpioOutput(LIGHTS, active_high=True, pin_factory=pins.factory)
    yield output
    output.close()


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[SerialWire]:
    with SerialWire(tmp_path / "reader", baud=115_200) as wire:
        yield wire


def test_a_lock_is_driven_when_release_returns_and_secured_by_its_own_timer(wired: Wired) -> None:
    assert not wired.let_go()
    wired.lock.release(0.2)
    assert wired.let_go()
    wait_until(lambda: not wired.let_go(), LIMIT_S)


def test_a_lock_is_secured_when_secure_returns(wired: Wired) -> None:
    wired.lock.release(0.5)
    wired.lock.secure()
    assert not wired.let_go()


def test_a_lock_that_is_renewed_stays_let_go_and_locks_when_nobody_renews_it(wired: Wired) -> None:
    """A door that is held open, by staff for some minutes or for the staffed hours."""
    for _ in range(4):  # together longer than a pulse
        renewed_s = time.monotonic()
        wired.lock.release(0.5)
        time.sleep(0.15)  # a door that is held open renews its pulse when half of it has passed
        let_go = wired.let_go()
        assert let_go or time.monotonic() - renewed_s > 0.5
    wait_until(lambda: not wired.let_go(), LIMIT_S)


def test_an_emergency_s_secure_comes_before_any_renewal_and_ends_it(wired: Wired) -> None:
    wired.lock.release(0.2)
    wired.lock.release(0.2)
    wired.lock.secure()
    assert not wired.let_go()
    time.sleep(0.25)  # longer than what was left of the pulse
    assert not wired.let_go()


def test_a_lock_refuses_more_than_its_maximum(wired: Wired) -> None:
    with pytest.raises(ValueError, match="at most"):
        wired.lock.release(0.6)
    assert not wired.let_go()


def test_a_lock_is_secured_by_closing_it_which_never_raises(wired: Wired) -> None:
    wired.lock.release(0.5)
    wired.lock.close()
    wired.lock.close()
    assert not wired.let_go()


def test_an_input_says_its_level_and_tells_of_edges(contact: DigitalInput, pins: Pins) -> None:
    edges: queue.SimpleQueue[bool] = queue.SimpleQueue()
    assert contact.active() is False
    contact.watch(lambda: edges.put(True))
    for level in (False, True):
        pins.set(CONTACT, level)
        edges.get(timeout=LIMIT_S)
        assert contact.active() is not level


def test_a_signal_plays_a_pattern_and_a_new_one_replaces_it(signal: Signal, pins: Pins) -> None:
    def shown() -> tuple[bool, bool, bool]:
        return pins.level(GREEN), pins.level(RED), pins.level(BUZZER)

    signal.play((SignalStep(green=True, red=False, buzzer=True, duration_s=30),))
    wait_until(lambda: shown() == (True, False, True), LIMIT_S)
    signal.play((SignalStep(green=False, red=True, buzzer=False, duration_s=0.05),))
    wait_until(lambda: shown() == (False, True, False), LIMIT_S)
    wait_until(lambda: shown() == (False, False, False), LIMIT_S)


def test_an_output_is_driven_when_drive_returns_and_keeps_its_level_when_closed(
    output: Output, pins: Pins
) -> None:
    for on in (True, False, True):
        output.drive(on=on)
        assert pins.level(LIGHTS) is on
    output.close()
    output.close()
    assert pins.level(LIGHTS)
    with pytest.raises(DeviceError):
        output.drive(on=False)
    assert pins.level(LIGHTS)


def test_a_card_wire_gives_bytes_and_is_lost_and_opened_again(wire: SerialWire) -> None:
    reader: CardReader = SerialReader(str(wire.path), 9600)
    wire.swipe("25891000331441")
    data = b""
    while not data.endswith(b"\r"):
        data += reader.read()
    assert data == b"25891000331441\r"
    wire.unplug()
    with pytest.raises(DeviceLost):
        read_until_lost(reader)
    reader.close()
    with pytest.raises(DeviceLost):
        SerialReader(str(wire.path), 9600)
    wire.plug()
    SerialReader(str(wire.path), 9600).close()


def read_until_lost(reader: CardReader) -> None:
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        reader.read()


@pytest.mark.parametrize("fail_safe", [False, True])
def test_letting_go_leaves_the_lock_as_it_was_secured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_safe: bool
) -> None:
    """Whoever secures a lock for a dead process must not hold its pin, nor let a maglock go."""
    with Panel(tmp_path / "pins.sock") as panel:
        for name, value in panel.environment.items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            GpioLock(LOCK, fail_safe=fail_safe, active_high=True, max_on_s=1).close()
            let_go()
            assert Device.pin_factory is None
            assert panel.level(LOCK) is fail_safe
