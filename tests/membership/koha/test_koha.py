"""Koha as a live source, over real HTTP on loopback: right answers, refusals, and every way to fail."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.core.pin import Pin
from controller.membership.koha.exchange import ANSWER_LIMIT
from controller.membership.koha.source import KohaSource
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import LmsUnavailable, LmsUnusable, Said, Trouble, Unknown, WrongPin
from controller.secrets.credentials import Secret
from controller.settings.lms import Koha
from simulator.lms import certificate

TODAY = date(2026, 11, 22)
CARD, STRANGER = CardNumber("25891000331441"), CardNumber("25891000331458")
RIGHT, WRONG = Pin("4711"), Pin("1234")
VALID = Said(Status.ACTIVE, date(2027, 12, 31), "PT", date.min, None)
BY_MEMBERSHIPS = ReadingRules(16)
BY_FIELD = ReadingRules(16, "field", field="UNLOCKED", values=frozenset({"Y"}))

Handler = BaseHTTPRequestHandler


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def connect(served: ThreadingHTTPServer) -> Iterator[Callable[..., KohaSource]]:
    sources: list[KohaSource] = []

    def make(
        rules: ReadingRules = BY_MEMBERSHIPS,
        timeout_s: float = 5.0,
        url: str = "",
        secret: str = "s3cret",
        **more: Any,
    ) -> KohaSource:
        ca_file = more.pop("ca_file", None)
        settings = Koha(
            url=url or f"http://127.0.0.1:{served.server_port}", client_id="door", ca_file=ca_file
        )
        sources.append(KohaSource(settings, Secret(secret), rules, timeout_s, **more))
        return sources[-1]

    yield make
    for source in sources:
        source.close()


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
    source = connect(clock=clock)
    source.ask(CARD, None, TODAY)
    clock.now_s += 3539
    source.keep_alive()
    source.ask(CARD, None, TODAY)
    assert len(koha.tokens) == 1
    clock.now_s += 1
    source.keep_alive()
    assert len(koha.tokens) == 2
    clock.now_s += 3540
    source.ask(CARD, None, TODAY)
    assert len(koha.tokens) == 3
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
    assert koha.questions() == ["token", "token"]
    with pytest.raises(LmsUnavailable, match=r"client_id.*lms-client-secret") as caught:
        connect(secret="wrong").check()
    assert caught.value.trouble is Trouble.LOGIN_REFUSED
    assert "wrong" not in str(caught.value)


def _answered(status: int, body: bytes = b"{}", **headers: str) -> Callable[[Any, Handler], object]:
    return lambda koha, handler: koha.send(handler, status, body, **headers)


def _drips(koha: Any, handler: Handler) -> None:
    """A byte now and then: each read is quick, and the answer never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


def _says(raw: bytes) -> Callable[[Any, Handler], object]:
    def say(koha: Any, handler: Handler) -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    return say


def _huge(koha: Any, handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    try:
        while True:
            handler.wfile.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
    except OSError:
        handler.close_connection = True


FAULTS = [
    (_answered(302, Location="https://elsewhere.example/"), Trouble.GARBLED),
    (_answered(403), Trouble.LOGIN_REFUSED),
    (_answered(404), Trouble.GARBLED),
    (_answered(405), Trouble.GARBLED),
    (_answered(429), Trouble.OFFLINE),
    (_answered(500), Trouble.OFFLINE),
    (_answered(503), Trouble.OFFLINE),
    (_answered(200, b"<html>"), Trouble.GARBLED),
    (_answered(200, b""), Trouble.GARBLED),
    (_answered(200, b"\xff\xfe"), Trouble.GARBLED),
    (_answered(200, "[]".encode("utf-16")), Trouble.GARBLED),
    (_answered(200, b"[" * 100_000), Trouble.GARBLED),
    (_answered(200, b'[{"restricted": true, "restricted": false}]'), Trouble.GARBLED),
    (_answered(200, b"1" * 5_000), Trouble.GARBLED),
    (_answered(200, b"[" + b" " * ANSWER_LIMIT + b"]"), Trouble.GARBLED),
    (_answered(200, gzip.compress(b"[]"), Content_Encoding="gzip"), Trouble.GARBLED),
    (_huge, Trouble.GARBLED),
    (_drips, Trouble.TIMED_OUT),
    (_says(b""), Trouble.UNREACHABLE),
    (_says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"), Trouble.GARBLED),
    (_says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000), Trouble.GARBLED),
    (_says(b"941AY0AZFDFD\r"), Trouble.GARBLED),
]


@pytest.mark.parametrize("question", ["token", "patrons", "validation"])
@pytest.mark.parametrize(("fault", "trouble"), FAULTS)
def test_a_fault_is_told_with_host_and_port_and_nothing_else(
    koha: Any,
    connect: Callable[..., KohaSource],
    question: str,
    fault: Callable[[Any, Handler], object],
    trouble: Trouble,
) -> None:
    koha.instead[question] = lambda handler: fault(koha, handler)
    source = connect(timeout_s=0.5)
    began = time.monotonic()
    with pytest.raises(LmsUnavailable) as caught:
        source.ask(CARD, RIGHT, TODAY)
    assert time.monotonic() - began < 2
    assert caught.value.trouble is trouble
    told = str(caught.value)
    assert told.startswith("127.0.0.1:")
    assert not any(word in told for word in (CARD.reveal(), "4711", "s3cret", "elsewhere."))
    # Afterwards it is asked as if nothing had been.
    koha.instead.clear()
    assert source.ask(CARD, RIGHT, TODAY) == VALID


def test_the_deadline_is_for_all_questions_together(koha: Any, connect: Callable[..., KohaSource]) -> None:
    def slowly(handler: Handler) -> None:
        time.sleep(0.3)
        koha.send(handler, 401, b"{}")

    koha.instead["patrons"] = slowly
    began = time.monotonic()
    with pytest.raises(LmsUnavailable) as caught:
        connect(timeout_s=0.5).ask(CARD, RIGHT, TODAY)
    assert caught.value.trouble is Trouble.TIMED_OUT
    assert time.monotonic() - began < 1


def test_nobody_listens(connect: Callable[..., KohaSource]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        source = connect(url=f"http://127.0.0.1:{bound.getsockname()[1]}")
        with pytest.raises(LmsUnavailable, match="no connection to 127") as caught:
            source.ask(CARD, None, TODAY)
    assert caught.value.trouble is Trouble.UNREACHABLE


def test_a_proxy_of_the_environment_is_not_used(
    koha: Any, connect: Callable[..., KohaSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert connect().ask(CARD, None, TODAY) == VALID


def test_an_address_may_have_a_path_or_the_api_s(
    koha: Any, served: ThreadingHTTPServer, connect: Callable[..., KohaSource]
) -> None:
    here = f"http://localhost:{served.server_port}"
    for url in (f"{here}/", f"{here}/api/v1", f"{here}/api/v1/"):
        assert connect(url=url).ask(CARD, None, TODAY) == VALID
    with pytest.raises(LmsUnavailable):
        connect(url=f"{here}/koha").ask(CARD, None, TODAY)
    assert koha.asked[-1][1] == "/koha/api/v1/oauth/token"


@pytest.mark.parametrize("number", ["", "1|2", "1\r2", "1\x002", "1" * 4096, "२५८९", '1"}', "1 2"])
def test_a_hostile_card_number_reaches_no_wire(
    koha: Any, connect: Callable[..., KohaSource], number: str
) -> None:
    with pytest.raises(LmsUnusable):
        connect().ask(CardNumber(number), RIGHT, TODAY)
    assert koha.asked == []


def test_a_connection_that_was_closed_meanwhile_is_made_anew(
    koha: Any, served: ThreadingHTTPServer, connect: Callable[..., KohaSource]
) -> None:
    def last(handler: Handler) -> None:
        koha.send(handler, 200, json.dumps([koha.patron()]).encode(), Connection="close")
        handler.close_connection = True

    source = connect()
    koha.instead["patrons"] = last
    assert source.ask(CARD, None, TODAY) == VALID
    assert source.ask(CARD, None, TODAY) == VALID
    assert koha.connections == 2


@pytest.fixture
def over_tls(served: ThreadingHTTPServer, tmp_path: Path) -> Callable[..., tuple[str, Path]]:
    """Puts the server behind TLS; gives its address and the file that it is to be trusted by."""

    def make(**more: Any) -> tuple[str, Path]:
        made = certificate.make(tmp_path / "tls", **more)
        served.socket = made.context.wrap_socket(
            served.socket, server_side=True, do_handshake_on_connect=False
        )
        return f"https://127.0.0.1:{served.server_port}", made.ca_file

    return make


def test_tls_is_believed_by_its_authority(
    connect: Callable[..., KohaSource], over_tls: Callable[..., tuple[str, Path]]
) -> None:
    url, ca_file = over_tls()
    assert connect(url=url, ca_file=ca_file).ask(CARD, RIGHT, TODAY) == VALID


@pytest.mark.parametrize(
    ("made", "trusted", "said"),
    [
        ({}, "another", "the certificate of 127.0.0.1:"),
        ({}, None, "the certificate of 127.0.0.1:"),
        ({"expired": True}, "its own", "expired"),
        ({"name": "elsewhere", "ip": "192.0.2.1"}, "its own", "mismatch"),
        ({}, "nothing", "correct lms.koha.ca_file"),
        ({}, "no such file", "correct lms.koha.ca_file"),
    ],
)
def test_nobody_else_is_believed_and_told_anything(
    koha: Any,
    connect: Callable[..., KohaSource],
    over_tls: Callable[..., tuple[str, Path]],
    tmp_path: Path,
    made: dict[str, Any],
    trusted: str | None,
    said: str,
) -> None:
    url, ca_file = over_tls(**made)
    (tmp_path / "nothing.pem").write_text("no certificate\n")
    files = {
        "another": certificate.make(tmp_path / "another").ca_file,
        "its own": ca_file,
        "nothing": tmp_path / "nothing.pem",
        "no such file": tmp_path / "missing.pem",
        None: None,
    }
    with pytest.raises(LmsUnavailable, match=said) as caught:
        connect(url=url, ca_file=files[trusted]).ask(CARD, RIGHT, TODAY)
    assert caught.value.trouble is Trouble.UNTRUSTED
    assert koha.asked == []


def test_a_server_without_tls_is_not_trusted(
    served: ThreadingHTTPServer, connect: Callable[..., KohaSource]
) -> None:
    source = connect(url=f"https://127.0.0.1:{served.server_port}", timeout_s=2)
    with pytest.raises(LmsUnavailable, match="no TLS with 127") as caught:
        source.ask(CARD, RIGHT, TODAY)
    assert caught.value.trouble is Trouble.UNTRUSTED


def _open() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) + threading.active_count()


def test_nothing_is_left_open(koha: Any, connect: Callable[..., KohaSource]) -> None:
    source = connect(timeout_s=0.5)
    source.ask(CARD, RIGHT, TODAY)
    source.close()
    before = _open()
    for fault, _ in FAULTS[-4:]:
        koha.instead["patrons"] = lambda handler, fault=fault: fault(koha, handler)
        with pytest.raises(LmsUnavailable):
            source.ask(CARD, RIGHT, TODAY)
    source.close()
    deadline = time.monotonic() + 5
    while _open() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
