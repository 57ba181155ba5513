"""Koha as a live source, over real HTTP on loopback: what is asked, and what the answers mean."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.core.pin import Pin
from controller.membership.koha.source import KohaSource
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import LmsUnavailable, LmsUnusable, Said, Trouble, Unknown, WrongPin

TODAY = date(2026, 11, 22)
CARD, STRANGER = CardNumber("25891000331441"), CardNumber("25891000331458")
RIGHT, WRONG = Pin("4711"), Pin("1234")
VALID = Said(Status.ACTIVE, date(2027, 12, 31), "PT", date.min, None)
BY_FIELD = ReadingRules(16, "field", field="UNLOCKED", values=frozenset({"Y"}))


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_card_is_asked_about_with_one_token_and_one_connection(
    koha: Any, connect: Callable[..., KohaSource]
) -> None:
    source = connect()
    assert source.ask(CARD, None, TODAY) == VALID
    assert source.ask(CARD, RIGHT, TODAY) == VALID
    assert source.ask(STRANGER, None, TODAY) == Unknown()
    assert koha.questions() == ["token", "patrons", "patrons", "validation", "patrons"]
    assert koha.connections == 1


def test_a_wrong_pin_is_one_and_a_strangers_is_not_sent(
    koha: Any, connect: Callable[..., KohaSource]
) -> None:
    source = connect()
    assert source.ask(CARD, WRONG, TODAY) == WrongPin()
    assert source.ask(STRANGER, WRONG, TODAY) == Unknown()
    assert koha.questions() == ["token", "patrons", "validation", "patrons"]


def test_the_card_number_is_in_no_address_and_in_no_log(
    koha: Any, connect: Callable[..., KohaSource], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connect().ask(CARD, RIGHT, TODAY)
    assert not any(CARD.reveal() in path for _, path, _, _ in koha.asked)
    assert caplog.records == []


def test_attributes_are_asked_for_where_one_entitles(koha: Any, connect: Callable[..., KohaSource]) -> None:
    koha.records[0]["extended_attributes"] = [{"type": "UNLOCKED", "value": "Y"}]
    answer = connect(BY_FIELD).ask(CARD, None, TODAY)
    assert isinstance(answer, Said)
    assert answer.entitled is True
    assert "x-koha-embed" in koha.asked[-1][2]


def test_a_pin_that_is_right_for_somebody_else_is_wrong(
    koha: Any, connect: Callable[..., KohaSource]
) -> None:
    told = {"cardnumber": STRANGER.reveal(), "patron_id": 20, "userid": CARD.reveal()}
    koha.instead["validation"] = lambda handler: koha.send(handler, 201, json.dumps(told).encode())
    assert connect().ask(CARD, RIGHT, TODAY) == WrongPin()


def test_a_password_that_has_expired_is_wrong(koha: Any, connect: Callable[..., KohaSource]) -> None:
    koha.instead["validation"] = lambda handler: koha.send(handler, 400, b'{"error": "Password expired"}')
    assert connect().ask(CARD, RIGHT, TODAY) == WrongPin()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, b'""'),
        (201, b"{}"),
        (400, b'{"errors": [{"message": "Properties not allowed: identifier.", "path": "/body"}]}'),
        (400, b'{"error": "Bad request. Only one identifier attribute can be passed."}'),
    ],
)
def test_an_old_koha_never_says_that_a_pin_is_wrong_or_right(
    koha: Any, connect: Callable[..., KohaSource], status: int, body: bytes
) -> None:
    koha.instead["validation"] = lambda handler: koha.send(handler, status, body)
    with pytest.raises(LmsUnusable, match="needs version"):
        connect().ask(CARD, RIGHT, TODAY)


def test_a_koha_that_ignores_the_question_is_not_believed(
    koha: Any, connect: Callable[..., KohaSource]
) -> None:
    everybody = [koha.patron(), koha.patron(cardnumber=STRANGER.reveal())]
    koha.instead["patrons"] = lambda handler: koha.send(handler, 200, json.dumps(everybody).encode())
    with pytest.raises(LmsUnusable, match="several patrons"):
        connect().ask(CARD, None, TODAY)
    del everybody[0]
    with pytest.raises(LmsUnusable, match="not the card"):
        connect().ask(CARD, None, TODAY)


def test_a_token_is_renewed_before_its_end_and_once_when_it_is_refused(
    koha: Any, connect: Callable[..., KohaSource]
) -> None:
    clock = Clock()
    source = connect(monotonic=clock)
    source.ask(CARD, None, TODAY)
    clock.now_s += 3539
    source.ask(CARD, None, TODAY)
    assert len(koha.tokens) == 1
    clock.now_s += 1
    source.ask(CARD, None, TODAY)
    assert len(koha.tokens) == 2
    koha.tokens.append("revoked")
    assert source.ask(CARD, None, TODAY) == VALID
    koha.instead["patrons"] = lambda handler: koha.send(handler, 401, b"{}")
    before = len(koha.questions())
    with pytest.raises(LmsUnavailable) as caught:
        source.ask(CARD, None, TODAY)
    assert caught.value.trouble is Trouble.LOGIN_REFUSED
    assert koha.questions()[before:] == ["patrons", "token", "patrons"]


def test_a_quiet_source_is_left_alone(koha: Any, connect: Callable[..., KohaSource]) -> None:
    connect().keep_alive()
    assert koha.asked == []


def test_it_can_be_asked_whether_it_is_there(koha: Any, connect: Callable[..., KohaSource]) -> None:
    source = connect()
    source.check()
    source.check()
    assert koha.questions() == ["token", "patrons", "patrons"]
    assert json.loads(koha.asked[-1][2]["x-koha-query"]) == {"cardnumber": ""}
    with pytest.raises(LmsUnavailable, match=r"client_id.*lms-client-secret") as caught:
        connect(secret="wrong").check()
    assert caught.value.trouble is Trouble.LOGIN_REFUSED
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("number", ["", "1|2", "1\r2", "1\x002", "1" * 4096, "२५८९", '1"}', "1 2"])
def test_a_hostile_card_number_reaches_no_wire(
    koha: Any, connect: Callable[..., KohaSource], number: str
) -> None:
    with pytest.raises(LmsUnusable):
        connect().ask(CardNumber(number), RIGHT, TODAY)
    assert koha.asked == []
