"""The kinds of things that staff do, as the audit tells them apart.

Never here: what one of them did (``events.telling``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.console.events.kinds import Kind
from controller.console.events.telling import types_of
from controller.core.event import EventType


@dataclass(frozen=True, slots=True)
class Doing:
    """name: for people."""

    name: str
    types: frozenset[EventType]


_REFUSED = frozenset(
    {
        EventType.CONSOLE_REFUSED,
        EventType.CONSOLE_LOGIN_REFUSED,
        EventType.FOOTAGE_VIEW_REFUSED,
        EventType.IDENTITY_REFUSED,
    }
)
_FOOTAGE = frozenset(
    {
        EventType.FOOTAGE_VIEWED,
        EventType.FOOTAGE_STILL_TAKEN,
        EventType.CLIP_SHOWN,
        EventType.CLIP_EXPORTED,
        EventType.CAMERA_PICTURE_TAKEN,
        EventType.FOOTAGE_VIEW_REFUSED,
    }
)
ALL = (types_of({Kind.STAFF}) | _REFUSED | _FOOTAGE) - {EventType.COMMAND_RECEIVED}
"""Everything that staff do and the console's journal has. What they command a door to do the door's has."""


def _of(*nouns: str) -> frozenset[EventType]:
    return frozenset(type for type in ALL if type.partition(".")[0] in nouns)


DOINGS: Mapping[str, Doing] = {
    "footage": Doing("Footage looked at, taken or exported", _FOOTAGE),
    "members": Doing(
        "Members named or looked up", _of("identity", "membership") | {EventType.ACCESS_EXPLAINED}
    ),
    "registers": Doing("Holds and restrictions", _of("hold", "restriction")),
    "refused": Doing("What was refused", _REFUSED),
    "login": Doing(
        "Logging in and out",
        frozenset(
            {EventType.CONSOLE_LOGGED_IN, EventType.CONSOLE_LOGGED_OUT, EventType.CONSOLE_LOGIN_REFUSED}
        ),
    ),
    "accounts": Doing("Accounts of staff", _of("staff")),
    "proof": Doing("Keys, journals, the notice, this record", _of("key", "journal", "notice", "audit")),
}
"""By the word in the address of the page."""
