"""Carries out what staff command, at the doors and in the building. For the acting thread alone.

Journal first: what releases a lock waits until the command is durable, and nothing is called done before
its record would survive a power cut. Never here: what a command may be, and who may give it (``control``).
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.access import Reason
from controller.core.door import Input, Mode
from controller.core.event import EventType, JsonValue
from controller.door.admission import Admission
from controller.door.building import Building
from controller.door.control import BadArguments, Order, as_data, understand
from controller.door.door import Door
from controller.door.durability import Durability
from controller.door.evacuation import Source
from controller.door.event_log import EventLog
from controller.door.journal_writer import Ticket
from controller.door.machine import Cause
from controller.door.reader_test import ReaderTest
from controller.ipc import reader_tests
from controller.ipc.door_commands import Command
from controller.ipc.messages import Reply, Request
from controller.settings.model import Settings

RELEASING = frozenset({Command.UNLOCK, Command.HOLD_OPEN, Command.OPEN_UP})
ENDING = frozenset({Command.END_HOLD_OPEN, Command.END_LOCKDOWN})
"""Done when what they end was there at one of the doors at least."""


class Orders:
    """doors: by id."""

    def __init__(
        self,
        settings: Settings,
        doors: Mapping[str, Door],
        building: Building,
        log: EventLog,
        admission: Admission,
        durability: Durability,
    ) -> None:
        self._settings = settings
        self._doors = doors
        self._building = building
        self._log = log
        self._admission = admission
        self._durability = durability

    def asked(self, request: Request, uid: int) -> Reply:
        """What comes of a request. uid: of the process that makes it."""
        try:
            order = understand(request, self._settings)
        except BadArguments as error:
            return Reply(done=False, reason="bad_request", data={"fault": str(error)})
        if order.command is Command.STATUS:
            return Reply(done=True, data=self.status())
        if order.command is Command.READER_HEARD:
            return reader_tests.tell(self._test(order).told(self._log.now_us()))
        command = self._log.write(EventType.COMMAND_RECEIVED, as_data(order, uid, request.staff))
        return self._obey(order, command)

    def _obey(self, order: Order, command: Ticket) -> Reply:
        doors = [self._doors[door_id] for door_id in order.doors]
        if order.command in RELEASING and not self._durability.wait(command):
            for door in doors:
                door.entry.not_done(command)
            return Reply(done=False, reason=Reason.JOURNAL_UNAVAILABLE.value)
        if order.command is Command.OPEN_UP and self._admission.staffed_left_s(self._log.stamp()) is None:
            fault = "these are not staffed hours, or the clock cannot be believed"
            return Reply(done=False, reason="not_staffed", data={"fault": fault})
        cause = Cause("command", command, hold_open_s=60.0 * order.minutes)
        match order.command:
            case Command.EVACUATE:
                self._building.evacuation.begin(Source.COMMAND, cause)
                done = [True] * len(doors)
            case Command.END_EVACUATION:
                done = [self._building.evacuation.end(Source.COMMAND, cause)] * len(doors)
            case Command.BUILDING_EMPTY:
                self._building.nobody_inside()
                done = [True] * len(doors)
            case Command.READER_TEST:
                self._test(order).begin(self._log.now_us())
                done = [True]
            case _:
                # Every door is told, also when one has refused.
                done = [self._obeyed(door, order.command, cause) for door in doors]
        self._building.drive_outputs()
        # Securing does not wait for the journal, but "done" is not said before it would survive a power cut.
        durable = self._durability.wait(self._log.last)
        modes: dict[str, JsonValue] = {door.settings.id: door.machine.state.mode.value for door in doors}
        refused_in = [mode for mode, each in zip(modes.values(), done, strict=True) if not each]
        if order.command in ENDING and any(done):
            refused_in = []  # the other doors had nothing to end
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
            case (
                Command.STATUS
                | Command.EVACUATE
                | Command.END_EVACUATION
                | Command.BUILDING_EMPTY
                | Command.READER_TEST
                | Command.READER_HEARD
            ):
                raise AssertionError(f"{command} is not a door's to obey")

    def _test(self, order: Order) -> ReaderTest:
        return self._doors[order.doors[0]].readers[order.reader].test

    def status(self) -> dict[str, JsonValue]:
        """What doors and building say of themselves to whoever may ask."""
        stamp = self._log.stamp()
        hours = self._admission.mode(stamp)
        return {
            "hours": hours.value if hours else None,
            "journal": self._log.journal_available,
            "memberships": self._admission.members_readable,
            "clock_trusted": stamp.clock_trusted,
            **self._building.status(),
            "doors": {door_id: door.status() for door_id, door in self._doors.items()},
        }
