"""A relay that follows the branch: lights, heating, an alarm. It keeps its level until it is driven again.

The pin is not touched before the first ``drive``, so an output that nothing is known about yet stays as the
process before left it. To claim it, lgpio makes the line an input first and then an output at low level:
a relay that was on is interrupted for about a millisecond. Closing leaves the line driven (see
``drivers.gpio``), and so does the end of the process by whatever cause.
"""

from __future__ import annotations

from gpiozero import Device, Factory, Pin

from controller.devices import DeviceError
from drivers.gpio import find_pins, pin_errors


class GpioOutput:
    """A ``controller.devices.Output`` on one pin. active_high: a high level energises the relay."""

    def __init__(self, pin: int, *, active_high: bool, pin_factory: Factory | None = None) -> None:
        self._number = pin
        self._active_high = active_high
        self._factory = pin_factory
        self._name = f"output on pin {pin}"
        self._pin: Pin | None = None
        self._closed = False

    def drive(self, *, on: bool) -> None:
        if self._closed:
            raise DeviceError(f"{self._name}: it was closed")
        level = on == self._active_high
        with pin_errors(self._name):
            if self._pin is None:
                if self._factory is None:
                    find_pins()
                    self._factory = Device.pin_factory
                # The bare pin: a gpiozero device would turn it into an input as soon as nobody refers to it.
                pin = self._factory.pin(self._number)
                pin.output_with_state(level)
                self._pin = pin
            else:
                self._pin.state = level

    def close(self) -> None:
        self._closed = True
