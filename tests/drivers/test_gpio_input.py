import queue

import pytest
from gpiozero import Factory
from gpiozero.pins.mock import MockPin

from drivers.gpio_input import GpioInput

PIN = 27


def pin(pins: Factory) -> MockPin:
    found = pins.pin(PIN)
    assert isinstance(found, MockPin)
    return found


@pytest.mark.parametrize(
    ("active_low", "made", "active"),
    [
        (True, True, True),
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ],
)
def test_active_is_a_statement_about_the_contact(
    pins: Factory, active_low: bool, made: bool, active: bool
) -> None:
    device = GpioInput(PIN, active_low=active_low, pin_factory=pins)
    if made:
        pin(pins).drive_low()
    assert device.active() is active
    device.close()


def test_a_cut_wire_reads_as_not_made(pins: Factory) -> None:
    device = GpioInput(PIN, active_low=True, pin_factory=pins)
    assert device.active() is False
    device.close()


def test_it_tells_of_both_edges(pins: Factory) -> None:
    edges: queue.SimpleQueue[bool] = queue.SimpleQueue()
    device = GpioInput(PIN, active_low=True, pin_factory=pins)
    device.watch(lambda: edges.put(True))
    pin(pins).drive_low()
    assert edges.get(timeout=1)
    pin(pins).drive_high()
    assert edges.get(timeout=1)
    device.close()
