"""The whole of it, as it is set in ``[lms]``, against the simulated system."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.core.pin import Pin
from controller.membership.lms.source import LmsUnavailable, LmsUnusable, Said, Trouble, Unknown, WrongPin
from controller.membership.sip2.source import Sip2Source, sip2_source
from controller.secrets.credentials import Secret
from controller.settings.lms import Lms
from simulator.lms.certificate import Certificate
from simulator.lms.certificate import make as certificate_for
from simulator.lms.patrons import PIN, Patron
from simulator.lms.sip2_server import Setup, Sip2Server

TODAY = date(2026, 11, 22)
CARD, BLOCKED, STRANGER = (CardNumber(f"2000000000{number}") for number in ("0017", "0025", "0033"))
EXPIRES = TODAY + timedelta(days=30)
PATRONS = [
    Patron(CARD.reveal(), PIN, EXPIRES, date(1990, 2, 28)),
    Patron(BLOCKED.reveal(), PIN, EXPIRES, date(1990, 2, 28), blocked=True),
]
ADULT = Said(Status.ACTIVE, EXPIRES, "adult", date.min, None)
SECRETS = {"lms-password": "opensesame", "lms-terminal-password": "tp"}
Make = Callable[..., tuple[Sip2Server, Sip2Source]]


@pytest.fixture
def branch() -> Iterator[Make]:
    made: list[Any] = []

    def make(
        setup: Setup | None = None, certificate: Certificate | None = None, **sip2: object
    ) -> tuple[Sip2Server, Sip2Source]:
        server = Sip2Server(PATRONS, setup or Setup("evergreen"), certificate)
        server.start()
        settings = {"dialect": "evergreen", "host": "127.0.0.1", "port": server.port, **sip2}
        lms = Lms.model_validate({"sip2": settings, "timeout_s": 0.5})
        assert lms.sip2
        source = sip2_source(lms, lms.sip2, lambda name: Secret(SECRETS[name]), time.monotonic)
        made.extend((source, server))
        return server, source

    yield make
    for one in made:
        one.close()


def test_answers(branch: Make) -> None:
    server, source = branch()
    for _ in range(12):
        assert source.ask(CARD, None, TODAY) == ADULT
        assert source.ask(CARD, Pin(PIN), TODAY) == ADULT
        assert source.ask(CARD, Pin("0000"), TODAY) == WrongPin()
        assert source.ask(STRANGER, None, TODAY) == Unknown()
        said = source.ask(BLOCKED, None, TODAY)
        assert isinstance(said, Said)
        assert said.status is Status.SUSPENDED
    source.check()
    source.keep_alive()
    assert server.connections == 1


def test_all_that_is_set_is_sent(branch: Make, tmp_path: Path) -> None:
    certificate = certificate_for(tmp_path)
    server, source = branch(
        Setup("evergreen", "door", "opensesame", encoding="cp850", terminator=b"\r\n"),
        certificate,
        tls=True,
        ca_file=certificate.ca_file,
        username="door",
        location="branch",
        institution="TOWN",
        terminal_password=True,
        encoding="cp850",
        terminator="crlf",
    )
    assert source.ask(CARD, Pin(PIN), TODAY) == ADULT
    login, _, question = server.asked
    assert (login.fields["CN"], login.fields["CO"], login.fields["CP"]) == ("door", "opensesame", "branch")
    assert (question.fields["AO"], question.fields["AC"], question.checked) == ("TOWN", "tp", True)


def test_without_checksums(branch: Make) -> None:
    server, source = branch(checksum=False)
    assert source.ask(CARD, None, TODAY) == ADULT
    assert not any(question.checked for question in server.asked)


def test_an_answer_about_another_card_ends_the_connection(branch: Make) -> None:
    server, source = branch(checksum=False)
    source.check()
    server.behave(other_card=BLOCKED.reveal(), times=1)
    with pytest.raises(LmsUnusable, match="AA"):
        source.ask(CARD, None, TODAY)
    assert source.ask(CARD, None, TODAY) == ADULT
    assert server.connections == 2


def test_a_hostile_card_number_never_reaches_the_wire(branch: Make) -> None:
    server, source = branch()
    source.check()
    server.forget()
    for hostile in ("12|34", "12\r34", "12\x0034", "1" * 4096, "\u0661\u0662\u0663\u0664", "|BLY|", ""):
        with pytest.raises(LmsUnusable, match="AA"):
            source.ask(CardNumber(hostile), Pin(PIN), TODAY)
    assert not server.received
    assert source.ask(CARD, None, TODAY) == ADULT
    assert server.connections == 1


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ({"silent": True}, Trouble.TIMED_OUT),
        ({"trickle_s": 0.05}, Trouble.TIMED_OUT),
        ({"cut_after": 70}, Trouble.GARBLED),
        ({"wrong_checksum": True, "on": frozenset({"63", "97"})}, Trouble.GARBLED),
        ({"resend": True}, Trouble.GARBLED),
        ({"garbage": b"\x00\xff|\r"}, Trouble.GARBLED),
        ({"huge": 10_000_000}, Trouble.GARBLED),
        ({"other_sequence": True}, Trouble.GARBLED),
        ({"offline": True, "on": frozenset({"99"})}, Trouble.OFFLINE),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_faults(fault: dict[str, Any], trouble: Trouble, branch: Make) -> None:
    server, source = branch()
    server.behave(**fault)
    with pytest.raises(LmsUnavailable) as error:
        source.ask(CARD, Pin(PIN), TODAY)
    assert error.value.trouble is trouble
    assert CARD.reveal() not in str(error.value)
    server.behave()
    assert source.ask(CARD, Pin(PIN), TODAY) == ADULT


@pytest.mark.parametrize("fault", [{"wrong_checksum": True, "times": 3}, {"resend": True, "times": 3}])
def test_faults_that_pass(fault: dict[str, Any], branch: Make) -> None:
    server, source = branch()
    server.behave(on=frozenset({"63", "97"}), **fault)
    assert source.ask(CARD, None, TODAY) == ADULT
    assert server.connections == 1


def test_a_system_that_comes_and_goes(branch: Make) -> None:
    server, source = branch()
    for _ in range(3):
        assert source.ask(CARD, None, TODAY) == ADULT
        server.cut()
        assert source.ask(CARD, None, TODAY) == ADULT
        server.stop()
        with pytest.raises(LmsUnavailable) as error:
            source.ask(CARD, None, TODAY)
        assert error.value.trouble is Trouble.UNREACHABLE
        with pytest.raises(LmsUnavailable):
            source.check()
        source.keep_alive()
        server.start()
    source.check()


def test_what_is_idle_is_closed_and_opened_again(branch: Make) -> None:
    server, source = branch(Setup("evergreen", idle_close_s=0.05))
    assert source.ask(CARD, None, TODAY) == ADULT
    server.wait_until_quiet()
    assert source.ask(CARD, None, TODAY) == ADULT
    assert server.connections == 2
