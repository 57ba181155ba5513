"""Koha's REST API, as far as a door asks it, and what goes wrong with such a server.

Here: what is answered to which request, after Koha's own specification (api/v1/swagger) and source
(Koha/REST/V1). ``faults`` and ``patrons`` may be changed while it runs; the next request is answered
accordingly. Never here: HTTP (``http_wire``), or what counts of a record.

As the real one: a token lasts for an hour and is asked for with a client's id and secret; a record comes
whole, with everything that nobody asked for; a search of ``/patrons`` by its parameters finds what merely
contains the text unless ``_match=exact``.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from simulator.lms.certificate import Certificate
from simulator.lms.http_wire import Answer, Request, read
from simulator.lms.koha_record import number, record, user
from simulator.lms.listener import Listener
from simulator.lms.patrons import Patron, Patrons

API = "/api/v1"
TOKEN, PATRONS, PASSWORD = "oauth/token", "patrons", "auth/password/validation"
EVERYTHING = frozenset({TOKEN, PATRONS, PASSWORD})
KEPT = 20_000
HOUR_S = 3600
BLOCK = 65_536
CLIENT_ID, CLIENT_SECRET = "unlocked-door", "not-a-secret"


@dataclass(frozen=True, slots=True)
class KohaFaults:
    """What it does wrong; by default nothing.

    on: the paths concerned, after ``/api/v1/``. times: so often, then all is well again; None: always.

    delay_s: before the answer. silent: no answer at all. trickle_s: between one byte and the next. cut_after:
    so many bytes of the answer, then the connection is closed. status: this one, with an error as Koha words
    it. garbage: this body. huge: a body of so many bytes. redirect: to this address. other_card: the record
    of this card, whichever was asked about. without: fields that a record lacks.
    """

    on: frozenset[str] = EVERYTHING
    times: int | None = None
    delay_s: float = 0.0
    silent: bool = False
    trickle_s: float = 0.0
    cut_after: int | None = None
    status: int | None = None
    garbage: bytes | None = None
    huge: int | None = None
    redirect: str | None = None
    other_card: str | None = field(default=None, repr=False)
    without: frozenset[str] = frozenset()


WELL = KohaFaults()


class KohaServer(Listener):
    """Takes connections from ``start``. certificate: its own, if it speaks TLS. lasts_s: each token."""

    def __init__(
        self,
        patrons: Iterable[Patron] = (),
        certificate: Certificate | None = None,
        *,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        lasts_s: int = HOUR_S,
    ) -> None:
        super().__init__(self._serve, certificate.context if certificate is not None else None)
        self.url = f"{'http' if certificate is None else 'https'}://{self.host}:{self.port}"
        self.patrons = Patrons(patrons)
        self.lasts_s = lasts_s
        self._client = (client_id, client_secret)
        self._tokens: set[str] = set()
        self._numbers = count(1)
        self._faults = WELL
        self._left: int | None = None
        self._asked: deque[Request] = deque(maxlen=KEPT)

    @property
    def faults(self) -> KohaFaults:
        return self._faults

    @faults.setter
    def faults(self, faults: KohaFaults) -> None:
        self._faults = faults
        self._left = faults.times

    def behave(self, **changes: object) -> None:
        """``faults`` with these changes to a server that does everything well."""
        self.faults = replace(WELL, **changes)  # type: ignore[arg-type]

    def revoke(self) -> None:
        """Forget every token that was given."""
        self._tokens.clear()

    @property
    def asked(self) -> tuple[Request, ...]:
        """Every request, the last last."""
        return tuple(self._asked)

    @property
    def questions(self) -> Counter[str]:
        """How many requests there were, by path after ``/api/v1/``."""
        return Counter(_path(request) for request in self.asked)

    def cards(self) -> list[str]:
        """The cards whose records were asked for, in this order."""
        found = (_searched(request)[0] for request in self.asked if _path(request) == PATRONS)
        return [card for card in found if card is not None]

    def forget(self) -> None:
        """Begin to count anew, except connections."""
        self._asked.clear()

    # --- on the listener's thread -----------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read(reader)) is not None:
            self._asked.append(request)
            faults = self._at(_path(request))
            if faults.delay_s:
                await asyncio.sleep(faults.delay_s)
            if faults.silent:
                await asyncio.get_running_loop().create_future()  # until the connection is cut
            answer = self._instead(faults) or self._answer(request, faults)
            if not await _sent(answer, faults, writer):
                return

    def _at(self, path: str) -> KohaFaults:
        if path not in self._faults.on or self._left == 0:
            return WELL
        if self._left is not None:
            self._left -= 1
        return self._faults

    def _instead(self, faults: KohaFaults) -> Answer | None:
        if faults.redirect is not None:
            return Answer(302, b"", {"Location": faults.redirect})
        if faults.garbage is not None:
            return Answer(200, faults.garbage)
        if faults.status is not None:
            return _error(faults.status, "Something went wrong, check Koha logs for details.")
        return None

    def _answer(self, request: Request, faults: KohaFaults) -> Answer:
        path = _path(request)
        if (request.method, path) == ("POST", TOKEN):
            return self._token(request.form())
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return _error(401, "Authentication failure.")
        match request.method, path:
            case "GET", "patrons":
                return self._list(request, faults)
            case "POST", "auth/password/validation":
                return self._password(request.json())
        return _error(404, "Resource not found")

    def _token(self, form: Mapping[str, str]) -> Answer:
        if form.get("grant_type") != "client_credentials":
            return _error(400, "Unimplemented grant type")
        if (form.get("client_id"), form.get("client_secret")) != self._client:
            return _error(403, "unauthorized_client")
        token = f"simulated-token-{next(self._numbers)}"
        self._tokens.add(token)
        asyncio.get_running_loop().call_later(self.lasts_s, self._tokens.discard, token)
        return _json(200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lasts_s})

    def _list(self, request: Request, faults: KohaFaults) -> Answer:
        card, exact = _searched(request)
        if card is None:
            return _error(400, "Invalid query: this Koha is asked for card numbers only")
        if faults.other_card is not None:
            card, exact = faults.other_card, True
        found = [patron for patron in self.patrons if _found(patron.card, card, exact)]
        attributes = "extended_attributes" in request.headers.get("x-koha-embed", "").split(",")
        per_page = int(request.query.get("_per_page", "20"))
        records = [
            {name: value for name, value in record(patron, attributes).items() if name not in faults.without}
            for patron in (found if per_page < 0 else found[:per_page])
        ]
        return _json(
            200, records, {"X-Total-Count": str(len(found)), "X-Base-Total-Count": str(len(self.patrons))}
        )

    def _password(self, asked: object) -> Answer:
        asked = asked if isinstance(asked, dict) else {}
        names = [asked[name] for name in ("identifier", "userid") if isinstance(asked.get(name), str)]
        if len(names) > 1:
            return _error(400, "Bad request. Only one identifier attribute can be passed.")
        for patron in self.patrons:
            if names and names[0] in (patron.card, user(patron)) and asked.get("password") == patron.pin:
                own = {"cardnumber": patron.card, "patron_id": number(patron), "userid": user(patron)}
                return _json(201, own)
        return _error(400, "Validation failed")


def _path(request: Request) -> str:
    return request.path.removeprefix(f"{API}/")


def _searched(request: Request) -> tuple[str | None, bool]:
    """The card number that a request for patrons names, and whether nothing but it shall match."""
    for text in _queries(request):
        try:
            query = json.loads(text)
        except ValueError:
            return None, True
        card = query.get("cardnumber") if isinstance(query, dict) else None
        return card if isinstance(card, str) else None, True
    return request.query.get("cardnumber"), request.query.get("_match") == "exact"


def _queries(request: Request) -> Iterator[str]:
    """The places where Koha takes a query written in JSON."""
    if "q" in request.query:
        yield request.query["q"]
    if "x-koha-query" in request.headers:
        yield request.headers["x-koha-query"]
    if request.body:
        yield request.body.decode(errors="replace")


def _found(card: str, searched: str, exact: bool) -> bool:
    # MySQL's usual collation knows no capitals.
    card, searched = card.casefold(), searched.casefold()
    return card == searched if exact else searched in card


def _json(status: int, told: object, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(told, ensure_ascii=False).encode(), headers or {})


def _error(status: int, words: str) -> Answer:
    return _json(status, {"error": words})


async def _sent(answer: Answer, faults: KohaFaults, writer: asyncio.StreamWriter) -> bool:
    """False: the connection is to be closed."""
    if faults.huge is not None:
        writer.write(replace(answer, length=faults.huge).head())
        for _ in range(-(-faults.huge // BLOCK)):
            writer.write(b" " * BLOCK)
            await writer.drain()
        return False
    whole = answer.head() + answer.body
    if faults.trickle_s:
        for byte in whole:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(faults.trickle_s)
        return True
    writer.write(whole if faults.cut_after is None else whole[: faults.cut_after])
    await writer.drain()
    return faults.cut_after is None
