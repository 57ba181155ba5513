"""What a command that staff give the door means here, and what may be said of it in the journal.

Every command that does something is journalled with the user that gave it; one that releases the lock waits
until that is durable. Never here: which there are (``ipc.door_commands``), carrying them out (``orders``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.event import JsonValue
from controller.ipc.door_commands import Command, Why
from controller.ipc.messages import Request, Scalar
from controller.ipc.peer import user_name
from controller.settings.model import Settings

ARGUMENTS: Mapping[Command, frozenset[str]] = {
    Command.STATUS: frozenset({"door"}),
    Command.UNLOCK: frozenset({"door", "why"}),
    Command.HOLD_OPEN: frozenset({"door", "minutes"}),
    Command.END_HOLD_OPEN: frozenset({"door"}),
    Command.OPEN_UP: frozenset({"door"}),
    Command.LOCKDOWN: frozenset({"door"}),
    Command.END_LOCKDOWN: frozenset({"door"}),
    # A building is evacuated as a whole.
    Command.EVACUATE: frozenset(),
    Command.END_EVACUATION: frozenset(),
    Command.BUILDING_EMPTY: frozenset(),
    Command.READER_TEST: frozenset({"door", "reader"}),
    Command.READER_HEARD: frozenset({"door", "reader"}),
}
"""What may be said with each command."""
ABOUT_A_READER = frozenset({Command.READER_TEST, Command.READER_HEARD})


class BadArguments(Exception):
    """The command's arguments make no sense."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command understood. doors: the ids of those it is for. minutes: of a hold-open, else 0.

    reader: the id of the one that it is about, else empty.
    """

    command: Command
    doors: tuple[str, ...]
    why: Why
    minutes: int
    reader: str = ""


def understand(request: Request, settings: Settings) -> Order:
    """Raises BadArguments."""
    command = Command(request.command)
    if not request.arguments.keys() <= ARGUMENTS[command]:
        raise BadArguments("unknown argument")
    why, minutes = request.arguments.get("why", Why.OTHER.value), request.arguments.get("minutes", 0)
    if why not in set(Why):
        raise BadArguments("no such reason")
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        raise BadArguments("minutes must be a whole number")
    doors = _doors(command, request.arguments.get("door"), settings)
    if command is Command.HOLD_OPEN:
        longest = min(settings.door(door_id).lock.hold_open_max_min for door_id in doors)
        if not 1 <= minutes <= longest:
            raise BadArguments(f"minutes must be 1 to {longest}")
    reader = _reader(doors, request.arguments.get("reader"), settings) if command in ABOUT_A_READER else ""
    return Order(command, doors, Why(str(why)), minutes, reader)


def _reader(doors: tuple[str, ...], named: Scalar | None, settings: Settings) -> str:
    """The one that is named; it need not be where the door has one only."""
    every = tuple(reader.id for reader in settings.door(doors[0]).readers)
    if named is None and len(every) == 1:
        return every[0]
    if named not in every:
        raise BadArguments(f"which reader of door {doors[0]}? One of {', '.join(every)}")
    return str(named)


def _doors(command: Command, named: Scalar | None, settings: Settings) -> tuple[str, ...]:
    """What releases a lock or is about a reader is for one door: named where there are several."""
    every = tuple(door.id for door in settings.doors)
    if named is not None and named not in every:
        raise BadArguments(f"there is no such door; one of {', '.join(every)}")
    if command is Command.OPEN_UP:
        return _to_open_up(settings, named)
    if named is not None:
        return (str(named),)
    if command in {Command.UNLOCK, Command.HOLD_OPEN} | ABOUT_A_READER and len(every) > 1:
        raise BadArguments(f"which door? One of {', '.join(every)}")
    return every


def _to_open_up(settings: Settings, named: Scalar | None) -> tuple[str, ...]:
    """All that stand unlocked in staffed hours, or the one that was named."""
    found = tuple(
        door.id for door in settings.doors if door.unlocked_when_staffed and named in (None, door.id)
    )
    if not found:
        raise BadArguments("no such door is set to be unlocked in staffed hours: see unlocked_when_staffed")
    return found


def as_data(order: Order, uid: int, staff: str) -> dict[str, JsonValue]:
    """What the journal keeps of a command: who gave it, as the kernel and as the calling service say."""
    data: dict[str, JsonValue] = {
        "command": order.command.value,
        "doors": list(order.doors),
        "uid": uid,
        "user": user_name(uid),
    }
    if staff:
        data["staff"] = staff
    if order.command is Command.UNLOCK:
        data["why"] = order.why.value
    if order.command is Command.HOLD_OPEN:
        data["minutes"] = order.minutes
    if order.reader:
        data["reader"] = order.reader
    return data
