"""Watches the wires for tampering, power and calls for help, and journals what each says, once.

For the acting thread alone. Never here: pins, or what is told at a reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.core.alarms import EVENTS, Alarm
from controller.core.event import EventType, JsonValue
from controller.core.lasting import Lasting, Turn

Write = Callable[[EventType, Mapping[str, JsonValue]], object]


class Alarms:
    """Of one place, the building or a door. delays_s: how long each that is fitted lasts before it counts."""

    def __init__(self, delays_s: Mapping[Alarm, float], place: str, write: Write) -> None:
        self._lasting = {alarm: Lasting(delay_s, delay_s) for alarm, delay_s in delays_s.items()}
        self._place = place
        self._write = write

    def look(self, active: Callable[[Alarm], bool], now_us: int) -> frozenset[Alarm]:
        """Take in the levels; what has begun by that. now_us: of the clock's ``mono_us``."""
        begun = set()
        for alarm, lasting in self._lasting.items():
            level = active(alarm)
            turn = lasting.look(begins=level, ends=not level, now_us=now_us)
            if turn is Turn.BEGUN:
                begun.add(alarm)
                self._write(EVENTS[alarm].begun, {"device": self._place})
            elif turn is Turn.ENDED:
                self._write(EVENTS[alarm].ended, {"device": self._place})
        return frozenset(begun)

    @property
    def in_force(self) -> frozenset[Alarm]:
        return frozenset(alarm for alarm, lasting in self._lasting.items() if lasting.in_force)

    @property
    def due_us(self) -> int | None:
        """When to look again although no level may have changed; None: not before one does."""
        dues = [lasting.due_us for lasting in self._lasting.values() if lasting.due_us is not None]
        return min(dues, default=None)
