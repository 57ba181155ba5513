"""What the console asks of the membership service: take a file in, how far is that, how many are there.

Here: the messages of both sides, and who may send them. What the door asks: ``look_up`` and ``verify_pin``.
Never here: what a file holds, or how it is taken in (``membership.feed``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from controller.core.event import JsonValue
from controller.ipc.door_commands import CONSOLE_USER
from controller.ipc.messages import BadMessage, Reply, Request, Scalar
from controller.ipc.peer import uids_of

MEMBERSHIP_USER = "unlocked-membership"
"""Whose answers are believed."""
LONGEST_NAME = 200
LONGEST_SIGNATURE = 1024
"""Characters of a file's signature, as minisign writes it: some 300."""


class Command(StrEnum):
    IMPORT = "import"
    """Comes with the file, as a sealed descriptor."""
    IMPORT_STATUS = "import-status"
    COUNT = "count"


TAKES_FILE = frozenset({Command.IMPORT.value})


class Stage(StrEnum):
    """How far the last import is that was handed over since the service started."""

    NONE = "none"
    READING = "reading"
    FILLING = "filling"
    HASHING = "hashing"
    DONE = "done"
    REFUSED = "refused"

    @property
    def is_over(self) -> bool:
        return self in (Stage.NONE, Stage.DONE, Stage.REFUSED)


@dataclass(frozen=True, slots=True)
class Order:
    """name: of the file, as it was uploaded. as_of_us: when it was true, if its name does not tell.

    signature: what is in the file beside it; empty: there is none. shrink, older: import what is taken for an
    accident otherwise.
    """

    name: str
    as_of_us: int | None = None
    signature: str = ""
    shrink: bool = False
    older: bool = False


@dataclass(frozen=True, slots=True)
class Importing:
    """number: of this import since the service started. of: how much there is to do, in ``done``'s unit.

    done: bytes while it reads, memberships while it fills in (of is 0: not known), PINs while it hashes.
    cause, why: of a refusal, one word and a sentence. remedy: ``shrink`` or ``older`` if that imports it.
    imported: what the journal says of it; dropped: the columns that were left out.
    """

    stage: Stage
    number: int = 0
    name: str = ""
    staff: str = ""
    begun_us: int = 0
    done: int = 0
    of: int = 0
    cause: str = ""
    why: str = ""
    remedy: str = ""
    imported: Mapping[str, JsonValue] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many memberships there are. as_of_us: when the library management system said so; None: none yet.

    live: answers that are newer, under an hour, under a day, older. gone: cards that the system has no more.
    pins_as_of_us: when the imported PINs were right.
    """

    members: int
    as_of_us: int | None
    key_id: str
    categories: Mapping[str, int]
    live: tuple[int, int, int]
    gone: int
    blocked: int
    allowed: int
    pins: int
    pins_as_of_us: int | None
    pins_verified: int


def permitted() -> Mapping[str, frozenset[int]]:
    """Which users may give which command."""
    staff = uids_of(CONSOLE_USER)
    return {command.value: staff for command in Command}


def server_uids() -> frozenset[int]:
    """Users that may answer for the membership service."""
    return uids_of(MEMBERSHIP_USER)


def ask_to_import(order: Order, staff: str) -> Request:
    arguments: dict[str, Scalar] = {"name": order.name, "shrink": order.shrink, "older": order.older}
    if order.as_of_us is not None:
        arguments["as_of_us"] = order.as_of_us
    if order.signature:
        arguments["signature"] = order.signature
    return Request(Command.IMPORT.value, arguments, staff)


def understand_import(request: Request) -> Order:
    """Raises BadMessage, which repeats nothing."""
    given = request.arguments
    if not given.keys() <= {"name", "as_of_us", "signature", "shrink", "older"}:
        raise BadMessage("unknown argument")
    name, signature, as_of_us = given.get("name"), given.get("signature", ""), given.get("as_of_us")
    shrink, older = given.get("shrink", False), given.get("older", False)
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadMessage("the name is none")
    if not isinstance(signature, str) or len(signature) > LONGEST_SIGNATURE:
        raise BadMessage("the signature is none")
    if as_of_us is not None and (
        not isinstance(as_of_us, int) or isinstance(as_of_us, bool) or as_of_us <= 0
    ):
        raise BadMessage("as_of_us is no time")
    if not isinstance(shrink, bool) or not isinstance(older, bool):
        raise BadMessage("shrink and older are true or false")
    return Order(name, as_of_us, signature, shrink, older)


def tell_importing(importing: Importing) -> Reply:
    return Reply(
        done=True,
        data={
            "stage": importing.stage.value,
            "number": importing.number,
            "name": importing.name,
            "staff": importing.staff,
            "begun_us": importing.begun_us,
            "done": importing.done,
            "of": importing.of,
            "cause": importing.cause,
            "why": importing.why,
            "remedy": importing.remedy,
            "imported": dict(importing.imported),
            "dropped": list(importing.dropped),
        },
    )


def importing_of(reply: Reply) -> Importing | None:
    """None if it does not plainly say."""
    said = reply.data
    try:
        imported, dropped = said["imported"], said["dropped"]
        if not reply.done or not isinstance(imported, dict) or not isinstance(dropped, list):
            return None
        return Importing(
            Stage(_text(said["stage"])),
            _number(said["number"]),
            _text(said["name"]),
            _text(said["staff"]),
            _number(said["begun_us"]),
            _number(said["done"]),
            _number(said["of"]),
            _text(said["cause"]),
            _text(said["why"]),
            _text(said["remedy"]),
            imported,
            tuple(map(_text, dropped)),
        )
    except (KeyError, TypeError, ValueError):
        return None


def tell_counted(counted: Counted) -> Reply:
    return Reply(
        done=True,
        data={
            "members": counted.members,
            "as_of_us": counted.as_of_us,
            "key_id": counted.key_id,
            "categories": dict(counted.categories),
            "live": list(counted.live),
            "gone": counted.gone,
            "blocked": counted.blocked,
            "allowed": counted.allowed,
            "pins": counted.pins,
            "pins_as_of_us": counted.pins_as_of_us,
            "pins_verified": counted.pins_verified,
        },
    )


def counted_of(reply: Reply) -> Counted | None:
    """None if it does not plainly say."""
    said = reply.data
    try:
        categories, live = said["categories"], said["live"]
        if not reply.done or not isinstance(categories, dict) or not isinstance(live, list):
            return None
        under_an_hour, under_a_day, older = map(_number, live)
        return Counted(
            _number(said["members"]),
            _time(said["as_of_us"]),
            _text(said["key_id"]),
            {name: _number(count) for name, count in categories.items()},
            (under_an_hour, under_a_day, older),
            _number(said["gone"]),
            _number(said["blocked"]),
            _number(said["allowed"]),
            _number(said["pins"]),
            _time(said["pins_as_of_us"]),
            _number(said["pins_verified"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no number")
    return value


def _time(value: JsonValue) -> int | None:
    return None if value is None else _number(value)
