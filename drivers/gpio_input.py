"""A contact, exit button or fire relay: two wires that connect a pin to ground.

The Pi's own pull-up holds the line high while the contact is not made, so a cut wire reads as "not
made". Edges coalesce under load: whoever is told of one reads the level again and never counts.
"""

from __future__ import annotations

from collections.abc import Callable

from gpiozero import DigitalInputDevice, Factory

from drivers.gpio import pin_errors


class GpioInput:
    """A ``controller.devices.DigitalInput`` on one pin. active_low: active while the contact is made.

    Opened by construction. Raises DeviceError.
    """

    def __init__(self, pin: int, *, active_low: bool, pin_factory: Factory | None = None) -> None:
        self._name = f"input on pin {pin}"
        self._active_low = active_low
        with pin_errors(self._name):
            self._device = DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory)

    def active(self) -> bool:
        with pin_errors(self._name):
            made = bool(self._device.value)  # with its pull-up, gpiozero calls the low level 1
        return made == self._active_low

    def watch(self, changed: Callable[[], None]) -> None:
        # Called without arguments: gpiozero would pass the device to a function that takes one.
        with pin_errors(self._name):
            self._device.when_activated = lambda: changed()
            self._device.when_deactivated = lambda: changed()

    def close(self) -> None:
        self._device.close()
