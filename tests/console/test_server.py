"""The web server itself, asked over a socket: whom it believes, what it lets through."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from controller.console.web.server import WebServer


@pytest.fixture(scope="module")
def port(application: WSGIHandler) -> Iterator[int]:
    server = WebServer(application, "127.0.0.1", 0)
    server.start()
    yield server.port
    server.close()


@pytest.fixture(autouse=True)
def branch(console: Any) -> None:
    """What is served."""


def ask(
    port: int, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": f"localhost:{port}", **(headers or {})}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_it_says_over_tls_that_there_is_nothing_but_tls(port: int) -> None:
    plain, _ = ask(port, "/account/login/")
    assert "Strict-Transport-Security" not in plain.headers
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost", "X-Forwarded-For": "192.0.2.7"}
    answer, _ = ask(port, "/account/login/", proxied)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert all(
        "Secure" in cookie and "HttpOnly" in cookie for cookie in answer.headers.get_all("Set-Cookie", [])
    )


def test_it_tells_neither_its_make_nor_its_version(port: int) -> None:
    answer, _ = ask(port, "/account/login/")
    assert not {"Server", "X-Powered-By", "Via"} & set(answer.headers.keys())


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", ""])
def test_it_answers_to_its_own_names_only(port: int, host: str) -> None:
    answer, content = ask(port, "/account/login/", {"Host": host})
    assert answer.status == 400
    assert b"evil" not in content
    forwarded, _ = ask(port, "/account/login/", {"X-Forwarded-Host": "evil.example"})
    assert forwarded.status == 400


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../main.py", "/static/%2e%2e/main.py", "/static/..%2f..%2fmain.py", "/static//etc/passwd"),
        *("/static/....//main.py", "/static/%00", "/static/", "/static/console.scss/..", "/.git/config"),
        *("/static/../../state/console/console.db", "//etc/passwd", "/../../../../etc/passwd"),
    ],
)
def test_files_are_served_from_one_folder_and_none_beside_it(port: int, path: str) -> None:
    answer, content = ask(port, path)
    assert answer.status in (302, 400, 404)
    assert b"root:" not in content
    assert b"import" not in content
    assert b"Index of" not in content


def test_style_is_kept_by_browsers_and_pages_are_not(port: int) -> None:
    style, _ = ask(port, "/static/console.css")
    assert (style.status, style.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert "max-age" in style.headers["Cache-Control"]
    answer, _ = ask(port, "/account/login/")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "OPTIONS"])
def test_methods_that_no_page_uses_do_nothing(port: int, method: str) -> None:
    answer, content = ask(port, "/account/login/", {"X-Secret": "mirror"}, method)
    assert answer.status in (400, 403, 405, 501)
    assert b"mirror" not in content


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /account/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    ],
)
def test_what_is_no_clean_request_is_answered_once_or_not_at_all(port: int, sent: bytes) -> None:
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line, suppress(ConnectionError):
        line.sendall(sent)
        with suppress(OSError):  # the server has hung up already
            line.shutdown(socket.SHUT_WR)
        while got := line.recv(65_536):
            found += got
    assert found.count(b"HTTP/1.1 ") + found.count(b"HTTP/1.0 ") <= 1
    assert b"HTTP/1.1 200" not in found
