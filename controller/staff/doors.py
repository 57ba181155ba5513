"""What staff ask the door, and have it do. It journals each command itself, with who gave it.

Here: asking, and in words what came of it. Never here: what a command does (``door.orders``).
"""

from __future__ import annotations

from controller.ipc.client import NoAnswer, WrongServer, ask
from controller.ipc.door_commands import server_uids
from controller.ipc.messages import Reply, Request
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.refusal import Refused

NOT_JOURNALLED = "the journal could not be written yet: a power cut now would undo the record"


class DoorSilent(Refused):
    """It does not answer. What was asked may or may not have been done."""


def ask_the_door(settings: Settings, request: Request, *, deadline_s: float | None = None) -> Reply:
    """The door's reply, where it did what was asked. Raises Refused, and DoorSilent where there is none.

    request: with the console's account as ``staff``; on the command line the door sees who asks.
    deadline_s: as long as the door may take, if None.
    """
    if deadline_s is None:
        # The door waits for its journal before it answers, and then again.
        deadline_s = 5.0 + 2 * settings.journal.wait_ms / 1000
    try:
        reply = ask(
            Paths.of(settings).socket("door"), request, server_uids=server_uids(), deadline_s=deadline_s
        )
    except NoAnswer as error:
        raise DoorSilent(f"the door does not answer; is it running? {error}") from error
    except WrongServer as error:
        raise DoorSilent(str(error)) from error
    if not reply.done:
        raise Refused(f"not done: {_why_not(reply)}")
    return reply


def in_which_modes(reply: Reply) -> str:
    """What each door is like after a command."""
    modes = reply.data.get("modes")
    found = modes if isinstance(modes, dict) else {}
    return ", ".join(f"door {door} is in mode {mode}" for door, mode in found.items())


def is_journalled(reply: Reply) -> bool:
    """Whether the record of what was done would survive a power cut."""
    return reply.data.get("journalled") is not False


def _why_not(reply: Reply) -> str:
    if "fault" in reply.data:
        return str(reply.data["fault"])
    return in_which_modes(reply) or reply.reason.replace("_", " ")
