"""What belongs to the building and not to one door: fire, evacuation, alarms, announcements, and
relays that follow it all.

For the acting thread alone. Never here: what a door does about it (``core.door``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import assert_never

from controller.core.alarms import Alarm
from controller.core.door import IN_FORCE, LEAVE, Emergency, Input
from controller.core.event import JsonValue
from controller.core.outcome import Outcome
from controller.door.admission import Admission
from controller.door.alarms import Alarms
from controller.door.announcements import Announcements
from controller.door.contacts import SETTLE_S, Contacts
from controller.door.door import Door
from controller.door.evacuation import Evacuation, Source
from controller.door.event_log import EventLog
from controller.door.inputs import BuildingInput
from controller.door.outputs import Outputs
from controller.door.people import People
from controller.door.power_stop import PowerStop
from controller.settings.inputs import Inputs


class Building:
    """doors: all of them. evacuation: what began the one that was in force before the restart.

    ask_for_power_off: of the machine; when its battery is about to be empty.
    """

    def __init__(
        self,
        settings: Inputs,
        doors: Collection[Door],
        contacts: Contacts[BuildingInput],
        people: People,
        outputs: Outputs,
        announcements: Announcements,
        log: EventLog,
        admission: Admission,
        evacuation: Source | None,
        ask_for_power_off: Callable[[], None],
    ) -> None:
        self._doors = doors
        self._contacts = contacts
        self._people = people
        self._outputs = outputs
        self._announcements = announcements
        self._log = log
        self._admission = admission
        self.evacuation = Evacuation([door.machine for door in doors], evacuation)
        wiring = {alarm: getattr(settings, alarm.value) for alarm in Alarm}
        delays_s = {alarm: input.delay_s for alarm, input in wiring.items() if input is not None}
        self._alarms = Alarms(delays_s, "building", log.write)
        self._power_stop = PowerStop(settings, log.write, ask_for_power_off, self._out_of_order)
        self._settled_us = 0

    def begin(self) -> None:
        """Take the inputs as they are; the doors have begun. Raises DeviceError."""
        if self._contacts.active(BuildingInput.FIRE):
            for door in self._doors:
                door.machine.happened(Input.FIRE)
        self._evacuation_input_is(self._contacts.active(BuildingInput.EVACUATION))
        self._outputs.begin()
        self._announcements.begin()

    # --- time -----------------------------------------------------------------------------------

    def next_s(self, now_us: int) -> float | None:
        """Seconds until ``due`` has something to do; None for never."""
        dues_us = [due_us for due_us in self._dues_us() if due_us]
        waits = [max(0, due_us - now_us) / 1_000_000 for due_us in dues_us]
        if (outputs_s := self._outputs.next_s(now_us)) is not None:
            waits.append(outputs_s)
        if (pulse_s := self._announcements.next_s(now_us)) is not None:
            waits.append(pulse_s)
        return min(waits, default=None)

    def _dues_us(self) -> tuple[int | None, ...]:
        return self._settled_us, self._alarms.due_us, self._power_stop.due_us

    def due(self, now_us: int) -> None:
        """Act on what is due."""
        if 0 < self._settled_us <= now_us:
            self._settled_us = 0
            self.look_at_all()
        self._watch(now_us)
        if self._outputs.next_s(now_us) == 0:
            self.drive_outputs()
        self._announcements.due(now_us)

    def tick(self) -> None:
        """Once a second or so."""
        self.look_at_all()  # an edge that was lost is made good
        stamp = self._log.stamp()
        self._people.tick(stamp, self._admission.mode(stamp))
        self.drive_outputs()
        self._announcements.tick(stamp, emergency=self._everybody_leaves())

    # --- inputs ---------------------------------------------------------------------------------

    def look_at_all(self) -> None:
        for name in self._contacts.fitted:
            self.look(name)

    def look(self, name: BuildingInput) -> None:
        """Read an input's level and act on its change. Raises DeviceError."""
        now_us = self._log.now_us()
        if not self._contacts.look(name, now_us):
            return
        self._settled_us = now_us + round(SETTLE_S * 1_000_000)
        active = self._contacts.active(name)
        match name:
            case BuildingInput.FIRE:
                for door in self._doors:
                    door.machine.happened(Input.FIRE if active else Input.FIRE_ENDED)
            case BuildingInput.EVACUATION:
                self._evacuation_input_is(active)
            case (
                BuildingInput.TAMPER
                | BuildingInput.MAINS_LOST
                | BuildingInput.BATTERY_LOW
                | BuildingInput.HELP
            ):
                self._watch(now_us)
            case _:
                assert_never(name)
        self.drive_outputs()

    def _evacuation_input_is(self, active: bool) -> None:
        if active and not self.evacuation.asked_by(Source.INPUT):
            self.evacuation.begin(Source.INPUT)
        elif not active and self.evacuation.asked_by(Source.INPUT):
            self.evacuation.end(Source.INPUT)

    def _watch(self, now_us: int) -> None:
        """The building's alarms, which count only when they have lasted."""
        begun = self._alarms.look(lambda alarm: self._contacts.active(BuildingInput(alarm.value)), now_us)
        if Alarm.HELP in begun:
            for door in self._doors:
                door.supervision.tell(Outcome.HELP_ASKED)
        self._power_stop.look(self._alarms.in_force, now_us)

    def _out_of_order(self) -> None:
        for door in self._doors:
            door.supervision.tell(Outcome.OUT_OF_ORDER)

    # --- people and outputs -----------------------------------------------------------------------

    def nobody_inside(self) -> None:
        """Staff have looked."""
        self._people.empty(self._log.now_us())

    def drive_outputs(self) -> None:
        """Let the relays follow what has changed."""
        stamp = self._log.stamp()
        self._outputs.tick(
            stamp,
            self._admission.hours_at,
            self._people.empty_us(stamp.mono_us),
            emergency=self._everybody_leaves(),
            lockdown=Emergency.LOCKDOWN in self._in_force(),
        )

    def _in_force(self) -> set[Emergency]:
        """At any door."""
        return {each for door in self._doors for each in IN_FORCE[door.machine.state.mode]}

    def _everybody_leaves(self) -> bool:
        return bool(self._in_force() & LEAVE)

    def status(self) -> dict[str, JsonValue]:
        """What staff may know of it."""
        return {
            "fire": self._contacts.active(BuildingInput.FIRE),
            "evacuation": self.evacuation.in_force,
            "alarms": [*sorted(alarm.value for alarm in self._alarms.in_force)],
            **self._people.status(),
            **self._outputs.status(),
        }
