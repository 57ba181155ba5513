import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

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

COMMANDS = st.from_regex(r"[a-z][a-z-]{0,39}", fullmatch=True)
ARGUMENTS = st.dictionaries(
    st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True),
    st.integers(-(2**40), 2**40) | st.booleans(),
    max_size=8,
)


@given(COMMANDS, ARGUMENTS, st.from_regex(r"[A-Za-z0-9._@-]{0,64}", fullmatch=True))
def test_a_request_arrives_as_it_was_sent(command: str, arguments: dict[str, int], staff: str) -> None:
    request = Request(command, arguments, staff)
    assert read_request(write_request(request)) == request


def test_a_request_does_not_show_its_arguments() -> None:
    assert "7391" not in repr(Request("verify-pin", {"pin": "7391"}))


def test_a_reply_arrives_as_it_was_sent() -> None:
    reply = Reply(done=False, reason="lockdown", data={"mode": "locked", "since_s": 4, "reader": None})
    assert read_reply(write_reply(reply)) == reply


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}\n",
        b'{"command":"unlock"}',  # no end of line
        b'{"command":"unlock","extra":1}\n',
        b'{"command":5}\n',
        b'{"command":"UNLOCK"}\n',
        b'{"command":"unlock","arguments":[]}\n',
        b'{"command":"unlock","arguments":{"minutes":1.5}}\n',
        b'{"command":"unlock","arguments":{"minutes":NaN}}\n',
        b'{"command":"unlock","arguments":{"minutes":null}}\n',
        b'{"command":"unlock","arguments":{"Minutes":1}}\n',
        b'{"command":"unlock","staff":"a b"}\n',
        b'{"command":"unlock","staff":7}\n',
        b'["unlock"]\n',
        b"\xff\xfe\n",
        b"[" * 4000 + b"\n",
        json.dumps({"command": "unlock", "arguments": {f"a{'b' * i}": 1 for i in range(9)}}).encode() + b"\n",
        b'{"command":"unlock","staff":"' + b"a" * REQUEST_LIMIT + b'"}\n',
    ],
)
def test_what_is_not_a_request_is_refused(line: bytes) -> None:
    with pytest.raises(BadMessage):
        read_request(line)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(line: bytes) -> None:
    with suppress(BadMessage):
        assert isinstance(read_request(line + b"\n"), Request)


@pytest.mark.parametrize(
    "line", [b"{}\n", b'{"done":1}\n', b'{"done":true,"data":[]}\n', b'{"done":true,"reason":0}\n']
)
def test_what_is_not_a_reply_is_refused(line: bytes) -> None:
    with pytest.raises(BadMessage):
        read_reply(line)
