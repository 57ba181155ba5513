"""HTTP/1.1 as far as a simulated server needs it: requests and answers as bytes.

Never here: what they mean.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """path: without its query. headers: by their names in small letters."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def form(self) -> Mapping[str, str]:
        return dict(parse_qsl(self.body.decode(errors="replace")))

    def json(self) -> object:
        """What the body says; None if it is no JSON."""
        try:
            said: object = json.loads(self.body)
        except ValueError:
            return None
        return said


@dataclass(frozen=True, slots=True)
class Answer:
    """length: what is said of the body's, if it is not its own."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None

    def head(self) -> bytes:
        length = len(self.body) if self.length is None else self.length
        headers = {
            "Content-Type": "application/json;charset=UTF-8",
            "Content-Length": str(length),
            **self.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n{lines}\r\n".encode()


async def read(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None at its end. Raises what asyncio's streams raise."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    address = urlsplit(target)
    return Request(method, unquote(address.path), dict(parse_qsl(address.query)), headers, body)
