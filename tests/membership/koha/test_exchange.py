"""Every way in which an exchange over HTTP fails: bounded, told apart, and with nothing of a card in it."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable
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
from controller.membership.lms.source import LmsUnavailable, Said, Trouble
from simulator.lms import certificate
from simulator.waiting import wait_until

TODAY = date(2026, 11, 22)
CARD, RIGHT = CardNumber("25891000331441"), Pin("4711")
VALID = Said(Status.ACTIVE, date(2027, 12, 31), "PT", date.min, None)

Handler = BaseHTTPRequestHandler


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
    rest = told.removeprefix("127.0.0.1:").lstrip("0123456789")  # a port may hold any of these digits
    assert not any(word in rest for word in (CARD.reveal(), "4711", "s3cret", "elsewhere."))
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
    wait_until(lambda: _open() <= before, 30)


@pytest.mark.parametrize("elsewhere", ["http://[", "//\x7f", "x" * 70_000])
@pytest.mark.parametrize("question", ["token", "patrons"])
def test_an_address_that_makes_no_sense_is_trouble_like_any_other(
    koha: Any, connect: Callable[..., KohaSource], question: str, elsewhere: str
) -> None:
    koha.instead[question] = lambda handler: koha.send(handler, 302, b"", Location=elsewhere)
    with pytest.raises(LmsUnavailable) as unavailable:
        connect().ask(CARD, None, TODAY)
    assert unavailable.value.trouble is Trouble.GARBLED


def test_no_cookie_is_kept(koha: Any, connect: Callable[..., KohaSource]) -> None:
    def with_cookie(handler: Handler) -> None:
        body = json.dumps([koha.patron()]).encode()
        koha.send(handler, 200, body, Set_Cookie=f"c{len(koha.asked)}=1; Path=/")

    koha.instead["patrons"] = with_cookie
    source = connect()
    for _ in range(3):
        source.ask(CARD, None, TODAY)
    client = source._client._exchange._client
    assert client is not None
    assert len(client.cookies.jar) == 0
    assert not any("Cookie" in headers for _, _, headers, _ in koha.asked)
