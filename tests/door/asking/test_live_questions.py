"""Look-ups at the membership service: a few at once with their deadline, and refreshing one at a time."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from controller.core.card import CardNumber
from controller.core.membership import Membership, Status
from controller.door.asking.live_questions import AGAIN_US, AT_ONCE, LiveQuestions
from controller.ipc import look_up
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import Reply
from controller.ipc.server import Call, Server

CARD = CardNumber("25891000331441")
OTHERS = [CardNumber(str(25891000340000 + number)) for number in range(AT_ONCE)]
DEADLINE_S = 0.5
US = frozenset({os.geteuid()})
LIMIT_S = 30
KNOWN = LookedUp(
    Membership(Status.ACTIVE, None, None, None, date.max, "adult", None, False, 1_795_420_800_000_000)
)

Answers = queue.SimpleQueue[LookedUp | None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name in ("look-up", "refresh", "caller"):
            thread.join(timeout=LIMIT_S)
            assert not thread.is_alive()


def asked(questions: LiveQuestions, card: CardNumber = CARD) -> Answers:
    answers: Answers = queue.SimpleQueue()
    questions.ask(card, answers.put)
    return answers


class Service:
    """A membership service that answers when it is told to."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Call] = queue.SimpleQueue()

    def next(self) -> tuple[Call, CardNumber]:
        call = self.calls.get(timeout=LIMIT_S)
        assert call.begin()
        return call, look_up.understand(call.request)


@pytest.fixture
def service(path: Path) -> Iterator[Service]:
    made = Service()
    server = Server(path, {look_up.COMMAND: US}, made.calls.put)
    yield made
    server.close()


@contextmanager
def hanging(path: Path) -> Iterator[None]:
    """A membership service that takes callers and says nothing."""
    with socket.socket(socket.AF_UNIX) as frozen:
        frozen.bind(str(path))
        frozen.listen()
        yield


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (look_up.answer(KNOWN), KNOWN),
        (look_up.answer(LookedUp(None)), LookedUp(None)),
        (look_up.answer(None), None),
        (Reply(done=True, data={"membership": {"status": "active"}}), None),
        (Reply(done=True), None),
    ],
)
def test_the_service_s_answer_comes_back(
    path: Path, service: Service, reply: Reply, said: LookedUp | None
) -> None:
    answers = asked(LiveQuestions(path, LIMIT_S))
    call, card = service.next()
    assert card == CARD
    call.answer(reply)
    assert answers.get(timeout=LIMIT_S) == said


def test_where_nobody_listens_nobody_knows_and_nothing_tells_whose_card_it_was(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert asked(LiveQuestions(path, DEADLINE_S)).get(timeout=LIMIT_S) is None
    assert caplog.messages
    assert CARD.reveal() not in caplog.text


def test_a_service_that_hangs_is_given_up_at_the_deadline(path: Path) -> None:
    with hanging(path):
        begun = time.monotonic()
        assert asked(LiveQuestions(path, DEADLINE_S)).get(timeout=LIMIT_S) is None
        assert DEADLINE_S <= time.monotonic() - begun < DEADLINE_S + 1


def test_more_than_a_few_at_once_are_answered_at_once(path: Path, service: Service) -> None:
    questions = LiveQuestions(path, LIMIT_S)
    waiting = [asked(questions, card) for card in OTHERS]
    calls = [service.next() for _ in OTHERS]
    assert asked(questions).get_nowait() is None
    for call, _ in calls:
        call.answer(look_up.answer(KNOWN))
    assert [answers.get(timeout=LIMIT_S) for answers in waiting] == [KNOWN] * AT_ONCE
    again = asked(questions)
    service.next()[0].answer(look_up.answer(LookedUp(None)))
    assert again.get(timeout=LIMIT_S) == LookedUp(None)


def test_a_machine_without_threads_or_files_refuses_instead_of_ending_the_door(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    questions = LiveQuestions(path, DEADLINE_S)
    with monkeypatch.context() as patch:
        patch.setattr("controller.ipc.client.socket.socket", no_more)
        for _ in range(AT_ONCE + 1):
            assert asked(questions).get(timeout=LIMIT_S) is None
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    for _ in range(AT_ONCE + 1):
        assert asked(questions).get_nowait() is None


def test_a_card_is_refreshed_once_a_minute_and_one_at_a_time(path: Path, service: Service) -> None:
    questions = LiveQuestions(path, LIMIT_S)
    questions.refresh(CARD, 0)
    call, card = service.next()
    assert card == CARD
    questions.refresh(OTHERS[0], 1)  # dropped: one is being refreshed
    call.answer(look_up.answer(KNOWN))
    _join("refresh")
    questions.refresh(CARD, AGAIN_US - 1)  # dropped: it has just been
    questions.refresh(OTHERS[0], AGAIN_US - 1)
    call, card = service.next()
    assert card == OTHERS[0]
    call.answer(look_up.answer(None))
    _join("refresh")
    questions.refresh(CARD, AGAIN_US)
    call, card = service.next()
    assert card == CARD
    call.answer(look_up.answer(KNOWN))


def test_refreshing_takes_no_place_of_those_who_wait(path: Path, service: Service) -> None:
    questions = LiveQuestions(path, LIMIT_S)
    questions.refresh(OTHERS[0], 0)
    refreshing, _ = service.next()
    for card in OTHERS:
        answers = asked(questions, card)
        call, _ = service.next()
        call.answer(look_up.answer(KNOWN))
        assert answers.get(timeout=LIMIT_S) == KNOWN
    refreshing.answer(look_up.answer(None))


def _join(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(timeout=LIMIT_S)
