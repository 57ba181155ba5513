"""What lasts at one door: tampering, a call for help, a lock that does not do what it is told, an open leaf.

Each is journalled once when it begins and once when it ends, and what people at the door can do something
about is told aloud until it ends. For the acting thread alone. Never here: what the lock does about it.
"""

from __future__ import annotations

from collections.abc import Callable

from controller.core.alarms import Alarm
from controller.core.door import Contact as Leaf
from controller.core.door import State
from controller.core.door_faults import Finding, LockWatch, Seen, drive_in
from controller.core.event import EventType, JsonValue
from controller.core.lasting import Turn
from controller.core.outcome import Outcome
from controller.door.alarms import Alarms
from controller.door.contacts import Contacts
from controller.door.event_log import DoorLog
from controller.door.inputs import DoorInput
from controller.settings.door import Door

AGAIN_US = 5_000_000
"""How long after what lasts was told aloud it is told again."""


class Supervision:
    """tell: at every reader of the door."""

    def __init__(
        self, settings: Door, contacts: Contacts[DoorInput], log: DoorLog, tell: Callable[[Outcome], None]
    ) -> None:
        self._contacts = contacts
        self._log = log
        self._tell = tell
        self._contact_fitted = settings.contact is not None
        self._alarm_us = settings.alarm_s * 1_000_000
        fitted = {Alarm.TAMPER: settings.tamper, Alarm.HELP: settings.help}
        delays_s = {alarm: wiring.delay_s for alarm, wiring in fitted.items() if wiring is not None}
        self._alarms = Alarms(delays_s, "door", log.write)
        sensor, fail_safe = settings.lock_sensor, settings.lock.kind == "fail-safe"
        self._lock = LockWatch(sensor.settle_s, fail_safe=fail_safe) if sensor is not None else None
        self._told_us = 0
        self._alarm_began_us = 0

    def look(self, state: State) -> None:
        """Take in alarms and the lock's sensor, as the contacts were last looked at."""
        now_us = self._log.now_us()
        if Alarm.HELP in self._alarms.look(self._active, now_us):
            self.tell(Outcome.HELP_ASKED)
        if self._lock is None:
            return
        leaf_open = self._contacts.active(DoorInput.CONTACT) if self._contact_fitted else None
        seen = Seen(drive_in(state.mode), leaf_open, self._contacts.active(DoorInput.LOCK_SENSOR))
        for change in self._lock.look(seen, now_us):
            self._found(change.finding, begun=change.turn is Turn.BEGUN)

    def _active(self, alarm: Alarm) -> bool:
        return self._contacts.active(DoorInput(alarm.value))

    def _found(self, finding: Finding, *, begun: bool) -> None:
        if finding is not Finding.RELEASED_BY_FIRE:
            type = EventType.LOCK_FAULT_STARTED if begun else EventType.LOCK_FAULT_ENDED
            self._log.write(type, {"fault": finding.value})
        elif begun:
            self._log.write(EventType.FIRE_RELEASE_SEEN)

    @property
    def due_us(self) -> int | None:
        """When to look again although no level may have changed; None: not before one does."""
        dues = [self._alarms.due_us, self._lock.due_us if self._lock else None]
        return min((due_us for due_us in dues if due_us is not None), default=None)

    def tell(self, outcome: Outcome) -> None:
        """Aloud, for the first time."""
        self._told_us = self._log.now_us()
        if outcome is Outcome.DOOR_ALARM:
            self._alarm_began_us = self._told_us
        self._tell(outcome)

    def tell_again(self, state: State) -> None:
        """Aloud, what has not ended since it was told."""
        now_us = self._log.now_us()
        if now_us - self._told_us < AGAIN_US:
            return
        lasts = self._lasts(state.contact, now_us)
        if lasts is not None:
            self._told_us = now_us
            self._tell(lasts)

    def _lasts(self, leaf: Leaf, now_us: int) -> Outcome | None:
        if Alarm.HELP in self._alarms.in_force:
            return Outcome.HELP_ASKED
        match leaf:
            case Leaf.WARNED:
                return Outcome.CLOSE_THE_DOOR
            case Leaf.HELD | Leaf.FORCED if now_us - self._alarm_began_us < self._alarm_us:
                return Outcome.DOOR_ALARM
            case _:
                return None

    def status(self) -> dict[str, JsonValue]:
        return {
            "alarms": [*sorted(alarm.value for alarm in self._alarms.in_force)],
            "lock_faults": [*sorted(found.value for found in self._lock.faults)] if self._lock else None,
        }
