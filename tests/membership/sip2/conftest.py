"""A SIP2 system that is wrong in whatever way a test wants. It shares no code with our codec."""

from __future__ import annotations

import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.codec import Wire
from controller.membership.sip2.connection import Endpoint
from controller.membership.sip2.questions import Account, Manner
from controller.membership.sip2.reading import ALWAYS_KEPT

PATRON = f"{'':14}00120261122    093000"
ANSWERS = {
    "93": "941",
    "99": "98YYYYNN10000320261122    0930002.00AOexample|BXYYYYYYYYYYYYYYYY|",
    "23": f"24{PATRON}AOexample|AA{{AA}}|AEAn Example|BLY|",
    "63": f"64{PATRON}{'0000' * 6}AOexample|AA{{AA}}|AEAn Example|BLY|PA20270101|BEa@example.org|",
    "35": "36Y20261122    093000AOexample|AA{AA}|",
}
TRAILER = re.compile(r"(AY(?P<sequence>\d))?AZ[0-9A-F]{4}$")
CARD, PIN, TODAY = CardNumber("20000000000017"), Pin("1397"), date(2026, 11, 22)
Talk = Callable[["Peer"], None]


def with_checksum(text: str, sequence: str | None = None) -> bytes:
    line = text.encode() + (f"AY{sequence}".encode() if sequence is not None else b"") + b"AZ"
    return line + b"%04X\r" % (-sum(line) % 65536)


class Peer:
    """One connection, from the system's end."""

    def __init__(self, opened: socket.socket, asked: list[str]) -> None:
        self._socket = opened
        self._asked = asked
        self._rest = b""

    def hear(self) -> str | None:
        """The next line, None once the client has hung up."""
        while b"\r" not in self._rest:
            try:
                data = self._socket.recv(4096)
            except OSError:
                data = b""
            if not data:
                return None
            self._rest += data
        line, self._rest = self._rest.split(b"\r", 1)
        self._asked.append(TRAILER.sub("", line.decode().strip()))
        return line.decode().strip()

    def say(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError:
            return  # the client has hung up

    def one_question(self) -> None:
        """Be in order until one question about a patron is answered."""
        line = self.ordinary(until="63")
        self.say(self.reply(line) if line else b"")

    def offline(self) -> None:
        while (line := self.hear()) is not None:
            text = self.reply(line).replace(b"98Y", b"98N").rpartition(b"AZ")[0]
            self.say(with_checksum(text.decode()))

    def silence(self) -> None:
        assert self.hear() is None, "the client was to hang up"

    def drain(self) -> None:
        """Read and say nothing, until the client hangs up."""
        while self._socket.recv(4096):
            pass

    def gone(self, within_s: float) -> bool:
        """Whether the client hangs up within so many seconds. For a test without TLS."""
        readable, _, _ = select.select([self._socket], [], [], within_s)
        try:
            return bool(readable) and not self._socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def reply(self, line: str) -> bytes:
        """What a system that is in order answers."""
        trailer = TRAILER.search(line)
        card = re.search(r"\|AA([^|]*)\|", line)
        text = ANSWERS[line[:2]].replace("{AA}", card[1] if card else "")
        return with_checksum(text, trailer["sequence"]) if trailer else text.encode() + b"\r"

    def ordinary(self, until: str = "none") -> str:
        """Answer as a system that is in order, until a question begins with ``until``: that one, or ""."""
        while (line := self.hear()) is not None:
            if line.startswith(until):
                return line
            self.say(self.reply(line))
        return ""

    def end(self) -> None:
        self._socket.close()


@dataclass
class System:
    """talks: what it does on the first connection, the second …; on later ones it is in order."""

    talks: list[Talk] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _errors: list[Exception] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def codes(self) -> list[str]:
        return [line[:2] for line in self.asked]

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()
        assert not self._thread.is_alive(), "the client left its connection open"
        assert not self._errors

    def _run(self) -> None:
        while True:
            try:
                opened, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                self._serve(opened)
            except Exception as error:  # noqa: BLE001 -- the test fails with it when it ends
                self._errors.append(error)

    def _serve(self, opened: socket.socket) -> None:
        with opened:
            if self.tls is not None:
                try:
                    opened = self.tls.wrap_socket(opened, server_side=True)
                except OSError:
                    return  # the client does not trust us
            talk = self.talks[self.connections - 1] if self.connections <= len(self.talks) else Peer.ordinary
            with opened:
                talk(Peer(opened, self.asked))


class Clock:
    """Goes as the real one does, and further ahead when it is told to."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def system() -> Iterator[System]:
    """It is started by ``client``."""
    system = System()
    yield system
    if hasattr(system, "_thread"):
        system.stop()
    else:
        system._listener.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client_of(system: System, clock: Clock) -> Iterator[Callable[..., Sip2Client]]:
    made: list[Sip2Client] = []

    def make(*talks: Talk, **changed: Any) -> Sip2Client:
        """A client of the system, which talks so. endpoint_tls: over TLS, and whom to trust."""
        system.talks.extend(talks)
        if not hasattr(system, "_thread"):
            system.start()
        tls = "endpoint_tls" in changed
        given: dict[str, Any] = {
            "endpoint": Endpoint("127.0.0.1", system.port, tls, changed.pop("endpoint_tls", None)),
            "wire": Wire(),
            "account": Account(),
            "manner": Manner(),
            "keep": ALWAYS_KEPT | {"PA"},
            "timeout_s": 5.0,
            "keep_alive_s": 30.0,
            "monotonic": clock,
            **changed,
        }
        made.append(Sip2Client(**given))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def trouble() -> Callable[[Sip2Client], Trouble]:
    """What goes wrong when a card is asked about. The message says where, and nothing of card and PIN."""

    def trouble_of(client: Sip2Client) -> Trouble:
        with pytest.raises(LmsUnavailable) as error:
            client.ask(CARD, PIN, TODAY)
        for secret in (CARD.reveal(), PIN.reveal(), "opensesame"):
            assert secret not in str(error.value)
        assert re.match(r"(localhost|127\.0\.0\.1):\d+ ", str(error.value))
        return error.value.trouble

    return trouble_of
