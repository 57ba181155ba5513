"""Drives the outputs that follow the branch, and journals what they do.

Here: the situation put together, the relays driven. Never here: what an output should be like, which is
``core.outputs``. For the acting thread alone. An output that cannot be driven is a fault and stops nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from controller.core.event import EventType, JsonValue, Stamp
from controller.core.hours import Mode, Now
from controller.core.outputs import Level, Rule, Situation, Switch, Switchboard
from controller.devices import DeviceError, Output
from controller.door.event_log import EventLog

log = logging.getLogger(__name__)

SWITCHED = {Level.ON: EventType.OUTPUT_ON, Level.OFF: EventType.OUTPUT_OFF}


class Outputs:
    """rules, devices: of the same ids. Without any there is nothing to do."""

    def __init__(self, rules: tuple[Rule, ...], devices: Mapping[str, Output], log: EventLog) -> None:
        self._board = Switchboard(rules)
        self._devices = devices
        self._log = log
        self._faulty: set[str] = set()
        self._looks_ahead = any(rule.early_us for rule in rules)
        self._next: tuple[int, Mode] | None = None

    def begin(self) -> None:
        """Take up the safe levels."""
        self._drive(self._board.begin())

    def tick(
        self,
        stamp: Stamp,
        hours_at: Callable[[int], Now],
        empty_us: int | None,
        *,
        emergency: bool,
        lockdown: bool,
    ) -> None:
        """Once a second or so, when ``due``, and at once when an emergency begins or ends.

        hours_at: the hours at a wall time. The others: as in ``Situation``.
        """
        if not self._devices:
            return
        mode = opens_in_us = opens_as = None
        if stamp.clock_trusted:
            now = hours_at(stamp.wall_us)
            mode = now.mode
            if self._looks_ahead and mode is Mode.CLOSED and now.until_us is not None:
                opens_in_us, opens_as = now.until_us - stamp.wall_us, self._mode_from(now.until_us, hours_at)
        situation = Situation(mode, opens_in_us, opens_as, empty_us, emergency, lockdown)
        self._drive(self._board.step(situation, stamp.mono_us))

    def next_s(self, now_us: int) -> float | None:
        """Seconds until ``tick`` has something to do; None when nothing has been asked for."""
        next_us = self._board.next_us()
        return None if next_us is None else max(0, next_us - now_us) / 1_000_000

    def status(self) -> dict[str, JsonValue]:
        levels: dict[str, JsonValue] = {
            name: None if level is None else level.value for name, level in self._board.levels.items()
        }
        return {"outputs": levels} if levels else {}

    def _mode_from(self, change_us: int, hours_at: Callable[[int], Now]) -> Mode:
        """The mode that begins then. Looked up once for each change: a schedule plans a day at a time."""
        if self._next is None or self._next[0] != change_us:
            self._next = change_us, hours_at(change_us).mode
        return self._next[1]

    def _drive(self, switches: tuple[Switch, ...]) -> None:
        for switch in switches:
            data: dict[str, JsonValue] = {"output": switch.id, "why": switch.why.value}
            try:
                self._devices[switch.id].drive(on=switch.level is Level.ON)
            except DeviceError as error:
                self._board.failed(switch.id, self._log.now_us())
                if switch.id not in self._faulty:
                    self._faulty.add(switch.id)
                    log.error("output %s: %s", switch.id, error)
                    self._log.write(EventType.OUTPUT_FAULT, data)
                continue
            self._faulty.discard(switch.id)
            self._log.write(SWITCHED[switch.level], data)
