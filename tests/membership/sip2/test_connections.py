"""Connections that are refused, closed, offline or not to be trusted."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from controller.core.card import CardNumber
from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.codec import Wire
from controller.membership.sip2.connection import Connection, Endpoint
from controller.membership.sip2.questions import Account
from controller.secrets.credentials import Secret
from simulator.lms.certificate import make as certificate_for

if TYPE_CHECKING:
    from conftest import Peer, System, Talk

    Make = Callable[..., Sip2Client]
    TroubleOf = Callable[[Sip2Client], Trouble]

TODAY = date(2026, 11, 22)
CARD, OTHER = CardNumber("20000000000017"), CardNumber("20000000000025")
LOGIN = Account("door", Secret("opensesame"), "branch", "example")


# Connections


def test_nobody_listens(client_of: Make, trouble: TroubleOf) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert trouble(client_of(endpoint=Endpoint("127.0.0.1", port, tls=False))) is Trouble.UNREACHABLE


@pytest.mark.parametrize("host", ["lms.invalid", "a" * 70 + ".example", "a..example", "a\0b", ""])
def test_a_host_that_is_none(host: str, client_of: Make) -> None:
    client = client_of(endpoint=Endpoint(host, 1, tls=False))
    with pytest.raises(LmsUnavailable) as error:
        client.ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.UNREACHABLE


def test_an_endless_row_of_line_ends_is_no_quiet_and_keeps_nobody() -> None:
    class Endless(socket.socket):
        reads = 0

        def recv(self, size: int, *_: object) -> bytes:
            self.reads += 1
            assert self.reads < 100
            return b"\r\n" * (size // 2)

    with Endless() as endless:
        connection = Connection(Endpoint("127.0.0.1", 1, tls=False), endless, time.monotonic)
        assert not connection.is_quiet()


def test_the_login_is_refused(system: System, client_of: Make, trouble: TroubleOf) -> None:
    def talk(peer: Peer) -> None:
        line = peer.hear()
        assert line is not None
        peer.say(peer.reply(line).replace(b"941", b"940").replace(b"FDFD", b"FDFE"))
        peer.silence()

    client = client_of(talk, account=LOGIN)
    assert trouble(client) is Trouble.LOGIN_REFUSED
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"


def test_the_system_hangs_up_at_the_login(client_of: Make, trouble: TroubleOf) -> None:
    def talk(peer: Peer) -> None:
        peer.hear()

    assert trouble(client_of(talk, account=LOGIN)) is Trouble.LOGIN_REFUSED


def test_a_password_that_cannot_be_sent(system: System, client_of: Make) -> None:
    client = client_of(account=Account("door", Secret("a|b")))
    with pytest.raises(LmsUnavailable, match="CO") as error:
        client.ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.LOGIN_REFUSED
    assert "a|b" not in str(error.value)
    assert system.asked == []


def test_a_system_that_wants_a_login_and_gets_none(client_of: Make) -> None:
    def talk(peer: Peer) -> None:
        peer.hear()

    with pytest.raises(LmsUnavailable, match=r"lms\.sip2\.username") as error:
        client_of(talk).ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.UNREACHABLE


def test_the_system_says_that_it_is_offline(system: System, client_of: Make, trouble: TroubleOf) -> None:
    client = client_of(lambda peer: peer.offline())
    assert trouble(client) is Trouble.OFFLINE
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert system.connections == 2


def hangs_up_at_the_second(peer: Peer) -> None:
    peer.one_question()
    peer.hear()


@pytest.mark.parametrize("talk", [lambda peer: peer.one_question(), hangs_up_at_the_second])
def test_an_idle_connection_that_was_closed_is_opened_again(
    talk: Talk, system: System, client_of: Make
) -> None:
    client = client_of(talk, talk, talk, account=LOGIN)
    for card in (CARD, OTHER, CARD):
        assert client.ask(card, None, TODAY).fields.one("AA") == card.reveal()
    assert system.connections == 3


def test_a_new_connection_that_is_closed_is_not_opened_for_ever(
    system: System, client_of: Make, trouble: TroubleOf
) -> None:
    def talk(peer: Peer) -> None:
        peer.ordinary(until="63")

    assert trouble(client_of(talk, talk)) is Trouble.UNREACHABLE
    assert system.connections == 1


def test_what_nobody_asked_for_is_not_taken_for_an_answer(system: System, client_of: Make) -> None:
    def twice(peer: Peer) -> None:
        peer.say(peer.reply(peer.ordinary(until="63")) * 2)
        peer.ordinary()

    def once_and_a_half(peer: Peer) -> None:
        peer.say(peer.reply(peer.ordinary(until="63")) + b"64")
        peer.ordinary()

    client = client_of(twice, once_and_a_half, wire=Wire(checksum=False))
    for card in (CARD, OTHER, CARD):
        assert client.ask(card, None, TODAY).fields.one("AA") == card.reveal()
    assert system.connections == 3


# TLS


def test_tls_and_the_right_certificate(system: System, client_of: Make, tmp_path: Path) -> None:
    certificate = certificate_for(tmp_path)
    system.tls = certificate.context
    client = client_of(lambda peer: peer.one_question(), endpoint_tls=certificate.ca_file)
    for card in (CARD, OTHER, CARD):
        assert client.ask(card, None, TODAY).fields.one("AA") == card.reveal()
    assert system.connections == 2, "that it was closed is noticed through TLS as well"


@pytest.mark.parametrize("wrong", ["name", "authority", "expired", "unknown"])
def test_tls_and_a_wrong_certificate(
    wrong: str, system: System, client_of: Make, tmp_path: Path, trouble: TroubleOf
) -> None:
    name = {"name": {"name": "other.example", "ip": "127.0.0.2"}, "expired": {"expired": True}}
    certificate = certificate_for(tmp_path, **name.get(wrong, {}))
    system.tls = certificate.context
    other = certificate_for(tmp_path / "other").ca_file
    ca_file = {"authority": other, "unknown": None}.get(wrong, certificate.ca_file)
    assert trouble(client_of(endpoint_tls=ca_file)) is Trouble.UNTRUSTED
    assert system.asked == [], "nothing was said to it"


def test_a_system_that_speaks_no_tls(client_of: Make, trouble: TroubleOf) -> None:
    def talk(peer: Peer) -> None:
        peer.say(b"98 what is this?\r")
        peer.gone(5)

    assert trouble(client_of(talk, endpoint_tls=None)) is Trouble.UNTRUSTED


def test_a_system_that_waits_for_a_line_where_tls_begins(client_of: Make, trouble: TroubleOf) -> None:
    assert (
        trouble(client_of(lambda peer: peer.drain(), endpoint_tls=None, timeout_s=0.2)) is Trouble.TIMED_OUT
    )


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_file_that_is_none(content: str | None, client_of: Make, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    with pytest.raises(LmsUnavailable, match=r"lms\.sip2\.ca_file") as error:
        client_of(endpoint_tls=ca_file).ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.UNTRUSTED
