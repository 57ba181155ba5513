"""The acting thread: one queue, and the only one that decides, moves the locks or hands over events.

Everything that happens comes in as an item of the queue or as a timer that is due. An error that nobody
expected ends the process with every lock secured: the supervisor starts it anew, which is better than
to go on with a state that nobody knows. What concerns one door is in ``door``, what the building in
``building``, what staff command in ``orders``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import assert_never

from controller.core.event import EventType, JsonValue
from controller.door.admission import Admission
from controller.door.announcements import Announcements
from controller.door.asking.look_ups import LivePolicy
from controller.door.before import Before
from controller.door.building import Building
from controller.door.contacts import Contacts
from controller.door.door import Door, DoorParts
from controller.door.durability import Durability, tick_s
from controller.door.event_log import DoorLog, EventLog
from controller.door.inputs import (
    Broken,
    BuildingEdge,
    BuildingInput,
    DoorEdge,
    Happening,
    LookedUpLive,
    PinAnswered,
    ReaderFloods,
    ReaderFound,
    ReaderLost,
    ReaderSaid,
    Stop,
)
from controller.door.lockouts import Lockouts
from controller.door.orders import Orders
from controller.door.outputs import Outputs
from controller.door.people import People
from controller.door.power_stop import ask_for_power_off
from controller.door.second_factor import PinPolicy
from controller.door.shared import Shared
from controller.ipc.server import Call
from controller.service import Notifier
from controller.settings.model import OnJournalFailure, Settings
from controller.settings.paths import Paths
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
    live: LivePolicy
    announcements: Announcements


class DoorService:
    """``handle`` and ``due`` are what ``run`` does for ever; tests call them themselves."""

    def __init__(self, settings: Settings, parts: Parts, before: Before) -> None:
        """before: what was in force before the restart."""
        self._log = parts.log
        self._notifier = parts.notifier
        self._before = before
        durability = Durability(parts.log, parts.notifier, settings.journal.wait_ms)
        self._lockouts = Lockouts(card_lockout(settings.lockout), reader_lockout(settings.lockout), parts.log)
        shared = Shared(
            card_rules(settings.cards),
            parts.admission,
            self._lockouts,
            durability,
            parts.people,
            parts.pins,
            parts.live,
            companion_s=settings.access.companion_s if settings.access.companions else None,
            admit_unjournalled=settings.journal.on_failure is OnJournalFailure.ADMIT,
        )
        self.doors = {
            door.id: Door(door, parts.doors[door.id], DoorLog(parts.log, door.id), shared)
            for door in settings.doors
        }
        self._building = Building(
            settings.inputs,
            self.doors.values(),
            parts.building,
            parts.people,
            parts.outputs,
            parts.announcements,
            parts.log,
            parts.admission,
            before.evacuation,
            partial(ask_for_power_off, Paths.of(settings).power_off),
        )
        self._orders = Orders(settings, self.doors, self._building, parts.log, parts.admission, durability)
        self._stopping = False
        self._tick_s = tick_s(parts.notifier)
        self._next_tick_us = 0

    # --- the loop -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Secure the locks and take the inputs as they are. Raises DeviceError."""
        before: dict[str, JsonValue] = {
            door_id: {
                "lockdown": door_id in self._before.lockdown,
                "evacuation": self._building.evacuation.in_force,
                "open": door.open,
            }
            for door_id, door in self.doors.items()
        }
        self._log.write(EventType.SERVICE_STARTED, {"doors": before})
        for door_id, door in self.doors.items():
            door.begin(
                lockdown=door_id in self._before.lockdown, evacuation=self._building.evacuation.in_force
            )
        self._building.begin()
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
            case LookedUpLive():
                self.doors[item.door].looked_up_live(item)
            case DoorEdge():
                self.doors[item.door].look(item.input)
            case BuildingEdge():
                self._building.look(item.input)
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
        self._building.due(now_us)
        if now_us >= self._next_tick_us:
            self._tick()

    def _next_s(self) -> float:
        now_us = self._log.now_us()
        waits = [door.next_s(now_us) for door in self.doors.values()]
        waits.append(self._building.next_s(now_us))
        tick_s = max(0, self._next_tick_us - now_us) / 1_000_000
        return min([tick_s, *(wait for wait in waits if wait is not None)])

    def _tick(self) -> None:
        self._next_tick_us = self._log.now_us() + round(self._tick_s * 1_000_000)
        self._notifier.watchdog()
        self._log.tick()
        self._lockouts.end_due(self._log.now_us())
        for door in self.doors.values():
            door.tick()
        self._building.tick()
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

    # --- commands -------------------------------------------------------------------------------

    def _called(self, call: Call) -> None:
        if call.begin():
            call.answer(self._orders.asked(call.request, call.uid))
        else:
            log.warning("a command died: whoever gave it has stopped waiting")

    def status(self) -> dict[str, JsonValue]:
        """As the command of that name says it."""
        return self._orders.status()
