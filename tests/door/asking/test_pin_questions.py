"""The question to the membership service: its answer, its deadline, and nobody else's word."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.membership import Membership, Status
from controller.core.pin import Pin
from controller.door.asking.pin_questions import PinQuestions
from controller.ipc import verify_pin
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import Reply
from controller.ipc.server import Call, Server

CARD, PIN = CardNumber("25891000331441"), Pin("7391")
DEADLINE_S = 0.5
SAID = LookedUp(Membership(Status.SUSPENDED, None, None, None, date(2027, 3, 31), "", None, False, 1))
US = frozenset({os.geteuid()})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name in ("pin", "caller"):
            thread.join(timeout=5)
            assert not thread.is_alive()


def asked(path: Path, deadline_s: float = DEADLINE_S) -> PinResult:
    answers: queue.SimpleQueue[PinResult] = queue.SimpleQueue()
    PinQuestions(path, deadline_s).ask(CARD, PIN, lambda result, _: answers.put(result))
    return answers.get(timeout=10)


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        (verify_pin.answer(PinResult.CORRECT), PinResult.CORRECT),
        (verify_pin.answer(PinResult.WRONG), PinResult.WRONG),
        (verify_pin.answer(PinResult.UNAVAILABLE), PinResult.UNAVAILABLE),
        (Reply(done=True), PinResult.UNAVAILABLE),
    ],
)
def test_the_service_s_answer_comes_back(path: Path, reply: Reply, result: PinResult) -> None:
    heard = []

    def answer(call: Call) -> None:
        assert call.begin()
        heard.append(verify_pin.understand(call.request))
        call.answer(reply)

    server = Server(path, {verify_pin.COMMAND: US}, answer)
    assert asked(path) is result
    assert heard == [(CARD, PIN)]
    server.close()


def test_and_what_the_system_said_of_the_card_with_it(path: Path) -> None:
    def answer(call: Call) -> None:
        assert call.begin()
        call.answer(verify_pin.answer(PinResult.CORRECT, SAID))

    server = Server(path, {verify_pin.COMMAND: US}, answer)
    answers: queue.SimpleQueue[tuple[PinResult, LookedUp | None]] = queue.SimpleQueue()
    PinQuestions(path, DEADLINE_S).ask(CARD, PIN, lambda *came: answers.put(came))
    assert answers.get(timeout=10) == (PinResult.CORRECT, SAID)
    server.close()


def test_where_nobody_listens_nobody_knows(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert asked(path) is PinResult.UNAVAILABLE
    assert "7391" not in caplog.text
    assert "25891000331441" not in caplog.text


def test_a_service_that_hangs_is_given_up_at_the_deadline(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as frozen:
        frozen.bind(str(path))
        frozen.listen()
        begun = time.monotonic()
        assert asked(path) is PinResult.UNAVAILABLE
        assert DEADLINE_S <= time.monotonic() - begun < DEADLINE_S + 1


def test_a_crowd_at_a_service_that_hangs_is_given_up_as_well(path: Path) -> None:
    with ExitStack() as stack:
        frozen = stack.enter_context(socket.socket(socket.AF_UNIX))
        frozen.bind(str(path))
        frozen.listen(0)
        for _ in range(3):
            one = stack.enter_context(socket.socket(socket.AF_UNIX))
            one.setblocking(False)
            one.connect_ex(str(path))
        begun = time.monotonic()
        assert asked(path) is PinResult.UNAVAILABLE
        assert time.monotonic() - begun < DEADLINE_S + 1


def test_somebody_else_s_word_counts_for_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Call] = []
    server = Server(path, {verify_pin.COMMAND: US}, heard.append)
    monkeypatch.setattr("controller.ipc.client.peer_uid", lambda _: 54321)
    assert asked(path) is PinResult.UNAVAILABLE
    assert heard == []
    server.close()


def test_a_machine_without_threads_refuses_instead_of_ending_the_door(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_more)
    assert asked(path) is PinResult.UNAVAILABLE
