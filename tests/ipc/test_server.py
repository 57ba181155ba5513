import functools
import os
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from controller.ipc.client import NoAnswer, WrongServer, ask
from controller.ipc.messages import Reply, Request, read_reply, write_reply, write_request
from controller.ipc.peer import uids_of, user_name
from controller.ipc.server import CALLERS_AT_ONCE, STRANGERS_AT_ONCE, Call, Server

US = frozenset({os.geteuid()})
NOBODY: frozenset[int] = frozenset()
PATIENT_S, SOON_S = 10.0, 0.3
soon_over = functools.partial(pytest.mark.parametrize, argvalues=[SOON_S], ids=["soon over"], indirect=True)
"""For tests in which nobody begins a command, or ends it: all others have all the time they need."""


class Rig:
    """A server whose calls wait on a queue, as the door's do."""

    def __init__(self, folder: Path, deadline_s: float = PATIENT_S) -> None:
        self.path = folder / "control.sock"
        self.calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        permitted = {"status": US, "lockdown": NOBODY}
        self.server = Server(self.path, permitted, self.calls.put, deadline_s=deadline_s)

    def answer_the_next(self) -> threading.Thread:
        def act() -> None:
            call = self.calls.get(timeout=PATIENT_S)
            if call.begin():
                call.answer(Reply(done=True, data={"uid": call.uid}))

        thread = threading.Thread(target=act)
        thread.start()
        return thread

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(5)
        connection.connect(str(self.path))
        return connection


@pytest.fixture
def rig(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rig]:
    before = set(threading.enumerate())
    rig = Rig(tmp_path, getattr(request, "param", PATIENT_S))
    yield rig
    rig.server.close()
    for thread in threading.enumerate():
        if thread.name == "caller":
            thread.join(timeout=5)
    assert set(threading.enumerate()) <= before


def test_a_call_is_answered(rig: Rig) -> None:
    acting = rig.answer_the_next()
    reply = ask(rig.path, Request("status"), server_uids=US)
    assert reply == Reply(done=True, data={"uid": os.geteuid()})
    acting.join()


@pytest.mark.parametrize(
    ("command", "reason"), [("lockdown", "not_permitted"), ("open-sesame", "unknown_command")]
)
def test_what_the_table_does_not_permit_is_heard_by_nobody(rig: Rig, command: str, reason: str) -> None:
    reply = ask(rig.path, Request(command), server_uids=US)
    assert reply == Reply(done=False, reason=reason)
    assert rig.calls.empty()


def test_the_caller_s_user_is_the_kernel_s_word(rig: Rig, mocker: MockerFixture) -> None:
    mocker.patch("controller.ipc.server.peer_uid", return_value=54321)
    assert ask(rig.path, Request("status"), server_uids=US).reason == "not_permitted"


@pytest.mark.parametrize("line", [b"nonsense\n", b"x" * 5000, b"\xff\n"])
def test_nonsense_is_a_bad_request(rig: Rig, line: bytes) -> None:
    with rig.connect() as connection:
        connection.sendall(line)
        assert read_reply(connection.recv(4096)).reason == "bad_request"
    assert rig.calls.empty()


@soon_over("rig")
def test_a_command_dies_when_nobody_begins_it_in_time(rig: Rig) -> None:
    assert ask(rig.path, Request("status"), server_uids=US).reason == "no_answer"
    assert rig.calls.get(timeout=PATIENT_S).begin() is False


@soon_over("rig")
def test_a_command_dies_when_its_caller_hangs_up(rig: Rig) -> None:
    with rig.connect() as connection:
        connection.sendall(write_request(Request("status")))
        call = rig.calls.get(timeout=PATIENT_S)
    assert call.begin() is False


def test_a_command_is_begun_once(rig: Rig) -> None:
    with rig.connect() as connection:
        connection.sendall(write_request(Request("status")))
        call = rig.calls.get(timeout=PATIENT_S)
        assert call.begin() is True
        call.answer(Reply(done=True))
        assert call.begin() is False
        assert read_reply(connection.recv(4096)).done


def test_too_many_callers_are_sent_away_and_the_rest_served(rig: Rig) -> None:
    idle = [rig.connect() for _ in range(CALLERS_AT_ONCE)]
    with rig.connect() as one_more:
        assert one_more.recv(1) == b""
    for connection in idle:
        connection.close()


def test_users_without_commands_cannot_keep_out_those_who_have(rig: Rig, mocker: MockerFixture) -> None:
    stranger = mocker.patch("controller.ipc.server.peer_uid", return_value=54321)
    crowd = [rig.connect() for _ in range(STRANGERS_AT_ONCE + CALLERS_AT_ONCE)]
    assert crowd[-1].recv(1) == b""
    stranger.return_value = os.geteuid()
    acting = rig.answer_the_next()
    assert ask(rig.path, Request("status"), server_uids=US).done
    acting.join()
    for connection in crowd:
        connection.close()


def test_a_user_who_asks_without_end_keeps_out_no_other(tmp_path: Path, mocker: MockerFixture) -> None:
    pages = os.geteuid() + 1
    caller = mocker.patch("controller.ipc.server.peer_uid", return_value=pages)
    server = Server(tmp_path / "control.sock", {"status": US | {pages}}, _answered, deadline_s=0.3)
    with ExitStack() as stack:
        stack.callback(server.close)
        crowd = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(CALLERS_AT_ONCE + 1)]
        for connection in crowd:
            connection.connect(str(tmp_path / "control.sock"))
        assert crowd[-1].recv(1) == b""
        caller.return_value = os.geteuid()
        assert ask(tmp_path / "control.sock", Request("status"), server_uids=US).done


def _answered(call: Call) -> None:
    if call.begin():
        call.answer(Reply(done=True))


def test_the_socket_is_for_user_and_group_only(rig: Rig) -> None:
    assert rig.path.stat().st_mode & 0o777 == 0o660


def test_a_second_server_does_not_take_the_first_one_s_place(rig: Rig) -> None:
    with pytest.raises(OSError, match="already listens"):
        Server(rig.path, {}, rig.calls.put)


def test_a_socket_left_by_a_killed_process_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "control.sock"))
    left.close()
    Rig(tmp_path).server.close()


def test_closing_removes_the_socket(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.server.close()
    assert not rig.path.exists()
    with pytest.raises(NoAnswer):
        ask(rig.path, Request("status"), server_uids=US)


def test_a_stranger_in_the_service_s_place_is_told_nothing(rig: Rig) -> None:
    with pytest.raises(WrongServer):
        ask(rig.path, Request("status"), server_uids=NOBODY)
    assert rig.calls.empty()


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        with pytest.raises(NoAnswer):
            ask(tmp_path / "silent.sock", Request("status"), server_uids=US, deadline_s=0.2)


def test_a_crowd_at_the_socket_is_waited_for(tmp_path: Path) -> None:
    with ExitStack() as stack:
        busy = stack.enter_context(socket.socket(socket.AF_UNIX))
        busy.bind(str(tmp_path / "busy.sock"))
        busy.listen(0)
        ahead = stack.enter_context(socket.socket(socket.AF_UNIX))
        ahead.connect(str(tmp_path / "busy.sock"))

        def let_in() -> None:
            stack.enter_context(busy.accept()[0])
            caller = stack.enter_context(busy.accept()[0])
            caller.recv(4096)
            caller.sendall(write_reply(Reply(done=True)))

        later = threading.Timer(0.2, let_in)
        later.start()
        assert ask(tmp_path / "busy.sock", Request("status"), server_uids=US).done
        later.join()


def test_users_that_do_not_exist_are_left_out() -> None:
    assert uids_of("no-such-user-here") == frozenset({0, os.geteuid()})
    assert user_name(0) == "root"
    assert user_name(54321) == "54321"


def test_a_machine_without_a_thread_left_answers_again_when_it_has_one(
    rig: Rig, mocker: MockerFixture
) -> None:
    no_thread = mocker.patch.object(threading.Thread, "start", side_effect=RuntimeError("no thread is left"))
    for _ in range(CALLERS_AT_ONCE + 1):
        with rig.connect() as connection:
            assert connection.recv(1) == b""
    assert no_thread.call_count == CALLERS_AT_ONCE + 1
    mocker.stop(no_thread)
    acting = rig.answer_the_next()
    assert ask(rig.path, Request("status"), server_uids=US).done
    acting.join()


@pytest.fixture
def taking(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, queue.SimpleQueue[Call]]]:
    """A server whose command "import" may bring a file, and what it received."""
    calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
    path = tmp_path / "control.sock"
    permitted = {"import": US, "status": US}
    deadline_s = getattr(request, "param", PATIENT_S)
    server = Server(path, permitted, calls.put, deadline_s=deadline_s, takes_file=frozenset({"import"}))
    yield path, calls
    server.close()


def handed_over(text: bytes) -> int:
    file = os.memfd_create("handed-over")
    os.write(file, text)
    return file


def asked_with(path: Path, command: str, file: int) -> threading.Thread:
    def asking() -> None:
        ask(path, Request(command), server_uids=US, file=file)

    thread = threading.Thread(target=asking)
    thread.start()
    return thread


def copies() -> int:
    """Descriptors of this process that lead to a file that was handed over."""
    found = 0
    for one in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            found += "handed-over" in str(one.readlink())
    return found


def test_a_file_comes_with_the_command_that_may_bring_one(
    taking: tuple[Path, queue.SimpleQueue[Call]],
) -> None:
    path, calls = taking
    file = handed_over(b"rows")
    asking = asked_with(path, "import", file)
    call = calls.get(timeout=PATIENT_S)
    assert call.begin()
    taken = call.take_file()
    assert taken is not None
    assert call.take_file() is None
    assert os.pread(taken, 10, 0) == b"rows"
    assert not os.get_inheritable(taken)
    call.answer(Reply(done=True))
    asking.join()
    os.close(taken)
    os.close(file)


@soon_over("taking")
@pytest.mark.parametrize("command", ["import", "status", "open-sesame"])
def test_a_file_that_nobody_takes_is_closed(
    taking: tuple[Path, queue.SimpleQueue[Call]], command: str
) -> None:
    path, _calls = taking
    file = handed_over(b"rows")
    asked_with(path, command, file).join()
    for thread in threading.enumerate():
        if thread.name == "caller":
            thread.join(timeout=5)
    assert copies() == 1
    os.close(file)


def test_several_files_are_no_request(taking: tuple[Path, queue.SimpleQueue[Call]]) -> None:
    path, calls = taking
    file = handed_over(b"rows")
    line = write_request(Request("import"))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        socket.send_fds(connection, [line[:10]], [file])
        socket.send_fds(connection, [line[10:]], [file])
        assert read_reply(connection.recv(4096)).reason == "bad_request"
    assert calls.empty()
    os.close(file)
