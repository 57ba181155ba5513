"""The acting thread: one queue, and the only one that decides, moves the locks or hands over events.

Everything that happens comes in as an item of the queue or as a timer that is due. An error that nobody
expected ends the process with every lock secured: the supervisor starts it anew, which is better than
to go on with a state that nobody knows. Here: what concerns all doors; what concerns one is in ``door``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import assert_never

from controller.core.access import Reason
from controller.core.alarms import Alarm
from controller.core.door import IN_FORCE, Emergency, Input, Mode
from controller.core.event import EventType, JsonValue
from controller.core.outcome import Outcome
from controller.door.admission import Admission
from controller.door.alarms import Alarms
from controller.door.before import Before
from controller.door.contacts import SETTLE_S, Contacts
from controller.door.control import BadArguments, Command, Order, as_data, understand
from controller.door.door import Door, DoorParts
from controller.door.durability import Durability, tick_s
from controller.door.evacuation import Evacuation, Source
from controller.door.event_log import DoorLog, EventLog
from controller.door.inputs import (
    Broken,
    BuildingEdge,
    BuildingInput,
    DoorEdge,
    Happening,
    PinAnswered,
    ReaderFloods,
    ReaderFound,
    ReaderLost,
    ReaderSaid,
    Stop,
)
from controller.door.journal_writer import Ticket
from controller.door.lockouts import Lockouts
from controller.door.machine import Cause
from controller.door.outputs import Outputs
from controller.door.people import People
from controller.door.second_factor import PinPolicy
from controller.ipc.messages import Reply
from controller.ipc.server import Call
from controller.service import Notifier
from controller.settings.model import OnJournalFailure, Settings
from controller.settings.rules import card_lockout, card_rules, reader_lockout

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the acting thread works with; made and closed by the composition root. doors: by id."""

    log: EventLog
    admission: Admission
    notifier: Notifier
    doors: Mapping[str, DoorParts]
    building: Contacts[BuildingInput]
    people: People
    outputs: Outputs
    pins: PinPolicy


class DoorService:
    """``handle`` and ``due`` are what ``run`` does for ever; tests call them themselves."""

    def __init__(self, settings: Settings, parts: Parts, before: Before) -> None:
        """before: what was in force before the restart."""
        self._settings = settings
        self._log = parts.log
        self._admission = parts.admission
        self._notifier = parts.notifier
        self._building = parts.building
        self._before = before
        self._people = parts.people
        self._outputs = parts.outputs
        self._durability = Durability(parts.log, parts.notifier, settings.journal.wait_ms)
        self._lockouts = Lockouts(card_lockout(settings.lockout), reader_lockout(settings.lockout), parts.log)
        self.doors = {
            door.id: Door(
                door,
                card_rules(settings.cards),
                parts.doors[door.id],
                DoorLog(parts.log, door.id),
                parts.admission,
                self._lockouts,
                self._durability,
                parts.people,
                parts.pins,
                companion_s=settings.access.companion_s if settings.access.companions else None,
                admit_unjournalled=settings.journal.on_failure is OnJournalFailure.ADMIT,
            )
            for door in settings.doors
        }
        self._evacuation = Evacuation([door.machine for door in self.doors.values()], before.evacuation)
        wiring = {alarm: getattr(settings.inputs, alarm.value) for alarm in Alarm}
        delays_s = {alarm: input.delay_s for alarm, input in wiring.items() if input is not None}
        self._alarms = Alarms(delays_s, "building", parts.log.write)
        self._stopping = False
        self._tick_s = tick_s(parts.notifier)
        self._next_tick_us = 0
        self._settled_us = 0

    # --- the loop -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Secure the locks and take the inputs as they are. Raises DeviceError."""
        before: dict[str, JsonValue] = {
            door_id: {
                "lockdown": door_id in self._before.lockdown,
                "evacuation": self._evacuation.in_force,
                "open": door.open,
            }
            for door_id, door in self.doors.items()
        }
        self._log.write(EventType.SERVICE_STARTED, {"doors": before})
        for door_id, door in self.doors.items():
            door.begin(lockdown=door_id in self._before.lockdown, evacuation=self._evacuation.in_force)
            if self._building.active(BuildingInput.FIRE):
                door.machine.happened(Input.FIRE)
        self._evacuation_input_is(self._building.active(BuildingInput.EVACUATION))
        self._outputs.begin()
        self._tick()

    def run(self, queue: SimpleQueue[Happening]) -> None:
        """Act until told to stop. Raises whatever was not expected; the locks are secured either way."""
        try:
            while not self._stopping:
                self.due()
                try:
                    item = queue.get(timeout=self._next_s())
                except Empty:
                    continue
                self.handle(item)
            self._log.write(EventType.SERVICE_STOPPED)
        except Exception as error:
            self._log.write(EventType.DOOR_FAULT, {"device": "controller", "error": type(error).__name__})
            raise
        finally:
            self._secure_all()

    def handle(self, item: Happening) -> None:
        """Act on one thing that happened."""
        match item:
            case ReaderSaid():
                self.doors[item.door].reader_said(item)
            case PinAnswered():
                self.doors[item.door].pin_answered(item)
            case DoorEdge():
                self.doors[item.door].look(item.input)
            case BuildingEdge():
                self._look(item.input)
            case Call():
                self._called(item)
            case ReaderFound():
                self.doors[item.door].reader_found(item.reader)
            case ReaderLost():
                self.doors[item.door].reader_lost(item.reader)
            case ReaderFloods():
                self.doors[item.door].reader_floods(item.reader, item.begins)
            case Broken():
                raise item.error
            case Stop():
                self._stopping = True
            case _:
                assert_never(item)

    def due(self) -> None:
        """Act on every timer that is due."""
        for door in self.doors.values():
            door.due()
        now_us = self._log.now_us()
        if 0 < self._settled_us <= now_us:
            self._settled_us = 0
            self._look_at_all()
        self._watch(now_us)
        if now_us >= self._next_tick_us:
            self._tick()
        elif self._outputs.next_s(now_us) == 0:
            self._drive_outputs()

    def _next_s(self) -> float:
        now_us = self._log.now_us()
        own_us = min(
            self._next_tick_us,
            self._settled_us or self._next_tick_us,
            self._alarms.due_us or self._next_tick_us,
        )
        waits = [door.next_s(now_us) for door in self.doors.values()]
        waits.append(self._outputs.next_s(now_us))
        return min([max(0, own_us - now_us) / 1_000_000, *(wait for wait in waits if wait is not None)])

    def _tick(self) -> None:
        self._next_tick_us = self._log.now_us() + round(self._tick_s * 1_000_000)
        self._notifier.watchdog()
        self._log.stamp()  # a change of the clock's trust is noticed without a swipe
        self._look_at_all()  # an edge that was lost is made good
        self._lockouts.end_due(self._log.now_us())
        for door in self.doors.values():
            door.tick()
        stamp = self._log.stamp()
        self._people.tick(stamp, self._admission.mode(stamp))
        self._drive_outputs()
        if self._log.journal_available and (lost := self._log.take_lost()):
            self._log.write(EventType.DOOR_FAULT, {"device": "journal", "lost_events": lost})

    def _secure_all(self) -> None:
        """Every lock, also when one of them cannot be. Raises DeviceError then."""
        failed: Exception | None = None
        for door in self.doors.values():
            try:
                door.secure()
            except Exception as error:  # noqa: BLE001 -- raised when the others are secured
                failed = error
        if failed is not None:
            raise failed

    # --- the building ---------------------------------------------------------------------------

    def _look_at_all(self) -> None:
        for name in self._building.fitted:
            self._look(name)

    def _look(self, name: BuildingInput) -> None:
        now_us = self._log.now_us()
        if not self._building.look(name, now_us):
            return
        self._settled_us = now_us + round(SETTLE_S * 1_000_000)
        active = self._building.active(name)
        match name:
            case BuildingInput.FIRE:
                for door in self.doors.values():
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
        self._drive_outputs()

    def _evacuation_input_is(self, active: bool) -> None:
        if active and not self._evacuation.asked_by(Source.INPUT):
            self._evacuation.begin(Source.INPUT)
        elif not active and self._evacuation.asked_by(Source.INPUT):
            self._evacuation.end(Source.INPUT)

    def _watch(self, now_us: int) -> None:
        """The building's alarms, which count only when they have lasted."""
        begun = self._alarms.look(lambda alarm: self._building.active(BuildingInput(alarm.value)), now_us)
        if Alarm.HELP in begun:
            for door in self.doors.values():
                door.supervision.tell(Outcome.HELP_ASKED)

    def _drive_outputs(self) -> None:
        stamp = self._log.stamp()
        in_force = {each for door in self.doors.values() for each in IN_FORCE[door.machine.state.mode]}
        self._outputs.tick(
            stamp,
            self._admission.hours_at,
            self._people.empty_us(stamp.mono_us),
            emergency=not in_force.isdisjoint({Emergency.FIRE, Emergency.EVACUATION}),
            lockdown=Emergency.LOCKDOWN in in_force,
        )

    # --- commands -------------------------------------------------------------------------------

    def _called(self, call: Call) -> None:
        if not call.begin():
            log.warning("a command died: whoever gave it has stopped waiting")
            return
        try:
            order = understand(call.request, self._settings)
        except BadArguments as error:
            call.answer(Reply(done=False, reason="bad_request", data={"fault": str(error)}))
            return
        if order.command is Command.STATUS:
            call.answer(Reply(done=True, data=self.status()))
            return
        command = self._log.write(EventType.COMMAND_RECEIVED, as_data(order, call.uid, call.request.staff))
        call.answer(self._obey(order, command))

    def _obey(self, order: Order, command: Ticket) -> Reply:
        doors = [self.doors[door_id] for door_id in order.doors]
        releases = order.command in (Command.UNLOCK, Command.HOLD_OPEN, Command.OPEN_UP)
        if releases and not self._durability.wait(command):
            for door in doors:
                door.entry.not_done(command)
            return Reply(done=False, reason=Reason.JOURNAL_UNAVAILABLE.value)
        if order.command is Command.OPEN_UP and self._admission.staffed_left_s(self._log.stamp()) is None:
            fault = "these are not staffed hours, or the clock cannot be believed"
            return Reply(done=False, reason="not_staffed", data={"fault": fault})
        cause = Cause("command", command, hold_open_s=60.0 * order.minutes)
        match order.command:
            case Command.EVACUATE:
                self._evacuation.begin(Source.COMMAND, cause)
                done = [True] * len(doors)
            case Command.END_EVACUATION:
                done = [self._evacuation.end(Source.COMMAND, cause)] * len(doors)
            case Command.BUILDING_EMPTY:
                self._people.empty(self._log.now_us())
                done = [True] * len(doors)
            case _:
                # Every door is told, also when one has refused.
                done = [self._obeyed(door, order.command, cause) for door in doors]
        self._drive_outputs()
        # Securing does not wait for the journal, but "done" is not said before it would survive a power cut.
        durable = self._durability.wait(self._log.last)
        modes: dict[str, JsonValue] = {door.settings.id: door.machine.state.mode.value for door in doors}
        refused_in = [mode for mode, each in zip(modes.values(), done, strict=True) if not each]
        return Reply(
            done=not refused_in,
            reason=str(refused_in[0]) if refused_in else "",
            data={"modes": modes, "journalled": durable},
        )

    @staticmethod
    def _obeyed(door: Door, command: Command, cause: Cause) -> bool:
        machine = door.machine
        match command:
            case Command.UNLOCK:
                return machine.happened(Input.GRANT, cause)
            case Command.HOLD_OPEN:
                return machine.happened(Input.HOLD_OPEN, cause)
            case Command.OPEN_UP:
                return door.open_up(cause.ticket)
            case Command.END_HOLD_OPEN:
                held = machine.state.mode is Mode.HOLD_OPEN
                machine.happened(Input.HOLD_OPEN_ENDED, cause)
                return held
            case Command.LOCKDOWN:
                return machine.happened(Input.LOCKDOWN, cause)
            case Command.END_LOCKDOWN:
                return machine.happened(Input.END_LOCKDOWN, cause)
            case Command.STATUS | Command.EVACUATE | Command.END_EVACUATION | Command.BUILDING_EMPTY:
                raise AssertionError(f"{command} is not a door's to obey")

    def status(self) -> dict[str, JsonValue]:
        """What the doors say of themselves to whoever may ask."""
        stamp = self._log.stamp()
        hours = self._admission.mode(stamp)
        return {
            "hours": hours.value if hours else None,
            "journal": self._log.journal_available,
            "memberships": self._admission.members_readable,
            "clock_trusted": stamp.clock_trusted,
            "fire": self._building.active(BuildingInput.FIRE),
            "evacuation": self._evacuation.in_force,
            "alarms": [*sorted(alarm.value for alarm in self._alarms.in_force)],
            "doors": {door_id: door.status() for door_id, door in self.doors.items()},
            **self._people.status(),
            **self._outputs.status(),
        }
