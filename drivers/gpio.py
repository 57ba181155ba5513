"""What every device on a GPIO pin shares: one kind of error, and letting the lines go.

Never here: a device. The pin factory is gpiozero's own choice (``GPIOZERO_PIN_FACTORY``), so that a
Raspberry Pi, the simulator and a mock are driven by the same code.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from gpiozero import BadPinFactory, Device

from controller.devices import DeviceError

log = logging.getLogger(__name__)


def find_pins() -> None:
    """Have gpiozero choose its pin factory, and say it where that is not its first choice.

    Not for several threads: what is warned of meanwhile by others is held back, too.
    """
    try:
        with warnings.catch_warnings(record=True) as fallbacks:
            warnings.simplefilter("always")
            Device.ensure_pin_factory()
    except (BadPinFactory, ImportError) as error:
        raise DeviceError(
            "there are no GPIO pins to use: on a Raspberry Pi install python3-lgpio and set "
            f"GPIOZERO_PIN_FACTORY=lgpio; elsewhere GPIOZERO_PIN_FACTORY=mock makes believe ({error})"
        ) from error
    for fallback in fallbacks:
        log.warning("%s", fallback.message)


@contextmanager
def pin_errors(device: str) -> Iterator[None]:
    """Turn whatever a pin library raises into DeviceError, which names the device."""
    try:
        yield
    except Exception as error:  # gpiozero's, lgpio's and the system's errors share no other base
        raise DeviceError(f"{device}: {error}") from error


def let_go() -> None:
    """Give every line back to the kernel at the level it has.

    gpiozero's own farewell turns outputs into inputs first. The line then floats, and a maglock, which
    holds the door only while it is energised, lets go. A Raspberry Pi's kernel keeps the level of a line
    whose owner has gone.
    """
    factory = Device.pin_factory
    if factory is None:
        return
    factory.pins.clear()
    factory.close()
    Device.pin_factory = None
