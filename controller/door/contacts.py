"""The door's inputs and their levels, settled.

A contact bounces. Its first change counts at once, what follows within SETTLE_S is looked at when that
has passed. Edges coalesce, so they are never counted: an edge only means "read the level again".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from controller.devices import DigitalInput
from controller.door.inputs import Contact

SETTLE_S = 0.05


class Contacts:
    """The inputs that are fitted. One that isn't reads as inactive. For the acting thread alone."""

    def __init__(self, devices: Mapping[Contact, DigitalInput], post: Callable[[Contact], None]) -> None:
        """post: called on the drivers' threads after an edge; it may only enqueue. Raises DeviceError."""
        self._devices = devices
        self._settled_us = dict.fromkeys(devices, 0)
        for contact, device in devices.items():
            device.watch(partial(post, contact))
        self._levels = {contact: device.active() for contact, device in devices.items()}

    def active(self, contact: Contact) -> bool:
        """The level as it was last looked at."""
        return self._levels.get(contact, False)

    def look(self, contact: Contact, now_us: int) -> bool:
        """Read the level again; whether it is another than before. Raises DeviceError."""
        device = self._devices.get(contact)
        if device is None or now_us < self._settled_us[contact]:
            return False
        level = device.active()
        if level == self._levels[contact]:
            return False
        self._levels[contact] = level
        self._settled_us[contact] = now_us + round(SETTLE_S * 1_000_000)
        return True
