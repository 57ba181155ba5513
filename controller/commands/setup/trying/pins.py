"""A relay made to click, a contact looked at. Each raises DeviceError; the lines are given back afterwards.

Never here: asking whether it clicked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from controller.devices import Lock
from drivers.gpio import find_pins, let_go
from drivers.gpio_input import GpioInput
from drivers.gpio_lock import GpioLock
from drivers.gpio_output import GpioOutput

CLICK_S = 0.5
CLICKS = 2
LIT_S = 1.0


def click_relay(pin: int, *, fail_safe: bool, active_high: bool) -> None:
    """Release the lock for a moment, twice, and leave it secured."""
    try:
        lock: Lock = GpioLock(pin, fail_safe=fail_safe, active_high=active_high, max_on_s=CLICK_S)
        try:
            for _ in range(CLICKS):
                lock.release(CLICK_S)
                time.sleep(CLICK_S)
                lock.secure()
                time.sleep(CLICK_S)
        finally:
            lock.close()
    finally:
        let_go()


def switch_on(pin: int) -> None:
    """A lamp or a buzzer, for a second."""
    try:
        output = GpioOutput(pin, active_high=True)
        try:
            output.drive(on=True)
            time.sleep(LIT_S)
        finally:
            output.drive(on=False)
    finally:
        let_go()


@contextmanager
def contact(pin: int) -> Iterator[GpioInput]:
    """Whose ``active()`` says whether the contact is made."""
    try:
        find_pins()
        opened = GpioInput(pin, active_low=True)
        try:
            yield opened
        finally:
            opened.close()
    finally:
        let_go()
