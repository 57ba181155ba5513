"""The socket of the membership service: what the door asks goes to the desk, what staff ask is seen to here.

Here: who may ask what, and to whom it goes. Never here: what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from controller.core.event import Stamp
from controller.ipc import look_up, membership_commands, verify_pin
from controller.ipc.door_commands import DOOR_USER
from controller.ipc.membership_commands import Command
from controller.ipc.messages import BadMessage, Reply
from controller.ipc.peer import uids_of
from controller.ipc.server import Call, Server
from controller.membership.handed_over.counting import Counting
from controller.membership.handed_over.imports import Imports, Who
from controller.membership.live.desk import Desk
from controller.settings.model import Settings
from controller.settings.paths import Paths

CALLERS_AT_ONCE = 24
"""More than there can be questions under way, so that nobody is sent away who only waits."""


class Control:
    """desk: None where the door has nothing to ask."""

    def __init__(self, desk: Desk | None, imports: Imports, counting: Counting) -> None:
        self._desk = desk
        self._imports = imports
        self._counting = counting

    def received(self, call: Call) -> None:
        """For the connections' threads: waits for nothing."""
        if call.request.command in set(Command):
            self._asked(call, Command(call.request.command))
        elif self._desk is not None:
            self._desk.put(call)
        else:
            call.answer(Reply(done=False, reason="unavailable"))

    def check(self) -> None:
        """Raises what ended a thread, if anything did."""
        self._imports.check()
        self._counting.check()

    def _asked(self, call: Call, command: Command) -> None:
        match command:
            case Command.IMPORT:
                call.answer(self._import(call))
            case Command.IMPORT_STATUS:
                call.answer(membership_commands.tell_importing(self._imports.told()))
            case Command.COUNT:
                self._counting.put(call)

    def _import(self, call: Call) -> Reply:
        try:
            order = membership_commands.understand_import(call.request)
        except BadMessage:
            return Reply(done=False, reason="bad_request")
        file = call.take_file()
        if file is None:
            return Reply(done=False, reason="no_file")
        begun = self._imports.begin(order, file, Who(call.request.staff, call.uid))
        if begun is None:
            return Reply(done=False, reason="under_way")
        return membership_commands.tell_importing(begun)


def open_control(
    settings: Settings,
    desk: Desk | None,
    now: Callable[[], Stamp],
    mono_us: Callable[[], int],
    closing: ExitStack,
) -> Control:
    """Answers from now on. now, mono_us: for any thread. Raises OSError."""
    paths = Paths.of(settings)
    counting = Counting(paths.members, lambda: now().wall_us, mono_us)
    closing.callback(counting.close)
    imports = Imports(settings, now, counting.forget)
    closing.callback(imports.close)
    control = Control(desk, imports, counting)
    path = paths.socket("membership")
    path.parent.mkdir(parents=True, exist_ok=True)
    permitted = dict(membership_commands.permitted())
    if desk is not None:
        permitted |= dict.fromkeys((look_up.COMMAND, verify_pin.COMMAND), uids_of(DOOR_USER))
    server = Server(
        path,
        permitted,
        control.received,
        callers_at_once=CALLERS_AT_ONCE,
        takes_file=membership_commands.TAKES_FILE,
    )
    closing.callback(server.close)
    return control
