"""``unlocked reader test`` at a door that says what it is told to."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from controller.commands import door
from controller.commands.reader import command
from controller.ipc.messages import Reply
from controller.ipc.reader_tests import Heard, ReaderTested, tell


@pytest.mark.parametrize(
    ("tested", "exit_code", "said"),
    [
        (ReaderTested(under_way=False, heard=Heard.CARD, characters=14, digits=True), 0, "read: 14 digits"),
        (ReaderTested(under_way=False, heard=Heard.CARD, characters=8), 0, "read: 8 characters"),
        (ReaderTested(under_way=False), 1, "nothing came"),
        (ReaderTested(under_way=False, heard=Heard.PIECES, bytes=3), 1, "3 bytes came and nothing whole"),
        (ReaderTested(under_way=False, heard=Heard.HALF_A_CARD), 1, "no card as"),
        (ReaderTested(under_way=False, heard=Heard.KEY), 1, "keys of the keypad"),
    ],
)
def test_what_was_heard_is_said(
    monkeypatch: pytest.MonkeyPatch, tested: ReaderTested, exit_code: int, said: str
) -> None:
    replies = [
        Reply(done=True, data={"modes": {}}),
        tell(ReaderTested(under_way=True, left_s=1)),
        tell(tested),
    ]
    asked: list[tuple[str, dict[str, str]]] = []

    def ask_door(_config: object, what: str, **named: str) -> Reply:
        asked.append((what, named))
        return replies[len(asked) - 1]

    monkeypatch.setattr(door, "ask_door", ask_door)
    monkeypatch.setattr("controller.commands.reader_test.LOOK_S", 0)
    result = CliRunner().invoke(command, ["test", "--reader", "in"])
    assert (result.exit_code, said in result.output) == (exit_code, True)
    assert asked == [("reader-test", {"reader": "in"}), *[("reader-heard", {"reader": "in"})] * 2]
