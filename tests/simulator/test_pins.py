"""The simulated pins: levels outlive their owner, edges arrive, a live owner's pin is busy."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Timer

import pytest
from gpiozero import DigitalInputDevice, DigitalOutputDevice
from gpiozero.exc import BadPinFactory

from simulator.pins.factory import SimulatedFactory
from simulator.pins.panel import Edge, Panel

LOCK, CONTACT = 17, 27

HOLD_A_PIN_HIGH = """
import signal
from gpiozero import DigitalOutputDevice
lock = DigitalOutputDevice(17, initial_value=True)
print("high", flush=True)
signal.pause()
"""


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Panel]:
    with Panel(tmp_path / "pins.sock") as panel:
        yield panel


@pytest.fixture
def factory(panel: Panel) -> Iterator[SimulatedFactory]:
    factory = SimulatedFactory(str(panel.path))
    yield factory
    factory.close()


@pytest.fixture
def holder(panel: Panel) -> Iterator[subprocess.Popen[str]]:
    """Another process, found its factory by the environment alone, that holds the lock's pin high."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_A_PIN_HIGH],
        env={**os.environ, **panel.environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "high\n"
        yield process
        process.kill()


def levels(panel: Panel, pin: int) -> list[bool]:
    return [edge.level for edge in panel.history(pin)]


def test_an_output_is_seen_and_timed(panel: Panel, factory: SimulatedFactory) -> None:
    lock = DigitalOutputDevice(LOCK, pin_factory=factory)
    lock.on()
    lock.off()
    assert levels(panel, LOCK) == [True, False]
    (pulse,) = panel.pulses(LOCK)
    assert pulse.end_us is not None
    assert pulse.end_us >= pulse.start_us
    assert panel.history() == panel.history(LOCK)


def test_an_output_is_claimed_at_low_before_it_is_set(panel: Panel, factory: SimulatedFactory) -> None:
    # As lgpio does; it is why an active-low relay is energised for a moment when a service starts.
    panel.set(LOCK, True)
    lock = DigitalOutputDevice(LOCK, initial_value=True, pin_factory=factory)
    assert levels(panel, LOCK) == [True, False, True]
    lock.close()


def test_an_input_follows_its_pull_and_what_is_wired_to_it(panel: Panel, factory: SimulatedFactory) -> None:
    contact = DigitalInputDevice(CONTACT, pull_up=True, pin_factory=factory)
    assert contact.value == 0
    panel.set(CONTACT, False)
    assert contact.value == 1
    panel.set(CONTACT, None)
    assert contact.value == 0


def test_an_edge_calls_back_on_a_thread_that_may_read_the_pin(
    panel: Panel, factory: SimulatedFactory
) -> None:
    contact = DigitalInputDevice(CONTACT, pull_up=True, pin_factory=factory)
    seen: list[int] = []
    called = Event()

    def changed() -> None:
        seen.append(contact.value)
        called.set()

    contact.when_activated = changed
    panel.set(CONTACT, False)
    assert called.wait(5)
    assert seen == [1]


def test_a_pin_given_back_floats(panel: Panel, factory: SimulatedFactory) -> None:
    lock = DigitalOutputDevice(LOCK, initial_value=True, pin_factory=factory)
    lock.close()
    assert panel.level(LOCK) is False


def test_a_killed_process_leaves_its_output_driven(panel: Panel, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert panel.level(LOCK) is True
    # Whoever claims it next has it at once, however fresh the death.
    factory = SimulatedFactory(str(panel.path))
    lock = DigitalOutputDevice(LOCK, pin_factory=factory)
    assert panel.level(LOCK) is False
    lock.close()
    factory.close()


def test_a_pin_of_a_living_process_is_busy(
    panel: Panel, factory: SimulatedFactory, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(OSError, match="in use by another process") as caught:
        DigitalOutputDevice(LOCK, pin_factory=factory)
    assert caught.value.errno == errno.EBUSY
    assert holder.poll() is None
    assert panel.level(LOCK) is True


def test_wait_returns_when_the_level_is_there_and_raises_at_the_limit(
    panel: Panel, factory: SimulatedFactory
) -> None:
    lock = DigitalOutputDevice(LOCK, pin_factory=factory)
    with pytest.raises(TimeoutError, match="pin 17 was not high"):
        panel.wait(LOCK, True, limit_s=0.05)
    later = Timer(0.02, lock.on)
    later.start()
    assert panel.wait(LOCK, True) >= panel.history(LOCK)[-1].mono_us
    later.join()


def test_a_listener_hears_every_edge(tmp_path: Path) -> None:
    heard: list[Edge] = []
    with Panel(tmp_path / "pins.sock", heard.append) as panel:
        panel.set(CONTACT, True)
        panel.set(CONTACT, True)
        panel.set(CONTACT, False)
        assert heard == panel.history(CONTACT)
        assert [edge.level for edge in heard] == [True, False]


def test_without_a_panel_the_factory_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNLOCKED_SIMULATED_PINS", raising=False)
    with pytest.raises(BadPinFactory, match="UNLOCKED_SIMULATED_PINS"):
        SimulatedFactory()


def test_a_panel_that_goes_away_raises_and_does_not_hang(panel: Panel, factory: SimulatedFactory) -> None:
    lock = DigitalOutputDevice(LOCK, pin_factory=factory)
    panel.close()
    for _ in range(2):
        with pytest.raises(OSError):  # noqa: PT011  # broken pipe or reset, as it happens
            lock.on()
