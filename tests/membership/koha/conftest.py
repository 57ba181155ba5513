"""A Koha on loopback: the questions that are asked of it, with records and faults as a test sets them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from controller.membership.koha.source import KohaSource
from controller.membership.lms.facts import ReadingRules
from controller.secrets.credentials import Secret
from controller.settings.lms import Koha

CARD, PIN = "25891000331441", "4711"
BY_MEMBERSHIPS = ReadingRules(16)


def patron(**changes: object) -> dict[str, object]:
    """A record as Koha 24.05 sends it, shortened."""
    return {
        "patron_id": 19,
        "cardnumber": CARD,
        "surname": "Surname",
        "address": "1 Street",
        "email": "a@library.example",
        "date_of_birth": "1980-05-17",
        "library_id": "MAIN",
        "category_id": "PT",
        "expiry_date": "2027-12-31",
        "expired": False,
        "incorrect_address": None,
        "patron_card_lost": None,
        "restricted": False,
        "anonymized": False,
        "protected": False,
    } | changes


class FakeKoha:
    """records: what there is. asked: method, path, headers and body of every request."""

    patron = staticmethod(patron)
    send = staticmethod(lambda *arguments, **more: send(*arguments, **more))

    def __init__(self) -> None:
        self.records = [patron()]
        self.passwords = {CARD: PIN}
        self.secret = "s3cret"
        self.tokens: list[str] = []
        self.lasts_s = 3600
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.instead: dict[str, Callable[[BaseHTTPRequestHandler], object]] = {}
        """What is done instead of answering, by the last word of the path."""

    def questions(self) -> list[str]:
        return [path.split("?")[0].split("/")[-1] for _, path, _, _ in self.asked]

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path == "/api/v1/oauth/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if form != {
                "grant_type": "client_credentials",
                "client_id": "door",
                "client_secret": self.secret,
            }:
                return 403, {"error": "unauthorized_client"}
            self.tokens.append(f"MTIz{len(self.tokens)}-token")
            return 200, {
                "access_token": self.tokens[-1],
                "token_type": "Bearer",
                "expires_in": self.lasts_s,
            }
        if headers.get("Authorization") != f"Bearer {self.tokens[-1] if self.tokens else ''}":
            return 401, {"error": "Authentication failure."}
        if path.startswith("/api/v1/patrons?"):
            query = json.loads(headers["x-koha-query"])
            found = [record for record in self.records if record["cardnumber"] == query["cardnumber"]]
            if "x-koha-embed" not in headers:
                found = [{k: v for k, v in each.items() if k != "extended_attributes"} for each in found]
            return 200, found
        if path == "/api/v1/auth/password/validation":
            asked = json.loads(body)
            if self.passwords.get(asked["identifier"]) != asked["password"]:
                return 400, {"error": "Validation failed"}
            return 201, {"cardnumber": asked["identifier"], "patron_id": 19, "userid": "19"}
        return 404, {"error": "Not found"}


@pytest.fixture
def koha() -> FakeKoha:
    return FakeKoha()


@pytest.fixture
def served(koha: FakeKoha) -> Iterator[ThreadingHTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 10

        def setup(self) -> None:
            koha.connections += 1
            super().setup()

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            koha.asked.append((self.command, self.path, dict(self.headers), body))
            instead = koha.instead.get(koha.questions()[-1])
            if instead is not None:
                instead(self)
                return
            status, told = koha.answer(self.path, dict(self.headers.items()), body)
            send(self, status, json.dumps(told).encode())

        do_GET = do_POST = handle_any

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass  # clients that go are what is tested

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json;charset=UTF-8")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


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
        ca_file, monotonic = more.pop("ca_file", None), more.pop("monotonic", time.monotonic)
        settings = Koha(
            url=url or f"http://127.0.0.1:{served.server_port}", client_id="door", ca_file=ca_file
        )
        sources.append(KohaSource(settings, Secret(secret), rules, timeout_s, monotonic, **more))
        return sources[-1]

    yield make
    for source in sources:
        source.close()
