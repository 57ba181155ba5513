"""One HTTP connection to one host, with limits: how long an exchange may take in all, and how much may come.

httpx counts its time-outs for each read anew, so a server that sends a byte now and then would keep us for
ever. Here every wait of the connection, from connecting to the last byte, is what is left until one deadline.
Only the look-up of the host's address is the system's own, with the time-outs of its resolver.

Never here: what is asked, or what an answer means. No redirect is followed, no proxy of the environment used,
no certificate taken on trust, and nothing is logged: httpx would log every question.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import httpx

from controller.membership.lms.source import LmsUnavailable, Trouble

ANSWER_LIMIT = 256 * 1024
"""Bytes of an answer. A member's whole record in Koha has about 3 kB."""
IDLE_S = 60.0
"""A connection that was quiet for so long is not used again."""

UNREAD = frozenset({b"location", b"set-cookie"})
"""Headers of answers that httpx would make something of, though nothing is followed: it raises errors of its
own at an address that makes no sense, and keeps every cookie for ever."""

for _logger in ("httpx", "httpcore"):
    logging.getLogger(_logger).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """body: not shown, since it is somebody's record."""

    status: int
    body: bytes = field(repr=False)


class Exchange:
    """For one thread. url: scheme, host, port and the beginning of every path.

    ca_file: None for the machine's own list of authorities. monotonic: seconds that never step.
    """

    def __init__(self, url: str, ca_file: Path | None, monotonic: Callable[[], float]) -> None:
        self._url = httpx.URL(url.rstrip("/") + "/")
        self._ca_file = ca_file
        self._deadline = _Deadline(monotonic)
        self._client: httpx.Client | None = None
        default_port = 443 if self._url.scheme == "https" else 80
        self.where = f"{self._url.host}:{self._url.port or default_port}"

    def ask(
        self,
        method: str,
        path: str,
        until_s: float,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
    ) -> HttpAnswer:
        """The answer, whatever its status. until_s: by ``monotonic``. Raises LmsUnavailable."""
        self._deadline.until_s = until_s
        self._deadline.anything_came = False
        request = httpx.Request(
            method,
            self._url.join(path),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})},
            data=form,
            json=json,
        )
        try:
            response = self._connection().send(request, stream=True)
            with closing(response):
                return HttpAnswer(response.status_code, self._body(response))
        except httpcore.TimeoutException:
            raise LmsUnavailable(Trouble.TIMED_OUT, f"{self.where} did not answer in time") from None
        except httpcore.ConnectError as error:
            raise self._no_connection(error.args[0] if error.args else None) from None
        except httpcore.NetworkError:
            raise self._closed() from None
        except httpcore.ProtocolError:
            raise (
                self._garbled("sent an answer that was cut, or no HTTP")
                if self._deadline.anything_came
                else self._closed()
            ) from None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connection(self) -> httpx.Client:
        if self._client is None:
            transport = _Transport(self._context(), self._deadline)
            self._client = httpx.Client(transport=transport, trust_env=False, timeout=None)  # noqa: S113 -- the transport's deadline
        return self._client

    def _context(self) -> ssl.SSLContext | None:
        if self._url.scheme != "https":
            return None
        try:
            return ssl.create_default_context(cafile=self._ca_file)
        except OSError as error:
            message = f"{self._ca_file}: it holds no certificate that can be read ({error.strerror or error})"
            raise LmsUnavailable(Trouble.UNTRUSTED, f"{message}; correct lms.koha.ca_file") from None

    def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise self._garbled("packs its answers, which was not asked for")
        body = bytearray()
        for part in response.iter_raw():
            body += part
            if len(body) > ANSWER_LIMIT:
                raise self._garbled(f"answered with more than {ANSWER_LIMIT // 1024} KiB")
        return bytes(body)

    def _no_connection(self, cause: object) -> LmsUnavailable:
        if isinstance(cause, ssl.SSLCertVerificationError):
            message = f"the certificate of {self.where} is not believed: {cause.verify_message}"
            return LmsUnavailable(Trouble.UNTRUSTED, f"{message}; lms.koha.ca_file names who signed it")
        if isinstance(cause, ssl.SSLError):
            return LmsUnavailable(Trouble.UNTRUSTED, f"no TLS with {self.where}: {cause.reason}")
        reason = cause.strerror if isinstance(cause, OSError) else None
        return LmsUnavailable(Trouble.UNREACHABLE, f"no connection to {self.where}: {reason or 'refused'}")

    def _closed(self) -> LmsUnavailable:
        return LmsUnavailable(Trouble.UNREACHABLE, f"{self.where} closed the connection")

    def _garbled(self, how: str) -> LmsUnavailable:
        return LmsUnavailable(Trouble.GARBLED, f"{self.where} {how}")


class _Deadline:
    """until_s: of the exchange under way, by ``monotonic``. anything_came: a byte of its answer has."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.until_s = 0.0
        self.anything_came = False

    def left_s(self) -> float:
        left_s = self.until_s - self._monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout
        return left_s


class _Transport(httpx.BaseTransport):
    """As httpx's own, with the deadline in it."""

    def __init__(self, context: ssl.SSLContext | None, deadline: _Deadline) -> None:
        self._pool = httpcore.ConnectionPool(
            context,
            max_connections=1,
            keepalive_expiry=IDLE_S,
            network_backend=_Network(deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.read(),
            )
        )
        headers = [header for header in response.headers if header[0].lower() not in UNREAD]
        return httpx.Response(response.status, headers=headers, stream=_Body(response))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._response.iter_stream())

    def close(self) -> None:
        self._response.close()


class _Network(httpcore.NetworkBackend):
    """Connects to one address of the host after the other."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- the deadline counts
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(error) from error
        addresses = [str(address[0]) for *_, address in found]
        for at, address in enumerate(addresses, start=1):
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, self._deadline.left_s(), local_address, socket_options
                )
            except httpcore.ConnectError:
                if at == len(addresses):
                    raise
            else:
                return _Stream(stream, self._deadline)
        raise httpcore.ConnectError


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        came = self._stream.read(max_bytes, self._deadline.left_s())
        self._deadline.anything_came |= bool(came)
        return came

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left_s())
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
