"""One question and whatever may come instead of its answer, in every order; compared with a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.codec import Fields, Message, Wire
from controller.membership.sip2.connection import Connection, ConnectionClosed
from controller.membership.sip2.reading import ALWAYS_KEPT
from controller.membership.sip2.session import Session

QUESTION = Message("35", "20261122    000000", Fields([("AO", ""), ("AA", "4711")]))
ENDED = "36Y20261122    093000AO|AA4711|"
STEPS = ["answer", "no number", "number 0", "old number", "spoiled", "96", "96 spoiled", "other", "nonsense"]
STEPS += ["silence", "closed"]


def sealed(text: str) -> bytes:
    line = text.encode() + b"AZ"
    return line + b"%04X" % (-sum(line) % 65536)


class Wrong:
    """In place of a connection: says the steps, one for each line that it is asked for."""

    def __init__(self, steps: Iterator[str]) -> None:
        self.sent: list[bytes] = []
        self._steps = steps

    def send(self, line: bytes, _until_s: float) -> None:
        self.sent.append(line)

    def receive(self, _until_s: float) -> bytes:
        number = self.sent[0][-8:-7].decode()
        match next(self._steps, "answer"):
            case "answer":
                return sealed(f"{ENDED}AY{number}")
            case "no number":
                return sealed(ENDED)
            case "number 0":
                return sealed(f"{ENDED}AY0")
            case "old number":
                return sealed(f"{ENDED}AY{(int(number) + 9) % 10}")
            case "spoiled":
                return sealed(f"{ENDED}AY{number}").replace(b"36Y", b"36N")
            case "96":
                return b"96AZFEF6"
            case "96 spoiled":
                return b"96AZFEF7"
            case "other":
                return sealed(f"941AY{number}")
            case "nonsense":
                return b"\x00"
            case "silence":
                raise LmsUnavailable(Trouble.TIMED_OUT, "no answer")
            case _:
                raise ConnectionClosed("closed")


def expected(steps: list[str], number: int) -> str:
    """What comes of it: a trouble, "closed", or "answer". number: the question's."""
    numbers = {"answer": number, "no number": None, "number 0": 0, "old number": (number + 9) % 10}
    resent = said_again = 0
    for step in steps:
        if step in ("spoiled", "96 spoiled"):
            resent += 1
            if resent > 3:
                return "garbled"
        elif step == "96":
            said_again += 1
            if said_again > 3:
                return "garbled"
        elif step in numbers:
            right = numbers[step] == number or (resent and numbers[step] in (0, None))
            return "answer" if right else "garbled"
        else:
            return {"silence": "timed_out", "closed": "closed"}.get(step, "garbled")
    return "answer"


@given(st.lists(st.sampled_from(STEPS), max_size=9), st.integers(0, 11))
def test_an_answer_is_this_questions_or_none(steps: list[str], before: int) -> None:
    connection = Wrong(iter([]))
    session = Session(cast(Connection, connection), "lms.example:6001", Wire(), ALWAYS_KEPT)
    for _ in range(before):
        session.ask(QUESTION, 0)
        connection.sent.clear()
    connection._steps = iter(steps)
    told = ""
    try:
        answer = session.ask(QUESTION, 0)
    except ConnectionClosed:
        came = "closed"
    except LmsUnavailable as error:
        came, told = error.trouble.value, str(error)
    else:
        came = "answer"
        assert answer.fields.one("AA") == "4711"
        assert answer.fixed.startswith("Y")
    assert "4711" not in told
    assert came == expected(steps, before % 10)
    assert len(connection.sent) <= 7
    assert {line for line in connection.sent if line != b"97AZFEF5\r"} == {connection.sent[0]}


@pytest.mark.parametrize(
    "line", [b"36Y20261122    093000AO|AA4711|", b"36Y20261122    093000AO|AA4711|AY7AZ0000"]
)
def test_without_checksums_numbers_are_not_looked_at(line: bytes) -> None:
    connection = Wrong(iter([]))
    session = Session(cast(Connection, connection), "lms.example:6001", Wire(checksum=False), ALWAYS_KEPT)
    connection.receive = lambda _until_s: line  # type: ignore[method-assign]
    assert session.ask(QUESTION, 0).fields.one("AA") == "4711"
    assert connection.sent == [b"3520261122    000000AO|AA4711|\r"]
