"""Commands that staff give the door: what there is to command, who may, and whose answers are believed.

The door makes of it what it does (``door.control``); the command line and the console ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from controller.ipc.peer import uids_of

CONSOLE_USER = "unlocked-console"
"""Runs the staff's web pages. Root and the door's own user may give every command."""
DOOR_USER = "unlocked-door"
"""Whose answers are believed."""


class Command(StrEnum):
    STATUS = "status"
    UNLOCK = "unlock"
    HOLD_OPEN = "hold-open"
    END_HOLD_OPEN = "end-hold-open"
    OPEN_UP = "open-up"
    LOCKDOWN = "lockdown"
    END_LOCKDOWN = "end-lockdown"
    EVACUATE = "evacuate"
    END_EVACUATION = "end-evacuation"
    BUILDING_EMPTY = "building-empty"
    READER_TEST = "reader-test"
    READER_HEARD = "reader-heard"


FROM_PAGES = frozenset(
    {Command.STATUS, Command.LOCKDOWN, Command.END_LOCKDOWN, Command.READER_TEST, Command.READER_HEARD}
)
"""What the console may command: whoever takes it over is to open no door by it."""


class Why(StrEnum):
    """Why staff unlock the door. A list, because free text sooner or later names somebody."""

    VISITOR = "visitor"
    DELIVERY = "delivery"
    CONTRACTOR = "contractor"
    EMERGENCY = "emergency"
    TEST = "test"
    OTHER = "other"


def permitted(*, remote_unlock: bool) -> Mapping[str, frozenset[int]]:
    """Which users may give which command. remote_unlock: staff may unlock a door once from their pages."""
    from_pages = FROM_PAGES | {Command.UNLOCK} if remote_unlock else FROM_PAGES
    console, others = uids_of(CONSOLE_USER), uids_of()
    return {command.value: console if command in from_pages else others for command in Command}


def server_uids() -> frozenset[int]:
    """Users that may answer for the door."""
    return uids_of(DOOR_USER)
