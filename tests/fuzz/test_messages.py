"""What comes to a service from outside it: over its socket, and from a receiver by way of the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from controller.ipc import verify_pin
from controller.ipc.line import read_line
from controller.ipc.messages import (
    REQUEST_LIMIT,
    BadMessage,
    Reply,
    Request,
    read_reply,
    read_request,
    write_reply,
    write_request,
)
from controller.uplink.acknowledgement import Acknowledgement, NotAnAcknowledgement

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

MARKS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b":",
    b",",
    b"null",
    b"true",
    b"1.5",
    b"NaN",
    b"\\ud800",
    b"\\u0000",
    b"\xff",
    b"\n",
]
DEEP = b"[" * 3000
REQUESTS = [
    write_request(Request("status")),
    write_request(Request("hold-open", {"minutes": 30, "door": "front"}, "j.smith@example")),
    write_request(Request("verify-pin", {"card": "25891000331441", "pin": "1234"})),
]
REPLIES = [
    write_reply(
        Reply(done=False, reason="lockdown", data={"modes": {"front": "lockdown"}, "journalled": True})
    ),
    write_reply(Reply(done=True, data={"pin": "correct", "since": [1, None, -5]})),
]


def test_a_request_that_is_read_can_be_written_again(hostile: Hostile) -> None:
    def holds(request: Request, _: bytes) -> None:
        assert read_request(write_request(request)) == request

    hostile.try_documents(read_request, BadMessage, REQUESTS, [*MARKS, DEEP], holds)


def test_a_reply_that_is_read_can_be_written_again(hostile: Hostile) -> None:
    def holds(reply: Reply, _: bytes) -> None:
        assert read_reply(write_reply(reply)) == reply

    hostile.try_documents(read_reply, BadMessage, REPLIES, [*MARKS, DEEP], holds)


class Pieces:
    """Stands in for a socket on which a line comes in pieces."""

    def __init__(self, document: bytes) -> None:
        self._rest = document

    def settimeout(self, limit_s: float) -> None: ...

    def recv(self, limit: int) -> bytes:
        size = min(limit, 1 + len(self._rest) % 97)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def test_a_line_from_a_socket_is_whole_and_no_longer_than_allowed(hostile: Hostile) -> None:
    def parse(document: bytes) -> bytes:
        return read_line(Pieces(document), REQUEST_LIMIT, within_s=60)  # type: ignore[arg-type]

    def holds(line: bytes, document: bytes) -> None:
        assert document.startswith(line)
        assert line.endswith(b"\n")
        assert len(line) <= REQUEST_LIMIT

    hostile.try_documents(parse, BadMessage, [*REQUESTS, b"x" * 5000], MARKS, holds)


def test_a_question_about_a_pin_is_about_what_was_sent(hostile: Hostile) -> None:
    def holds(found: tuple[Any, Any], document: bytes) -> None:
        card, pin = found
        if b"\\" not in document:  # an escape can spell any character
            assert card.reveal().encode() in document
            assert pin.reveal().encode() in document

    hostile.try_documents(
        lambda document: verify_pin.understand(read_request(document)), BadMessage, REQUESTS[2:], MARKS, holds
    )


def test_an_acknowledgement_is_of_an_event_that_can_be(hostile: Hostile) -> None:
    def holds(found: Acknowledgement, document: bytes) -> None:
        assert found.received >= 0
        assert str(found.received).encode() in document

    seeds = [b'{"journal": "019aa700-0000-7aaa", "received": 42}', b'{"received":0,"journal":"j","more":[1]}']
    hostile.try_documents(Acknowledgement.parse, NotAnAcknowledgement, seeds, [*MARKS, DEEP], holds)
