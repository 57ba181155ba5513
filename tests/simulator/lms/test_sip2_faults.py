"""What the simulated SIP2 server does wrong when it is told to, and that it does nothing else wrong then."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pysip2 import verify_checksum

from simulator.lms.patrons import Patron
from simulator.lms.sip2_server import EVERYTHING, WELL, Setup, Sip2Server
from simulator.lms.sip2_wire import checksum
from simulator.members import STRANGER
from simulator.waiting import wait_until

if TYPE_CHECKING:
    from conftest import Wire

QUIET_S = 0.05


def checked(card: str, sequence: int = 5) -> bytes:
    text = f"63{'001'}{'20261122    120000'}{' ' * 10}AOi|AA{card}|AY{sequence}AZ".encode()
    return text + checksum(text).encode()


def test_slow(server: Sip2Server, wire: Wire) -> None:
    server.behave(delay_s=0.1)
    start_s = time.monotonic()
    wire.about(STRANGER)
    assert time.monotonic() - start_s >= 0.1


def test_never_answers_and_is_not_slow_to_others(
    server: Sip2Server, wire: Wire, connect: Callable[[Sip2Server], Wire]
) -> None:
    server.behave(silent=True, times=1)
    wire.socket.settimeout(QUIET_S)
    with pytest.raises(TimeoutError):
        wire.about(STRANGER)
    assert "|BLN|" in connect(server).about(STRANGER)


def test_cut_in_the_middle(server: Sip2Server, wire: Wire) -> None:
    server.behave(cut_after=20)
    wire.ask_about(STRANGER)
    assert len(wire.line()) == 20
    assert wire.closed()


def test_wrong_checksum_once(server: Sip2Server, wire: Wire) -> None:
    server.behave(wrong_checksum=True, times=1)
    assert not verify_checksum(wire.ask(checked(STRANGER)).rstrip(b"\r"))
    again = wire.ask(b"97AZFEF5").rstrip(b"\r")
    assert verify_checksum(again)
    assert b"AY0AZ" in again
    assert verify_checksum(wire.ask(checked(STRANGER)).rstrip(b"\r"))


def test_a_storm_of_96(server: Sip2Server, wire: Wire) -> None:
    server.behave(resend=True)
    assert [wire.ask(checked(STRANGER)) for _ in range(5)] == [b"96AZFEF6\r"] * 5
    server.faults = WELL
    assert wire.ask(checked(STRANGER))[:2] == b"64"


def test_another_patrons_answer_and_another_questions(
    server: Sip2Server, wire: Wire, patrons: dict[str, Patron]
) -> None:
    card = patrons["member 1"].card
    server.behave(other_card=card)
    answer = wire.ask(checked(STRANGER))
    assert f"AA{card}|".encode() in answer
    assert b"BLY" in answer
    server.behave(other_sequence=True)
    assert b"AY6AZ" in wire.ask(checked(STRANGER, 5))
    assert b"AY0AZ" in wire.ask(checked(STRANGER, 9))


def test_garbage_an_endless_answer_and_one_in_drops(server: Sip2Server, wire: Wire) -> None:
    server.behave(garbage=b"\x00\xff<html>")
    assert wire.ask(checked(STRANGER)) == b"\x00\xff<html>\r"
    server.behave(trickle_s=0.0001)
    assert wire.ask(checked(STRANGER))[:2] == b"64"
    server.behave(huge=10_000_000)
    wire.ask_about(STRANGER)
    came = 0
    while came < 10_000_000:
        data = wire.socket.recv(1 << 20)
        assert b"\r" not in data
        came += len(data)


def test_nobody_reads_an_endless_answer(server: Sip2Server, wire: Wire) -> None:
    server.behave(huge=10_000_000)
    wire.ask_about(STRANGER)
    wait_until(lambda: server.asked, 30)
    server.cut()
    server.wait_until_quiet()


def test_login_refused_and_offline(
    make_server: Callable[..., Sip2Server], connect: Callable[..., Wire]
) -> None:
    server = make_server(setup=Setup(username="door", password="secret"))
    server.behave(on=EVERYTHING, login_refused=True)
    assert connect(server).ask(b"9300CNdoor|COsecret|") == b"940\r"
    server.behave(on=EVERYTHING, offline=True)
    wire = connect(server)
    assert wire.ask(b"9300CNdoor|COsecret|") == b"941\r"
    assert wire.ask(b"9900402.00").startswith(b"98N")


def test_faults_meet_patrons_questions_only_unless_said_otherwise(server: Sip2Server, wire: Wire) -> None:
    server.behave(silent=True)
    assert wire.ask(b"9900402.00").startswith(b"98Y")


def test_stops_and_starts_on_the_same_port(
    server: Sip2Server, wire: Wire, connect: Callable[[Sip2Server], Wire]
) -> None:
    port = server.port
    server.stop()
    assert wire.closed()
    assert (server.open, server.running) == (0, False)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, port))
    server.stop()
    server.start()
    assert server.port == port
    assert "|BLN|" in connect(server).about(STRANGER)


def test_flaps_until_it_is_started(server: Sip2Server, connect: Callable[[Sip2Server], Wire]) -> None:
    server.flap(0.02, 0.02)
    for running in (False, True, False, True):
        wait_until(lambda running=running: server.running is running, 30)  # type: ignore[misc]
    server.start()
    assert "|BLN|" in connect(server).about(STRANGER)


def test_leaves_nothing_behind(make_server: Callable[..., Sip2Server], connect: Callable[..., Wire]) -> None:
    server = make_server()
    wire = connect(server)
    server.behave(silent=True)
    wire.ask_about(STRANGER)
    wait_until(lambda: server.asked, 30)
    server.close()
    server.close()
    assert server.open == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port))
