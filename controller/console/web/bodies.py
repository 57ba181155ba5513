"""How much of a request's body the web server takes in, before anybody knows whose it is.

Whatever is sent waits in memory until all of it is there. So a form may be small only, and one file of
memberships at a time may be large, in a browser in which somebody is logged in. Never here: what becomes of a
file (``uploads``).
"""

from __future__ import annotations

import copy
import logging
import threading
import weakref
from ipaddress import IPv6Address
from time import monotonic

from django.conf import settings
from django.db import Error, connection
from django.http import parse_cookie
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

LARGE_PATH = "/memberships/import/"
SMALL = 256 * 1024
"""Bytes; waitress keeps half a megabyte of a body without a file."""
SILENT_S = 30.0
"""Whoever sends nothing of a large body for so long has had its turn."""

log = logging.getLogger(__name__)


class Body(HTTPRequestParser):  # type: ignore[misc]
    """Waitress makes one for each request; all are fed by one thread."""

    _turn = threading.Lock()
    _holder: weakref.ref[Body] | None = None

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.adj: Adjustments = adj
        self.path = ""  # of one without a first line waitress names it, when the client has gone
        self._heard_s = monotonic()
        self._over = False

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        _refuse_no_address(self.headers.get("X_FORWARDED_FOR", ""))
        if not (self._is_large() and is_of_somebody(self.headers.get("COOKIE", "")) and self._has_turn()):
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = SMALL

    def _is_large(self) -> bool:
        return bool(self.path == LARGE_PATH and (self.chunked or self.content_length >= SMALL))

    def received(self, data: bytes) -> int:
        self._heard_s = monotonic()
        return int(super().received(data))

    def close(self) -> None:
        """The request was answered."""
        self._over = True
        super().close()

    def _has_turn(self) -> bool:
        with Body._turn:
            holder = Body._holder() if Body._holder else None
            if holder is not None and not holder._over and monotonic() - holder._heard_s < SILENT_S:
                return False
            Body._holder = weakref.ref(self)
            return True


def _refuse_no_address(forwarded_for: str) -> None:
    """Waitress would fall over what begins with a colon and is no IPv6 address. Raises ParsingError."""
    last = forwarded_for.rpartition(",")[2].strip(' "')
    if last.startswith(":"):
        try:
            IPv6Address(last)
        except ValueError:
            raise ParsingError("X-Forwarded-For names no address") from None


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Body


def is_of_somebody(cookies: str) -> bool:
    """Whether these are of a browser in which somebody is logged in."""
    from controller.console.accounts.sessions import account_in

    try:
        return account_in(parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)) is not None
    except Error as error:
        log.error("nobody knows who sends a file: %s", error)
        return False
    finally:
        connection.close()
