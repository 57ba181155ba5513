"""Inputs and their levels, settled.

A contact bounces. Its first change counts at once, what follows within SETTLE_S is looked at when that
has passed. Edges coalesce, so they are never counted: an edge only means "read the level again". So one
that waits to be looked at is enough: a loose wire makes thousands, and must not fill the queue of all doors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Generic, TypeVar

from controller.devices import DigitalInput

SETTLE_S = 0.05

Name = TypeVar("Name", bound=StrEnum)


class Contacts(Generic[Name]):
    """The inputs that are fitted. One that isn't reads as inactive. For the acting thread alone."""

    def __init__(self, devices: Mapping[Name, DigitalInput], post: Callable[[Name], None]) -> None:
        """post: called on the drivers' threads after an edge; it may only enqueue. Raises DeviceError."""
        self._devices = devices
        self._post = post
        self._posted: set[Name] = set()
        self._settled_us = dict.fromkeys(devices, 0)
        for name, device in devices.items():
            device.watch(partial(self._changed, name))
        self._levels = {name: device.active() for name, device in devices.items()}

    def _changed(self, name: Name) -> None:
        if name not in self._posted:
            self._posted.add(name)
            self._post(name)

    @property
    def fitted(self) -> tuple[Name, ...]:
        return tuple(self._devices)

    def active(self, name: Name) -> bool:
        """The level as it was last looked at."""
        return self._levels.get(name, False)

    def look(self, name: Name, now_us: int) -> bool:
        """Read the level again; whether it is another than before. Raises DeviceError."""
        # Before the level is read: what changes from here on is told again.
        self._posted.discard(name)
        device = self._devices.get(name)
        if device is None or now_us < self._settled_us[name]:
            return False
        level = device.active()
        if level == self._levels[name]:
            return False
        self._levels[name] = level
        self._settled_us[name] = now_us + round(SETTLE_S * 1_000_000)
        return True
