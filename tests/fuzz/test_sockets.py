"""The control sockets of the services: what somebody who may connect to one can send."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from controller.door.control import BadArguments, Order, as_data, understand
from controller.ipc import door_commands, look_up, membership_commands
from controller.ipc.client import ask
from controller.ipc.messages import (
    REPLY_LIMIT,
    BadMessage,
    Reply,
    Request,
    read_reply,
    read_request,
    write_reply,
    write_request,
)
from controller.ipc.server import Call, Server
from controller.settings.load import load
from simulator.waiting import wait_until

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

LIMIT_S = 30
US = frozenset({os.geteuid()})
MARKS = [
    b"{",
    b"}",
    b"[",
    b'"',
    b":",
    b",",
    b"null",
    b"true",
    b"1.5",
    b"NaN",
    b"\\ud800",
    b"\xff",
    b"\n",
    b"[" * 3000,
]
ORDERS = [
    write_request(Request(command.value, arguments, "j.smith"))
    for command in door_commands.Command
    for arguments in (
        {"door": "front", "why": "visitor"},
        {"minutes": 30, "door": "front"},
        {"door": "front", "reader": "in"},
        {},
    )
]


# --- what is understood of a command ----------------------------------------------------------------


def test_a_command_to_the_door_is_for_doors_that_there_are(hostile: Hostile) -> None:
    settings = load(Path(__file__).parents[2] / "config" / "branch.example.toml")
    doors = {door.id for door in settings.doors}
    commands = {command.value for command in door_commands.Command}

    def parse(document: bytes) -> Order:
        request = read_request(document)
        if request.command not in commands:  # the server's table has no other
            raise BadMessage("unknown")
        try:
            return understand(request, settings)
        except BadArguments as error:
            raise BadMessage(str(error)) from error

    def holds(order: Order, _: bytes) -> None:
        assert set(order.doors) <= doors
        assert 0 <= order.minutes <= 24 * 60 or order.command is not door_commands.Command.HOLD_OPEN
        json.dumps(as_data(order, os.geteuid(), ""))

    hostile.try_documents(parse, BadMessage, ORDERS, MARKS, holds)


def test_an_import_that_is_understood_has_a_name_that_can_be_shown(hostile: Hostile) -> None:
    seeds = [
        write_request(Request("import", {"name": "members.csv", "shrink": True, "older": False})),
        write_request(Request("import", {"name": "m_2026-11-01.jsonl", "as_of_us": 1, "signature": "x\ny"})),
    ]

    def holds(order: membership_commands.Order, _: bytes) -> None:
        assert order.name.isprintable()
        assert order.as_of_us is None or order.as_of_us > 0

    hostile.try_documents(
        lambda document: membership_commands.understand_import(read_request(document)),
        BadMessage,
        seeds,
        MARKS,
        holds,
    )


def test_an_answer_about_a_card_is_a_membership_or_nothing(hostile: Hostile) -> None:
    membership = {
        "status": "active",
        "category": "adult",
        "inducted_on": "2026-01-01",
        "granted_from": None,
        "granted_until": None,
        "expires": "2027-01-01",
        "adult_on": None,
        "guardian": False,
        "as_of_us": 1_790_000_000_000_000,
    }
    seeds = [
        write_reply(Reply(done=True, data={"membership": membership})),
        write_reply(Reply(done=True, data={"membership": None})),
        write_reply(Reply(done=False, reason="unavailable")),
    ]

    def holds(found: look_up.LookedUp | None, _: bytes) -> None:
        assert found is None or found.membership is None or found.membership.category

    hostile.try_documents(
        lambda document: look_up.looked_up_of(read_reply(document)), BadMessage, seeds, MARKS, holds
    )


# --- a control socket -------------------------------------------------------------------------------


@pytest.fixture
def served() -> Iterator[Path]:
    """A socket that answers `status`, and takes a file with `import`."""
    folder = Path(tempfile.mkdtemp(prefix="unlocked-"))
    calls: SimpleQueue[Call | None] = SimpleQueue()

    def act() -> None:
        while (call := calls.get()) is not None:
            if call.begin():
                call.answer(Reply(done=True))

    acting = threading.Thread(target=act)
    acting.start()
    server = Server(
        folder / "s",
        {"status": US, "import": US},
        calls.put,
        deadline_s=0.2,
        takes_file=frozenset({"import"}),
        callers_at_once=4,
    )
    yield folder / "s"
    server.close()
    calls.put(None)
    acting.join()
    shutil.rmtree(folder)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_control_socket_outlives_whatever_it_is_sent(served: Path, hostile: Hostile) -> None:
    before = open_files()
    answered, seeds = 0, [*ORDERS, write_request(Request("import", {"name": "m.csv"}))]
    with Path(os.devnull).open("rb") as file:
        for document in hostile.documents(seeds, MARKS, share=4):
            answered += _told(served, document, file.fileno(), hostile)
    assert answered
    wait_until(lambda: open_files() <= before, LIMIT_S, "files that came are closed")
    assert ask(served, Request("status"), server_uids=US).done


def _told(path: Path, document: bytes, file: int, hostile: Hostile) -> bool:
    """Send it in pieces, some with descriptors, now and then without listening; whether it was answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(LIMIT_S)
        wire.connect(str(path))
        try:
            for piece in hostile.split(document):
                files = [file] * hostile.source.choice((0, 0, 0, 1, 3, 60))
                socket.send_fds(wire, [piece], files)
            if not document.endswith(b"\n"):  # else it is read, and whoever hangs up has changed his mind
                wire.shutdown(socket.SHUT_WR)
            if hostile.source.randrange(8) == 0:
                return False
            answer = b"".join(iter(lambda: wire.recv(REPLY_LIMIT), b""))
        except (BrokenPipeError, ConnectionResetError):  # it had seen enough, or too many were there
            return False
    if not answer:
        return False
    read_reply(answer)
    return True
