"""One connection to a SIP2 system: a socket, with TLS or without, that lines go out of and come in by.

Here: connecting, deadlines, the limit of what is read, and that the other end is who it should be. Never
here: what a line says; and no line is ever logged or repeated in an error. It has no thread of its own.

Times are seconds of a clock that never steps; it comes in as ``monotonic``.
"""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.codec import Lines, TooLong

CHUNK = 4096
"""Bytes that are read at once; so much more than the longest line may be held at most."""
RESTS = 4
"""How often ``is_quiet`` reads on after empty lines."""


class ConnectionClosed(LmsUnavailable):
    """The system closed the connection before it said anything in answer."""

    def __init__(self, message: str) -> None:
        super().__init__(Trouble.UNREACHABLE, message)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """ca_file: certificate of the authority to trust; None: those that the machine trusts."""

    host: str
    port: int
    tls: bool
    ca_file: Path | None = None

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Connection:
    """Open from the start. After anything but an answer it is of no more use, and its owner closes it."""

    def __init__(self, endpoint: Endpoint, opened: socket.socket, monotonic: Callable[[], float]) -> None:
        self._endpoint = endpoint
        self._socket = opened
        self._monotonic = monotonic
        self._lines = Lines()
        self._came: deque[bytes] = deque()

    def send(self, line: bytes, until_s: float) -> None:
        """Raises LmsUnavailable, ConnectionClosed."""
        try:
            self._socket.settimeout(self._left_s(until_s))
            self._socket.sendall(line)
        except OSError as error:
            raise self._failed(error) from None

    def receive(self, until_s: float) -> bytes:
        """The next line, without its end. Raises LmsUnavailable, ConnectionClosed."""
        while not self._came:
            try:
                self._socket.settimeout(self._left_s(until_s))
                data = self._socket.recv(CHUNK)
            except OSError as error:
                raise self._failed(error) from None
            if not data:
                raise self._ended()
            self._take(data)
        return self._came.popleft()

    def is_quiet(self) -> bool:
        """Whether it is open, and nothing came that nobody asked for. Does not wait.

        The rest of a line's end is nothing, unless it has no end itself.
        """
        try:
            self._socket.settimeout(0)
            for _ in range(RESTS):
                if self._came or self._lines.begun:
                    return False
                data = self._socket.recv(CHUNK)
                if not data:
                    return False
                self._take(data)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except (OSError, LmsUnavailable):
            return False
        return False

    def close(self) -> None:
        self._socket.close()

    def _take(self, data: bytes) -> None:
        try:
            self._came.extend(self._lines.feed(data))
        except TooLong as error:
            raise LmsUnavailable(Trouble.GARBLED, f"{self._endpoint} sends no end: {error}") from None

    def _left_s(self, until_s: float) -> float:
        left_s = until_s - self._monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def _ended(self) -> LmsUnavailable:
        if self._lines.begun:
            return LmsUnavailable(Trouble.GARBLED, f"{self._endpoint} closed the connection within an answer")
        return ConnectionClosed(f"{self._endpoint} closed the connection")

    def _failed(self, error: OSError) -> LmsUnavailable:
        if isinstance(error, TimeoutError):
            return LmsUnavailable(Trouble.TIMED_OUT, f"{self._endpoint} did not answer in time")
        ended = isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
        if isinstance(error, ssl.SSLError) and not ended:
            why = f"{self._endpoint} broke TLS: {error.reason or error}"
            return LmsUnavailable(Trouble.UNTRUSTED, why)
        return self._ended()


def connect(endpoint: Endpoint, until_s: float, monotonic: Callable[[], float]) -> Connection:
    """Raises LmsUnavailable.

    Looking up the host's name is the resolver's business and keeps no deadline of ours: an address, or a name
    in ``/etc/hosts``, does.
    """
    opened = _connected(endpoint, until_s, monotonic)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if endpoint.tls:
            opened = _secured(endpoint, opened, until_s - monotonic())
    except BaseException:
        opened.close()
        raise
    return Connection(endpoint, opened, monotonic)


def _connected(endpoint: Endpoint, until_s: float, monotonic: Callable[[], float]) -> socket.socket:
    """Every address of the host is tried, each with its share of the time."""
    try:
        addresses = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        why = f"{endpoint} has no address: {getattr(error, 'strerror', None) or error}"
        raise LmsUnavailable(Trouble.UNREACHABLE, why) from None
    failed: OSError = TimeoutError("timed out")
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        share_s = (until_s - monotonic()) / (len(addresses) - tried)
        if share_s <= 0:
            break
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(share_s)
            opened.connect(address)
        except OSError as error:
            opened.close()
            failed = error
        else:
            return opened
    raise LmsUnavailable(Trouble.UNREACHABLE, f"{endpoint} cannot be reached: {failed.strerror or failed}")


def _secured(endpoint: Endpoint, opened: socket.socket, left_s: float) -> socket.socket:
    """Through TLS, the certificate and the name in it verified."""
    try:
        context = ssl.create_default_context(cafile=endpoint.ca_file)
    except (OSError, ValueError) as error:
        why = f"{endpoint}: lms.sip2.ca_file cannot be used: {getattr(error, 'strerror', None) or error}"
        raise LmsUnavailable(Trouble.UNTRUSTED, why) from None
    try:
        opened.settimeout(max(left_s, 0.001))
        return context.wrap_socket(opened, server_hostname=endpoint.host)
    except TimeoutError:
        raise LmsUnavailable(Trouble.TIMED_OUT, f"{endpoint} did not begin TLS in time") from None
    except ssl.SSLCertVerificationError as error:
        why = f"{endpoint} has no certificate to be trusted: {error.verify_message}"
        raise LmsUnavailable(Trouble.UNTRUSTED, why) from None
    except ssl.SSLError as error:
        why = f"{endpoint} does not speak TLS as it should: {error.reason or 'it hung up'}"
        raise LmsUnavailable(Trouble.UNTRUSTED, why) from None
    except (OSError, ValueError) as error:
        raise LmsUnavailable(Trouble.UNREACHABLE, f"{endpoint} hung up when TLS began: {error}") from None
