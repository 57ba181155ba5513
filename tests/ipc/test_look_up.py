"""A look-up's question and answer, and what they do with anything else."""

from __future__ import annotations

from datetime import date

import pytest

from controller.core.card import CardNumber
from controller.core.event import JsonValue
from controller.core.membership import Membership, Status
from controller.ipc import look_up
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import BadMessage, Reply, Request, read_reply, write_reply

MEMBERSHIP = Membership(
    Status.ACTIVE, date(2026, 1, 2), date(2026, 1, 3), None, date(2027, 3, 31), "adult", date.min, True, 1
)
SUSPENDED = Membership(Status.SUSPENDED, None, None, None, date(2027, 3, 31), "", None, False, 1)


@pytest.mark.parametrize("found", [LookedUp(MEMBERSHIP), LookedUp(SUSPENDED), LookedUp(None), None])
def test_an_answer_arrives_as_it_was_given(found: LookedUp | None) -> None:
    assert look_up.looked_up_of(read_reply(write_reply(look_up.answer(found)))) == found


def written() -> dict[str, JsonValue]:
    reply = look_up.answer(LookedUp(MEMBERSHIP))
    inner = reply.data["membership"]
    assert isinstance(inner, dict)
    return inner


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "well-known"),
        ("expires", None),
        ("expires", "2027-02-30"),
        ("inducted_on", 20260102),
        ("category", None),
        ("guardian", 1),
        ("as_of_us", True),
        ("as_of_us", 0),
        ("as_of_us", "1"),
        ("name", "of a person"),
    ],
)
def test_what_is_no_membership_reads_as_nobody_knows(key: str, value: JsonValue) -> None:
    assert look_up.looked_up_of(Reply(done=True, data={"membership": {**written(), key: value}})) is None


@pytest.mark.parametrize("missing", sorted(written()))
def test_half_a_membership_reads_as_nobody_knows(missing: str) -> None:
    left = {key: value for key, value in written().items() if key != missing}
    assert look_up.looked_up_of(Reply(done=True, data={"membership": left})) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(done=False, reason="unavailable"),
        Reply(done=False, data={"membership": None}),
        Reply(done=True),
        Reply(done=True, data={"membership": None, "more": 1}),
        Reply(done=True, data={"membership": []}),
    ],
)
def test_no_plain_answer_reads_as_nobody_knows(reply: Reply) -> None:
    assert look_up.looked_up_of(reply) is None


def test_the_card_asked_about_is_the_card_that_is_understood() -> None:
    card = CardNumber("25891000331441")
    assert look_up.understand(look_up.ask_for(card)) == card
    assert "25891" not in repr(look_up.ask_for(card))


@pytest.mark.parametrize(
    "card", ["", "1" * 65, "2589|AD1234", "25891\r", "25891\0", "\uff12\uff15\uff18\uff19\uff11", 25891, None]
)
def test_what_is_no_card_number_is_not_understood(card: str | int | None) -> None:
    arguments = {} if card is None else {"card": card}
    with pytest.raises(BadMessage):
        look_up.understand(Request(look_up.COMMAND, arguments))
