"""How much the web server takes in of what is sent to it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from waitress.adjustments import Adjustments

from controller.console.web import bodies
from controller.console.web.bodies import LARGE_PATH, SILENT_S, SMALL, Body
from controller.console.web.server import WebServer
from controller.console.web.uploads import LARGEST_REQUEST, InMemory


@pytest.fixture
def port(console: Any, application: Any) -> Iterator[int]:
    assert console
    server = WebServer(application, "127.0.0.1", 0)
    server.start()
    yield server.port
    server.close()


def status(port: int, path: str, size: int) -> int:
    """Of the answer to a request that says how much it will send, and sends no more than a form has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", path, b"x" * size if size <= SMALL else None, {"Content-Length": str(size)})
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_form_is_small_and_only_an_import_may_be_large(port: int) -> None:
    assert status(port, "/account/login/", SMALL) == 413
    assert status(port, "/account/login/", SMALL - 1) == 403  # taken in, and refused as no form of ours
    assert status(port, LARGE_PATH, LARGEST_REQUEST) == 413


def head(path: str, size: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\nCookie: x\r\n\r\n".encode()


def test_one_large_body_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Body, "_holder", None)
    monkeypatch.setattr(bodies, "is_of_somebody", bool)
    now_s = [1000.0]
    monkeypatch.setattr(bodies, "monotonic", lambda: now_s[0])
    adjustments = Adjustments(max_request_body_size=LARGEST_REQUEST, ident=None)

    def sent() -> Body:
        body = Body(adjustments)
        body.received(head(LARGE_PATH, SMALL + 1))
        return body

    first, second = sent(), sent()
    assert first.error is None
    assert second.error is not None
    now_s[0] += SILENT_S / 2
    first.received(b"x")
    now_s[0] += SILENT_S / 2
    assert sent().error is not None
    now_s[0] += SILENT_S
    third = sent()
    assert third.error is None
    third.close()
    assert sent().error is None


def test_the_path_is_that_of_the_import(console: Any) -> None:
    assert console
    assert reverse("memberships:import") == LARGE_PATH


@pytest.mark.parametrize("role", [None, "supervisor"])
def test_of_whoever_is_not_logged_in_nothing_is_kept(console: Any, role: str | None) -> None:
    request = HttpRequest()
    request.user = AnonymousUser() if role is None else console.account(role)
    handler = InMemory(request)
    handler.new_file("file", "members.csv", "text/csv", 4)
    handler.receive_data_chunk(b"rows", 0)
    upload = handler.file_complete(4)
    assert (upload.read(), upload.too_large) == ((b"", True) if role is None else (b"rows", False))
    upload.close()


def test_nobody_who_is_not_logged_in_sends_more_than_a_form(port: int, console: Any) -> None:
    client = console.client("engineer")
    cookie = f"__Host-console={client.cookies['__Host-console'].value}"
    size, content = {"Content-Length": "300000"}, b"a" * 300_000
    for path, headers in (
        ("/account/login/", size),
        ("/memberships/import/", size),
        ("/memberships/import/", {**size, "Cookie": "__Host-console=made-up"}),
        ("/naming/key/", {**size, "Cookie": cookie}),
    ):
        assert _first(port, path, headers) == b"413", (path, headers)
    taken = {**size, "Cookie": cookie}
    assert _first(port, "/memberships/import/", taken, content) == b"403"  # it has no token
    console.account("engineer").delete()
    assert _first(port, "/memberships/import/", taken) == b"413"


def test_what_comes_in_pieces_is_measured_too(port: int) -> None:
    piece = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    assert _first(port, "/account/login/", {"Transfer-Encoding": "chunked"}, piece * 5) == b"413"


def _first(port: int, path: str, headers: dict[str, str], content: bytes = b"") -> bytes:
    """The status that comes first, while the rest of the request is still to be sent."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *(f"{name}: {one}" for name, one in headers.items())]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        return line.recv(12).split()[1]


@pytest.mark.parametrize(("address", "code"), [(":ge", b"400"), ("1.2.3.4, :ge", b"400"), ("::1", b"200")])
def test_a_sender_without_an_address_is_refused(port: int, address: str, code: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.sendall(
            f"GET /account/login/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n\r\n".encode()
        )
        assert wire.recv(65536).split(b" ")[1] == code
