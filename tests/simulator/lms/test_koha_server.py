"""The simulated Koha answers as the real one's specification and source say, and does wrong what it is told
to."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from simulator.lms.certificate import make
from simulator.lms.koha_server import CLIENT_ID, CLIENT_SECRET, PATRONS, TOKEN, WELL, KohaServer
from simulator.lms.patrons import PIN, PRIVATE, Patron
from simulator.members import STRANGER

FORM = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


@pytest.fixture(scope="module")
def module_koha(patrons: dict[str, Patron]) -> Iterator[KohaServer]:
    with KohaServer(replace(patron, extra={"UNSTAFFED": "Y"}) for patron in patrons.values()) as server:
        server.start()
        yield server


@pytest.fixture
def koha(module_koha: KohaServer) -> Iterator[KohaServer]:
    """One for all tests: each finds it well and with nothing asked."""
    module_koha.start()
    module_koha.forget()
    yield module_koha
    module_koha.faults = WELL


@pytest.fixture
def client(koha: KohaServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=koha.url, timeout=5, verify=False) as client:
        yield client


@pytest.fixture
def entered(client: httpx.Client) -> httpx.Client:
    """With a token."""
    token = client.post("/api/v1/oauth/token", data=FORM).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def found(entered: httpx.Client) -> Callable[[str], httpx.Response]:
    """Asks for the patron of a card."""

    def find(card: str) -> httpx.Response:
        return entered.get("/api/v1/patrons", headers={"x-koha-query": json.dumps({"cardnumber": card})})

    return find


def test_a_token(client: httpx.Client) -> None:
    answer = client.post("/api/v1/oauth/token", data=FORM)
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)
    wrong = client.post("/api/v1/oauth/token", data=FORM | {"client_secret": "other"})
    assert (wrong.status_code, wrong.json()) == (403, {"error": "unauthorized_client"})
    assert client.post("/api/v1/oauth/token", data=FORM | {"grant_type": "password"}).status_code == 400


def test_nothing_without_a_token_that_is_known(koha: KohaServer, entered: httpx.Client) -> None:
    assert entered.get("/api/v1/patrons?cardnumber=1").status_code == 200
    koha.revoke()
    assert entered.get("/api/v1/patrons?cardnumber=1").status_code == 401


def test_a_record_comes_whole(found: Callable[[str], httpx.Response], patrons: dict[str, Patron]) -> None:
    answer = found(patrons["member 1"].card)
    (record,) = answer.json()
    assert answer.headers["X-Total-Count"] == "1"
    assert record["cardnumber"] == patrons["member 1"].card
    assert PRIVATE in record["surname"]
    assert record["expiry_date"] == patrons["member 1"].expires.isoformat()
    assert "extended_attributes" not in record
    assert len(record) > 40


def test_what_is_the_matter_shows_in_the_record(
    found: Callable[[str], httpx.Response], patrons: dict[str, Patron]
) -> None:
    def flags(label: str) -> set[str]:
        (record,) = found(patrons[label].card).json()
        return {name for name in ("expired", "restricted", "patron_card_lost") if record[name]}

    assert flags("member 1") == set()
    assert flags("expired") == {"expired"}
    assert flags("suspended") == {"restricted"}
    assert flags("lost") == {"patron_card_lost"}
    assert found(STRANGER).json() == []


def test_attributes_come_when_they_are_asked_for(entered: httpx.Client, patrons: dict[str, Patron]) -> None:
    query = json.dumps({"cardnumber": patrons["member 1"].card})
    (record,) = entered.get(
        "/api/v1/patrons", params={"q": query}, headers={"x-koha-embed": "extended_attributes"}
    ).json()
    (attribute,) = record["extended_attributes"]
    assert (attribute["type"], attribute["value"]) == ("UNSTAFFED", "Y")


def test_a_search_by_parameter_finds_parts_unless_told_otherwise(
    entered: httpx.Client, koha: KohaServer, patrons: dict[str, Patron]
) -> None:
    part = patrons["member 1"].card[:6]
    assert len(entered.get("/api/v1/patrons", params={"cardnumber": part}).json()) > 2
    assert len(entered.get("/api/v1/patrons", params={"cardnumber": part, "_per_page": 2}).json()) == 2
    assert entered.get("/api/v1/patrons", params={"cardnumber": part, "_match": "exact"}).json() == []
    assert koha.cards() == [part] * 3


def test_passwords(entered: httpx.Client, patrons: dict[str, Patron]) -> None:
    def valid(**body: str) -> httpx.Response:
        return entered.post("/api/v1/auth/password/validation", json=body)

    card = patrons["member 1"].card
    right = valid(identifier=card, password=PIN)
    assert right.status_code == 201
    assert right.json().keys() == {"cardnumber", "patron_id", "userid"}
    assert valid(userid=right.json()["userid"], password=PIN).status_code == 201
    for body in ({"identifier": card, "password": "1"}, {"identifier": STRANGER, "password": PIN}):
        assert (valid(**body).status_code, valid(**body).json()) == (400, {"error": "Validation failed"})
    assert valid(identifier=card, password="").status_code == 400
    assert valid(identifier=card, userid=card, password=PIN).status_code == 400


def test_what_it_does_wrong(
    koha: KohaServer, found: Callable[[str], httpx.Response], patrons: dict[str, Patron]
) -> None:
    card, other = patrons["member 1"].card, patrons["member 2"].card
    for status in (401, 403, 500, 503):
        koha.behave(status=status)
        assert found(card).status_code == status
    koha.behave(garbage=b"<html>")
    assert found(card).content == b"<html>"
    koha.behave(redirect="http://elsewhere.example/")
    assert found(card).headers["Location"] == "http://elsewhere.example/"
    koha.behave(other_card=other)
    assert found(card).json()[0]["cardnumber"] == other
    koha.behave(without=frozenset({"expiry_date"}))
    assert "expiry_date" not in found(card).json()[0]
    koha.behave(delay_s=0.05)
    start_s = time.monotonic()
    found(card)
    assert time.monotonic() - start_s >= 0.05
    koha.behave(huge=1_000_000)
    assert len(found(card).content) == 1_000_000
    koha.behave(trickle_s=0.000_01)
    assert found(card).status_code == 200
    koha.behave(cut_after=40)
    with pytest.raises(httpx.RemoteProtocolError):
        found(card)
    koha.behave(status=500, times=1, on=frozenset({PATRONS}))
    assert [found(card).status_code for _ in range(2)] == [500, 200]
    assert koha.questions[TOKEN] == 1


def test_never_answers(koha: KohaServer, entered: httpx.Client) -> None:
    koha.behave(silent=True)
    with pytest.raises(httpx.ReadTimeout):
        entered.get("/api/v1/patrons?cardnumber=1", timeout=0.05)


def test_stops_and_starts_on_the_same_port(koha: KohaServer, entered: httpx.Client) -> None:
    koha.stop()
    with pytest.raises(httpx.TransportError):
        entered.get("/api/v1/patrons?cardnumber=1")
    koha.start()
    assert entered.get("/api/v1/patrons?cardnumber=1").status_code == 200


def test_tls(tmp_path: Path) -> None:
    certificate = make(tmp_path)
    with KohaServer(certificate=certificate) as server:
        server.start()
        context = ssl.create_default_context(cafile=certificate.ca_file)
        with httpx.Client(verify=context) as client:
            assert client.post(f"{server.url}/api/v1/oauth/token", data=FORM).status_code == 200
