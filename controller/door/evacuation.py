"""Whether the building is being evacuated: who asked for it, and that every door knows.

For the acting thread alone. It lasts as long as one of those who asked still does: staff by command, or the
input of a switch or panel.
Never here: what a door does in an evacuation (``core.door``).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from controller.core.door import Input
from controller.door.machine import Cause, Machine


class Source(StrEnum):
    """Who asks, as events name it."""

    COMMAND = "command"
    INPUT = "input"


class Evacuation:
    """before: what began the one that was in force before the restart."""

    def __init__(self, machines: Iterable[Machine], before: Source | None) -> None:
        self._machines = tuple(machines)
        self._asked = set() if before is None else {before}

    @property
    def in_force(self) -> bool:
        return bool(self._asked)

    def asked_by(self, source: Source) -> bool:
        return source in self._asked

    def begin(self, source: Source, cause: Cause | None = None) -> None:
        """Every door is told, also of one that is in force already. Raises DeviceError."""
        joins = source is Source.COMMAND and self._asked == {Source.INPUT}
        self._asked.add(source)
        for machine in self._machines:
            machine.happened(Input.EVACUATE, cause)
            if joins:  # after a restart the input alone must not end it
                machine.evacuation_commanded(cause)

    def end(self, source: Source, cause: Cause | None = None) -> bool:
        """This source no longer asks; whether that ends it. Raises DeviceError."""
        if not self._asked:
            return False
        self._asked.discard(source)
        if self._asked:
            return False
        for machine in self._machines:
            machine.happened(Input.END_EVACUATION, cause)
        return True
