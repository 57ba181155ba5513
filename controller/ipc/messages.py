"""What two services say to each other: one line of JSON as a request, one as its reply.

Here: the two messages, their limits, and the only place where their text becomes a type. Never here:
sockets, or what a command means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.event import JsonValue

REQUEST_LIMIT = 4096
"""Bytes of a request's line, its end included."""
REPLY_LIMIT = 65_536
ARGUMENTS_LIMIT = 8

COMMAND = re.compile(r"[a-z][a-z-]{0,39}")
STAFF = re.compile(r"[A-Za-z0-9._@-]{0,64}")
ARGUMENT = re.compile(r"[a-z][a-z_]{0,39}")

Scalar = str | int | bool


class BadMessage(Exception):
    """The line is not a message. The reason does not repeat the line."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command. staff: the account of the person who asks, as the calling service claims it, or empty.

    arguments: may be a card number and a PIN, so they are left out of ``repr``.
    """

    command: str
    arguments: Mapping[str, Scalar] = field(default_factory=dict, repr=False)
    staff: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of it. reason: a code when it was not done."""

    done: bool
    reason: str = ""
    data: Mapping[str, JsonValue] = field(default_factory=dict)


def write_request(request: Request) -> bytes:
    return _line({"command": request.command, "arguments": dict(request.arguments), "staff": request.staff})


def write_reply(reply: Reply) -> bytes:
    return _line({"done": reply.done, "reason": reply.reason, "data": dict(reply.data)})


def read_request(line: bytes) -> Request:
    """Raises BadMessage."""
    message = _object(line, REQUEST_LIMIT, {"command", "arguments", "staff"})
    command, arguments, staff = message.get("command"), message.get("arguments", {}), message.get("staff", "")
    if not isinstance(command, str) or not COMMAND.fullmatch(command):
        raise BadMessage("command must be a word of small letters and hyphens")
    if not isinstance(staff, str) or not STAFF.fullmatch(staff):
        raise BadMessage("staff must be an account name")
    if not isinstance(arguments, dict) or len(arguments) > ARGUMENTS_LIMIT:
        raise BadMessage(f"arguments must be an object of at most {ARGUMENTS_LIMIT}")
    checked: dict[str, Scalar] = {}
    for name, value in arguments.items():
        if not ARGUMENT.fullmatch(name) or not isinstance(value, str | int):
            raise BadMessage("an argument must be a name with a text, a whole number or a truth value")
        checked[name] = value
    return Request(command, checked, staff)


def read_reply(line: bytes) -> Reply:
    """Raises BadMessage."""
    message = _object(line, REPLY_LIMIT, {"done", "reason", "data"})
    done, reason, data = message.get("done"), message.get("reason", ""), message.get("data", {})
    if not isinstance(done, bool) or not isinstance(reason, str) or not isinstance(data, dict):
        raise BadMessage("a reply needs done, reason and data")
    return Reply(done, reason, data)


def _line(message: Mapping[str, JsonValue]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def _object(line: bytes, limit: int, keys: set[str]) -> dict[str, JsonValue]:
    if len(line) > limit or not line.endswith(b"\n"):
        raise BadMessage(f"a message is one line of at most {limit} bytes")
    try:
        message: JsonValue = json.loads(line, parse_float=_no_fraction, parse_constant=_no_fraction)
    except (ValueError, RecursionError) as error:
        raise BadMessage("the line is not JSON of the kind we speak") from error
    if not isinstance(message, dict) or not message.keys() <= keys:
        raise BadMessage(f"a message is an object of {', '.join(sorted(keys))}")
    return message


def _no_fraction(_text: str) -> JsonValue:
    raise ValueError("no fractions")
