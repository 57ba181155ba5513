"""The proxies as they are shipped, real ones, before the pages: only names, ports and files are changed."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from controller.console.web.server import WebServer
from controller.core.event import EventType
from simulator.broker import free_port
from simulator.lms.certificate import Certificate, make
from simulator.waiting import wait_until

EXAMPLES = Path(__file__).parents[2] / "systemd"
LIMIT_S = 20
SPOOFED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}


def program(name: str) -> str:
    unpacked = Path(sys.prefix) / "proxies" / "usr"
    found = shutil.which(name, path=f"{unpacked}/sbin:{unpacked}/bin:/usr/sbin:/usr/bin")
    assert found is not None, f"{name} is not there; `make test` fetches it"
    return found


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(folder: Path, port: int, pages: int) -> list[str]:
    site = changed(
        (EXAMPLES / "nginx.conf.example").read_text(),
        {
            "listen 443": f"listen 127.0.0.1:{port}",
            "listen 80": f"listen 127.0.0.1:{free_port()}",
            "unlocked.example.org": "localhost",
            "/etc/nginx/unlocked.crt": f"{folder}/server.pem",
            "/etc/nginx/unlocked.key": f"{folder}/server.pem",
            "127.0.0.1:8080": f"127.0.0.1:{pages}",
        },
    )
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;"
        f"{'user root;' if Path('/proc/self').owner() == 'root' else ''}\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}{site}}}\n"
    )
    return [program("nginx"), "-p", str(folder), "-e", f"{folder}/errors", "-c", f"{folder}/nginx.conf"]


def caddy(folder: Path, port: int, pages: int) -> list[str]:
    site = changed(
        (EXAMPLES / "Caddyfile.example").read_text(),
        {
            "unlocked.example.org {": f"https://localhost:{port} {{\n\tbind 127.0.0.1",
            "/etc/caddy/unlocked.crt": f"{folder}/server.pem",
            "/etc/caddy/unlocked.key": f"{folder}/server.pem",
            "127.0.0.1:8080": f"127.0.0.1:{pages}",
        },
    )
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
    return [program("caddy"), "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]


class Proxied:
    """The pages behind a proxy, asked over TLS."""

    def __init__(self, console: Any, port: int, certificate: Certificate) -> None:
        self.console = console
        self.port = port
        self.trust = ssl.create_default_context(cafile=certificate.ca_file)

    @contextmanager
    def connection(self) -> Iterator[http.client.HTTPSConnection]:
        wire = http.client.HTTPSConnection("localhost", self.port, context=self.trust, timeout=LIMIT_S)
        with closing(wire):
            yield wire

    @contextmanager
    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> Iterator[http.client.HTTPResponse]:
        with self.connection() as wire:
            wire.request(method, path, body, {"Host": "localhost", **headers})
            with closing(wire.getresponse()) as answer:
                yield answer

    def cookies(self, role: str) -> str:
        return "; ".join(
            f"{one.key}={one.value}" for one in self.console.client(role, host="localhost").cookies.values()
        )


@pytest.fixture(params=[nginx, caddy])
def proxied(
    request: pytest.FixtureRequest, console: Any, application: WSGIHandler, tmp_path: Path
) -> Iterator[Proxied]:
    server = WebServer(application, "127.0.0.1", 0)
    server.start()
    start: Callable[[Path, int, int], list[str]] = request.param
    folder, port = tmp_path / "proxy", free_port()
    certificate = make(folder)
    process = subprocess.Popen(
        start(folder, port, server.port),
        env={"HOME": str(folder), "PATH": "/usr/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: process.poll() is not None or listens(port), LIMIT_S)
        assert process.poll() is None, (folder / "errors").read_text() if start is nginx else "caddy ended"
        yield Proxied(console, port, certificate)
    finally:
        process.terminate()
        process.wait(LIMIT_S)
        server.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_pages_come_through_and_what_browsers_claim_does_not(proxied: Proxied) -> None:
    with proxied.ask("GET", "/account/login/", **SPOOFED) as form:
        assert form.status == 200
        assert form.headers["Strict-Transport-Security"]
        cookie = re.match(r"__Host-[^;]+", form.headers["Set-Cookie"])
        assert cookie is not None
        assert "Secure" in form.headers["Set-Cookie"]
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form.read().decode())
    wrong = f"csrfmiddlewaretoken={token}&name=nobody&password=wrong".encode()
    told = {
        "Cookie": cookie[0],
        "Origin": "https://localhost",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with proxied.ask("POST", "/account/login/", wrong, **told, **SPOOFED) as answer:
        assert "Error: Log in" in answer.read().decode(), "its token counts, its password does not"
    from axes.models import AccessAttempt

    # Whoever is counted for failures is who the proxy saw.
    assert [one.ip_address for one in AccessAttempt.objects.all()] == ["127.0.0.1"]
    assert [event.data["cause"] for event in proxied.console.events(EventType.CONSOLE_LOGIN_REFUSED)] == [
        "wrong"
    ]


def test_today_is_told_at_once_what_happens(proxied: Proxied) -> None:
    cookies = proxied.cookies("supervisor")
    with proxied.ask("GET", "/today/stream/", Cookie=cookies) as told:
        assert told.status == 200
        assert told.headers["Content-Type"].startswith("text/event-stream")
        assert told.readline(), "the first words come while the page stays open"


def test_what_is_too_large_goes_no_further(proxied: Proxied) -> None:
    with proxied.connection() as wire:
        wire.putrequest("POST", "/account/login/")
        wire.putheader("Content-Length", str(70 * 1024 * 1024))
        wire.endheaders()
        try:
            wire.send(b"x" * (66 * 1024 * 1024))
            answer = wire.getresponse().status
        except OSError:  # it hung up while it was being sent
            answer = 413
    assert answer == 413
