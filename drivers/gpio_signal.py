"""Lamps and buzzer beside the reader, played by a thread of their own so that nobody waits for them.

What a pattern means is not known here.
"""

from __future__ import annotations

import logging
import threading

from gpiozero import DigitalOutputDevice, Factory

from controller.devices import DeviceError, SignalStep
from drivers.gpio import pin_errors

log = logging.getLogger(__name__)

DARK = SignalStep(green=False, red=False, buzzer=False, duration_s=0)


class GpioSignal:
    """A ``controller.devices.Signal`` on up to three pins. What is not fitted is left out.

    Opened by construction. Raises DeviceError then; later a lamp that fails is logged and no more,
    because a door that opens without its lamp is better than one that does not open.
    """

    def __init__(
        self,
        *,
        green_pin: int | None,
        red_pin: int | None,
        buzzer_pin: int | None,
        pin_factory: Factory | None = None,
    ) -> None:
        with pin_errors("signal"):
            self._green, self._red, self._buzzer = (
                None if pin is None else DigitalOutputDevice(pin, pin_factory=pin_factory)
                for pin in (green_pin, red_pin, buzzer_pin)
            )
        self._changed = threading.Condition()
        self._next: tuple[SignalStep, ...] | None = None
        self._closed = False
        self._player = threading.Thread(target=self._play, name="signal", daemon=True)
        self._player.start()

    def play(self, steps: tuple[SignalStep, ...]) -> None:
        with self._changed:
            self._next = steps
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._player.join(timeout=1)
        for device in (self._green, self._red, self._buzzer):
            if device is not None:
                device.close()

    def _play(self) -> None:
        with self._changed:
            while not self._closed:
                if self._next is None:
                    self._changed.wait()
                    continue
                steps, self._next = self._next, None
                for step in steps:
                    self._show(step)
                    self._changed.wait(step.duration_s)
                    if self._closed or self._next is not None:
                        break
                else:
                    self._show(DARK)
            self._show(DARK)

    def _show(self, step: SignalStep) -> None:
        try:
            with pin_errors("signal"):
                for device, on in (
                    (self._green, step.green),
                    (self._red, step.red),
                    (self._buzzer, step.buzzer),
                ):
                    if device is not None:
                        device.value = on
        except DeviceError as error:
            log.warning("%s", error)
