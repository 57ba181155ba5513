"""Announces that the branch will close: by a sound, by a relay that starts a public-address system, or both.

None is made while the clock cannot be believed, none in a fire or an evacuation, and none that was missed by
a minute: it would say the wrong number. None is made again after a restart. For the acting thread alone,
which waits for neither loudspeaker nor relay.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from controller.core.event import EventType, JsonValue, Stamp
from controller.core.hours import Schedule, due_announcement
from controller.devices import DeviceError, Output, Sound
from controller.door.event_log import EventLog

log = logging.getLogger(__name__)

RETRY_US = 10_000_000
"""A relay that could not be switched off is tried again after this."""


class Announcements:
    """minutes: before closing; without any there is nothing to do. sound, relay: what is fitted.

    pulse_us: how long the relay is on. announced_wall_us: when the last one was made, before a restart.
    """

    def __init__(
        self,
        minutes: Collection[int],
        schedule: Schedule,
        log: EventLog,
        *,
        sound: Sound | None = None,
        relay: Output | None = None,
        pulse_us: int = 0,
        announced_wall_us: int = 0,
    ) -> None:
        self._minutes = minutes
        self._schedule = schedule
        self._log = log
        self._sound = sound
        self._relay = relay
        self._pulse_us = pulse_us
        self._off_us: int | None = None
        self._looked_wall_us = announced_wall_us
        self._faulty: set[str] = set()

    def begin(self) -> None:
        """End what a process that was killed has left on."""
        self._switch_off(self._log.now_us())

    def tick(self, stamp: Stamp, *, emergency: bool) -> None:
        """Once a second or so. emergency: fire or evacuation."""
        if self._sound is not None:
            self._told("sound", self._sound.failure)
        if not self._minutes or not stamp.clock_trusted:
            return
        minutes_left = due_announcement(self._schedule, self._minutes, self._looked_wall_us, stamp.wall_us)
        self._looked_wall_us = stamp.wall_us
        if minutes_left is not None and not emergency:
            self._make(minutes_left, stamp.mono_us)

    def next_s(self, now_us: int) -> float | None:
        """Seconds until ``due`` has something to do; None when it has not."""
        return None if self._off_us is None else max(0, self._off_us - now_us) / 1_000_000

    def due(self, now_us: int) -> None:
        """End a pulse that is over."""
        if self._off_us is not None and self._off_us <= now_us:
            self._switch_off(now_us)

    def end(self) -> None:
        """The process ends: no pulse outlasts it."""
        if self._off_us is not None:
            self._switch_off(self._log.now_us())

    def _make(self, minutes_left: int, now_us: int) -> None:
        by: list[JsonValue] = []
        if self._sound is not None:
            self._sound.play()
            by.append("sound")
        if self._relay is not None and self._drive(self._relay, on=True):
            self._off_us = now_us + self._pulse_us
            by.append("relay")
        if by:
            self._log.write(EventType.ANNOUNCEMENT_MADE, {"minutes_left": minutes_left, "by": by})

    def _switch_off(self, now_us: int) -> None:
        self._off_us = None
        if self._relay is not None and not self._drive(self._relay, on=False):
            self._off_us = now_us + RETRY_US

    def _drive(self, relay: Output, *, on: bool) -> bool:
        try:
            relay.drive(on=on)
        except DeviceError as error:
            self._told("relay", str(error))
            return False
        self._told("relay", None)
        return True

    def _told(self, what: str, failure: str | None) -> None:
        """A fault is told once, until it is over."""
        if failure is None:
            self._faulty.discard(what)
        elif what not in self._faulty:
            self._faulty.add(what)
            log.error("announcement by %s: %s", what, failure)
            self._log.write(EventType.DOOR_FAULT, {"device": "announcement", "by": what})
