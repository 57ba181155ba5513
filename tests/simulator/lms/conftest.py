"""What the tests of this folder share: a system with everybody in it, and a client that knows no SIP2."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from simulator.lms.patrons import Patron, patron_of
from simulator.lms.sip2_server import Sip2Server
from simulator.members import card_number, cast

LIMIT_S = 30.0
SUMMARY = "          "


class Wire:
    """A socket to a server: what is sent is bytes, and so is what comes back."""

    def __init__(self, server: Sip2Server) -> None:
        self.socket = socket.create_connection((server.host, server.port), timeout=LIMIT_S)
        self._rest = b""

    def send(self, line: bytes, end: bytes = b"\r") -> None:
        self.socket.sendall(line + end)

    def line(self) -> bytes:
        """The next answer with its end; what came before the connection was closed, if it was."""
        while b"\r" not in self._rest:
            came = self.socket.recv(65_536)
            if not came:
                break
            self._rest += came
        cut = self._rest.find(b"\r") + 1 or len(self._rest)
        found, self._rest = self._rest[:cut], self._rest[cut:]
        return found

    def ask(self, line: bytes) -> bytes:
        self.send(line)
        return self.line()

    def about(self, card: str, pin: str | None = None, code: str = "63") -> str:
        """What is answered to a question about a patron without checksum, without the end of its line."""
        self.ask_about(card, pin, code)
        return self.line().decode().rstrip("\r\n")

    def ask_about(self, card: str, pin: str | None = None, code: str = "63") -> None:
        now = datetime.now().astimezone().strftime("%Y%m%d    %H%M%S")
        summary = SUMMARY if code == "63" else ""
        password = "" if pin is None else f"AD{pin}|"
        self.send(f"{code}001{now}{summary}AOINST|AA{card}|AC|{password}".encode())

    def closed(self) -> bool:
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True


@pytest.fixture(scope="module")
def patrons() -> dict[str, Patron]:
    """Everybody by label, "lost" with them."""
    members = cast(datetime.now().astimezone().date())
    found = {label: patron_of(member) for label, member in members.items()}
    found["lost"] = replace(found["member 1"], card=card_number(41), lost=True)
    return found


@pytest.fixture
def make_server(patrons: dict[str, Patron]) -> Iterator[Callable[..., Sip2Server]]:
    """Call it with what ``Sip2Server`` takes besides patrons; it runs."""
    made: list[Sip2Server] = []

    def make(**options: object) -> Sip2Server:
        made.append(Sip2Server(patrons.values(), **options))  # type: ignore[arg-type]
        made[-1].start()
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def server(make_server: Callable[..., Sip2Server]) -> Sip2Server:
    return make_server()


@pytest.fixture
def connect() -> Iterator[Callable[[Sip2Server], Wire]]:
    """Call it with a server for a connection to it."""
    made: list[Wire] = []

    def connection(server: Sip2Server) -> Wire:
        made.append(Wire(server))
        return made[-1]

    yield connection
    for wire in made:
        wire.socket.close()


@pytest.fixture
def wire(server: Sip2Server, connect: Callable[[Sip2Server], Wire]) -> Wire:
    """A connection to ``server``."""
    return connect(server)
