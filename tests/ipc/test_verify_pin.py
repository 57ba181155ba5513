"""What is said about a PIN, and that nothing but a plain yes reads as one."""

from datetime import date

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.membership import Membership, Status
from controller.core.pin import Pin
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import (
    BadMessage,
    Reply,
    Request,
    read_reply,
    read_request,
    write_reply,
    write_request,
)
from controller.ipc.verify_pin import COMMAND, answer, ask_for, result_of, said_of, understand

CARD, PIN = CardNumber("25891000331441"), Pin("0739")


def test_the_question_arrives_as_it_was_asked_and_does_not_show_itself() -> None:
    request = read_request(write_request(ask_for(CARD, PIN)))
    assert understand(request) == (CARD, PIN)
    assert "0739" not in repr(request)
    assert "25891000331441" not in repr(request)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"card": "1234"},
        {"pin": "1234"},
        {"card": "1234", "pin": "1234", "more": "1"},
        {"card": "1234", "pin": ""},
        {"card": "1234", "pin": "12a4"},
        {"card": "1234", "pin": 1234},
        {"card": "1234", "pin": True},
        {"card": "", "pin": "1234"},
        {"card": "12|4", "pin": "1234"},
        {"card": "12\r4", "pin": "1234"},
        {"card": "1" * 65, "pin": "1234"},
        {"card": "1234", "pin": "1" * 33},
    ],
)
def test_what_is_no_question_about_a_pin_is_refused_without_repeating_it(
    arguments: dict[str, str | int],
) -> None:
    with pytest.raises(BadMessage) as refusal:
        understand(Request(COMMAND, arguments))
    assert "1234" not in str(refusal.value)


@pytest.mark.parametrize("result", [PinResult.CORRECT, PinResult.WRONG, PinResult.UNAVAILABLE])
def test_the_answer_arrives_as_it_was_given(result: PinResult) -> None:
    assert result_of(read_reply(write_reply(answer(result)))) is result


def test_with_it_comes_what_the_system_said_of_the_card() -> None:
    said = LookedUp(Membership(Status.SUSPENDED, None, None, None, date(2027, 3, 31), "", None, False, 1))
    reply = read_reply(write_reply(answer(PinResult.CORRECT, said)))
    assert (result_of(reply), said_of(reply)) == (PinResult.CORRECT, said)
    assert said_of(answer(PinResult.CORRECT)) is None
    assert said_of(Reply(done=True, data={"pin": "correct", "membership": {}})) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(done=True),
        Reply(done=True, data={"membership": None}),
        Reply(done=True, data={"pin": "correct", "membership": {}}),
        Reply(done=True, data={"pin": "correct", "membership": "active"}),
        Reply(done=True, data={"pin": "correct", "membership": None, "more": 1}),
        Reply(done=False, data={"pin": "correct"}),
        Reply(done=False, data={"pin": "wrong"}),
        Reply(done=True, data={"pin": "correct", "more": 1}),
        Reply(done=True, data={"pin": True}),
        Reply(done=True, data={"pin": "missing"}),
        Reply(done=False, reason="not_permitted"),
    ],
)
def test_any_other_answer_says_that_nobody_knows(reply: Reply) -> None:
    assert result_of(reply) is PinResult.UNAVAILABLE
