"""The relay that drives a strike or a maglock, and the guard that ends every release.

Rule 1: the guard thread secures the lock at the deadline of the last release, whatever the caller does.
Rule 2: no release is longer than ``max_on_s``. Whoever wants longer renews it, and so proves to be alive.
Rule 3: the lock is secured as it is opened, and stays driven when it is closed (see ``drivers.gpio``).
"""

from __future__ import annotations

import logging
import threading
import time

from gpiozero import Device, Factory

from controller.devices import DeviceError
from drivers.gpio import find_pins, pin_errors

log = logging.getLogger(__name__)

RETRY_S = 0.05


class GpioLock:
    """A ``controller.devices.Lock`` on one output pin. Opened, and secured, by construction.

    fail_safe: the lock is released when it is not energised (a maglock). active_high: a high level
    energises it. max_on_s: seconds that one call may release for. Raises DeviceError.
    """

    def __init__(
        self,
        pin: int,
        *,
        fail_safe: bool,
        active_high: bool,
        max_on_s: float,
        pin_factory: Factory | None = None,
    ) -> None:
        self._max_on_s = max_on_s
        self._released = active_high != fail_safe
        """The pin's level that releases the lock."""
        with pin_errors("lock"):
            if pin_factory is None:
                find_pins()
                pin_factory = Device.pin_factory
            # The bare pin: a gpiozero device would turn it into an input as soon as nobody refers to it.
            self._pin = pin_factory.pin(pin)
            self._pin.output_with_state(not self._released)
        self._changed = threading.Condition()
        self._deadline_s: float | None = None
        self._closed = False
        self._guard = threading.Thread(target=self._secure_in_time, name="lock-guard", daemon=True)
        self._guard.start()

    def release(self, duration_s: float) -> None:
        if not 0 < duration_s <= self._max_on_s:
            raise ValueError(f"a release of {duration_s} s; at most {self._max_on_s} s is allowed")
        with self._changed:
            if self._closed:
                raise DeviceError("lock: it was closed")
            # The deadline stands before the pin moves: there is no moment without one.
            self._deadline_s = time.monotonic() + duration_s
            self._changed.notify()
            self._write(released=True)

    def secure(self) -> None:
        with self._changed:
            self._write(released=False)
            self._deadline_s = None

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._deadline_s = time.monotonic()
            self._changed.notify()
        self._guard.join(timeout=1)

    def _secure_in_time(self) -> None:
        with self._changed:
            while not self._closed or self._deadline_s is not None:
                wait_s = None if self._deadline_s is None else self._deadline_s - time.monotonic()
                if wait_s is None or wait_s > 0:
                    self._changed.wait(wait_s)
                    continue
                try:
                    self._write(released=False)
                    self._deadline_s = None
                except DeviceError:
                    log.exception("cannot secure the lock, trying again")
                    self._changed.wait(RETRY_S)

    def _write(self, *, released: bool) -> None:
        with pin_errors("lock"):
            self._pin.state = released == self._released
