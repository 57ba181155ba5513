"""The client against a SIP2 server that others wrote: ``pysip2``, which has its own codec.

It sends none of the fields that dialects add to the standard, an expiry date for one, so that nothing it says
of a valid card counts; what it says is compared field by field instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import anyio
import pysip2
import pytest

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import (
    JUST_REFUSED,
    LmsUnavailable,
    LmsUnusable,
    Trouble,
    Unknown,
    WrongPin,
)
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.codec import Wire
from controller.membership.sip2.connection import Endpoint
from controller.membership.sip2.dialect import dialect_of
from controller.membership.sip2.questions import Account, Manner
from controller.membership.sip2.reading import ALWAYS_KEPT
from controller.membership.sip2.source import Sip2Source
from controller.secrets.credentials import Secret

TODAY = date(2026, 11, 22)
CARD, STRANGER = CardNumber("20000000000017"), CardNumber("20000000000025")
LOGIN = Account("door", Secret("opensesame"), "branch", "example")
WHEN = "20261122    093000"
Make = Callable[..., Sip2Client]


def library(encoding: str = "cp850", **options: Any) -> pysip2.SIP2Server:
    server = pysip2.SIP2Server(login_required=True, encoding=encoding, institution_id="example", **options)

    @server.route(pysip2.LOGIN)
    def login(request: pysip2.LoginRequest, _: Any) -> pysip2.LoginResponse:
        right = (request.login_user_id, request.login_password) == ("door", "opensesame")
        return pysip2.LoginResponse(ok="1" if right else "0")

    def told(request: Any) -> dict[str, Any]:
        known = request.patron_identifier == CARD.reveal()
        right = None if request.patron_password is None else "Y" if request.patron_password == "1397" else "N"
        return {
            "patron_status": " " * 4 + "Y" + " " * 9,
            "language": "000",
            "transaction_date": WHEN,
            "institution_id": "example",
            "patron_identifier": request.patron_identifier,
            "personal_name": "J\u00fcngerer M\u00e4dchenname",
            "valid_patron": "Y" if known else "N",
            "valid_patron_password": right if known else None,
            "screen_message": ("Gr\u00fc\u00dfe", "and another"),
        }

    @server.route(pysip2.PATRON_INFORMATION)
    def information(request: pysip2.PatronInformationRequest, _: Any) -> pysip2.PatronInformationResponse:
        counts = ("hold", "overdue", "charged", "fine", "recall")
        return pysip2.PatronInformationResponse(
            **told(request),
            **{f"{count}_items_count": "0000" for count in counts},
            unavailable_holds_count="    ",
            home_address="1 Example Street",
            email_address="a@example.org",
        )

    @server.route(pysip2.PATRON_STATUS)
    def status(request: pysip2.PatronStatusRequest, _: Any) -> pysip2.PatronStatusResponse:
        return pysip2.PatronStatusResponse(**told(request))

    @server.route(pysip2.END_PATRON_SESSION)
    def end(request: pysip2.EndPatronSessionRequest, _: Any) -> pysip2.EndSessionResponse:
        return pysip2.EndSessionResponse(
            end_session="Y",
            transaction_date=WHEN,
            institution_id="example",
            patron_identifier=request.patron_identifier,
        )

    return server


class Running:
    """A server on a thread of its own."""

    def __init__(self, server: pysip2.SIP2Server) -> None:
        self.port = 0
        self._server = server
        self._ready = threading.Event()
        self._thread = threading.Thread(target=partial(anyio.run, self._serve))
        self._thread.start()
        assert self._ready.wait(10)

    async def _serve(self) -> None:
        self._ended = anyio.Event()
        self._token = anyio.lowlevel.current_token()
        # Not by its ``start``, which leaves the socket open that it listens at.
        async with await self._server.listen(port=0) as listener, anyio.create_task_group() as tasks:
            self.port = listener.extra(anyio.abc.SocketAttribute.local_port)
            tasks.start_soon(listener.serve, self._server._handle_connection)
            self._ready.set()
            await self._ended.wait()
            tasks.cancel_scope.cancel()

    def stop(self) -> None:
        anyio.from_thread.run_sync(self._ended.set, token=self._token)
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def client_of() -> Iterator[Make]:
    made: list[tuple[Sip2Client, Running]] = []

    def make(server: pysip2.SIP2Server, account: Account = LOGIN, **changed: Any) -> Sip2Client:
        running = Running(server)
        given: dict[str, Any] = {"wire": Wire("cp850"), "manner": Manner()}
        given["keep"] = ALWAYS_KEPT | {"AF", "AO"}
        client = Sip2Client(
            Endpoint("127.0.0.1", running.port, tls=False),
            account=account,
            timeout_s=5,
            keep_alive_s=30,
            monotonic=time.monotonic,
            **(given | changed),
        )
        made.append((client, running))
        return client

    yield make
    for client, running in made:
        client.close()
        running.stop()


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "latin-1"])
def test_every_field_is_what_was_sent(encoding: str, client_of: Make) -> None:
    client = client_of(library(encoding), wire=Wire(encoding))
    answer = client.ask(CARD, Pin("1397"), TODAY)
    assert answer.flags == (*(False,) * 4, True, *(False,) * 9)
    one = answer.fields.one
    assert (one("AA"), one("AO"), one("BL"), one("CQ")) == (CARD.reveal(), "example", "Y", "Y")
    assert answer.fields.all("AF") == ("Gr\u00fc\u00dfe", "and another")
    assert answer.fields.others == {"AE", "BD", "BE"}


@pytest.mark.parametrize("checksum", [True, False])
@pytest.mark.parametrize("manner", [Manner(), Manner(end_session=True), Manner("23", end_session=True)])
def test_many_questions_over_one_connection(checksum: bool, manner: Manner, client_of: Make) -> None:
    client = client_of(library(), wire=Wire("cp850", checksum=checksum), manner=manner)
    for _ in range(12):
        for card, pin, valid, right in (
            (CARD, Pin("1397"), "Y", "Y"),
            (CARD, Pin("1398"), "Y", "N"),
            (STRANGER, Pin("1397"), "N", None),
        ):
            fields = client.ask(card, pin, TODAY).fields
            assert (fields.one("AA"), fields.one("BL"), fields.one("CQ")) == (card.reveal(), valid, right)


def test_without_a_pin_nothing_is_said_of_one(client_of: Make) -> None:
    client = client_of(library())
    assert client.ask(CARD, None, TODAY).fields.one("CQ") is None
    assert client.try_empty_pin(CARD, TODAY).fields.one("CQ") == "N"


def test_it_tells_how_it_is(client_of: Make) -> None:
    status = client_of(library()).check()
    assert (status.online, status.version) == (True, "2.00")


def test_it_refuses_a_wrong_password(client_of: Make) -> None:
    client = client_of(library(), replace(LOGIN, password=Secret("open")))
    with pytest.raises(LmsUnavailable) as error:
        client.ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.LOGIN_REFUSED


def test_it_hangs_up_on_whoever_does_not_log_in(client_of: Make) -> None:
    client = client_of(library(), Account())
    with pytest.raises(LmsUnavailable, match=r"lms\.sip2\.username"):
        client.ask(CARD, None, TODAY)


def test_it_closes_what_is_idle(client_of: Make) -> None:
    client = client_of(library(idle_timeout=0.05))
    for _ in range(3):
        assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
        session = client._session
        assert session is not None
        until_s = time.monotonic() + 10
        while session.is_quiet() and time.monotonic() < until_s:
            threading.Event().wait(0.01)
        assert not session.is_quiet()


def test_what_a_dialect_makes_of_it(client_of: Make) -> None:
    source = Sip2Source(client_of(library()), dialect_of("evergreen"), ReadingRules(16))
    assert source.ask(STRANGER, None, TODAY) == Unknown()
    assert source.ask(CARD, Pin("1398"), TODAY) == WrongPin()
    assert source.ask(CARD, Pin("1397"), TODAY) == JUST_REFUSED  # flags are set, and there is no expiry date
    source.close()
    nothing_refuses = replace(dialect_of("evergreen"), refusing_flags=frozenset())
    source = Sip2Source(client_of(library()), nothing_refuses, ReadingRules(16))
    with pytest.raises(LmsUnusable, match="PA"):
        source.ask(CARD, Pin("1397"), TODAY)
    assert source.ask(STRANGER, None, TODAY) == Unknown()
    source.check()
    source.keep_alive()
    source.close()
