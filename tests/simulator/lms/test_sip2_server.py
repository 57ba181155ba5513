"""The simulated SIP2 server does what real ones do. What it does wrong is in ``test_sip2_faults``."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pysip2 import (
    ACSStatusResponse,
    EndPatronSessionRequest,
    EndSessionResponse,
    LoginRequest,
    LoginResponse,
    PatronInformationResponse,
    PatronStatusResponse,
    SCStatusRequest,
    decode_as,
    encode_message,
)

from simulator.lms.certificate import make
from simulator.lms.patrons import PIN, PRIVATE, Patron
from simulator.lms.recorded import DIALECTS
from simulator.lms.sip2_server import Setup, Sip2Server
from simulator.members import STRANGER

if TYPE_CHECKING:
    from conftest import Wire

STATUS = SCStatusRequest(status_code="0", max_print_width="040", protocol_version="2.00")
DATED = "20261122    120000"


def flags(answer: str) -> set[int]:
    return {place for place, flag in enumerate(answer[2:16]) if flag == "Y"}


def test_another_implementation_reads_every_answer(wire: Wire, patrons: dict[str, Patron]) -> None:
    """Byte by byte: pysip2 refuses what has a field of the wrong length or a checksum that is wrong."""
    login = LoginRequest(
        uid_algorithm="0", pwd_algorithm="0", login_user_id="a", login_password="b", location_code="c"
    )
    answer = wire.ask(encode_message(login, sequence_number=3, checksum=True).rstrip(b"\r"))
    assert decode_as(answer, LoginResponse).sequence_number == 3
    status = wire.ask(encode_message(STATUS, sequence_number=4, checksum=True).rstrip(b"\r"))
    decoded = decode_as(status, ACSStatusResponse)
    assert decoded.checksum is not None
    assert (decoded.message.online_status, decoded.message.protocol_version) == ("Y", "2.00")
    card = patrons["member 1"].card
    wire.ask_about(card, PIN)
    information = decode_as(wire.line(), PatronInformationResponse, encoding="utf-8").message
    assert (information.patron_identifier, information.valid_patron) == (card, "Y")
    assert information.valid_patron_password == "Y"
    wire.ask_about(card, PIN, code="23")
    short = decode_as(wire.line(), PatronStatusResponse, encoding="utf-8").message
    assert (short.patron_identifier, short.valid_patron) == (card, "Y")
    end = EndPatronSessionRequest(transaction_date=DATED, institution_id="i", patron_identifier=card)
    ended = wire.ask(encode_message(end, sequence_number=5, checksum=True).rstrip(b"\r"))
    assert decode_as(ended, EndSessionResponse).message.patron_identifier == card


@pytest.mark.parametrize("code", ["23", "63"])
def test_fields_begin_where_the_standard_says(wire: Wire, patrons: dict[str, Patron], code: str) -> None:
    answer = wire.about(patrons["member 1"].card, code=code)
    assert answer[{"23": 37, "63": 61}[code] :].startswith("AO")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_each_pin_gets(
    make_server: Callable[..., Sip2Server],
    connect: Callable[[Sip2Server], Wire],
    patrons: dict[str, Patron],
    dialect: str,
) -> None:
    """Some systems have said yes to an empty one, and some to none."""
    wire, card = connect(make_server(setup=Setup(dialect))), patrons["member 1"].card
    without = {"polaris": "|CQY|", "spydus": "|CQY|", "symphony": "|CQN|"}.get(dialect)
    assert (without in wire.about(card)) if without else ("|CQ" not in wire.about(card))
    assert "|CQY|" in wire.about(card, PIN)
    assert "|CQN|" in wire.about(card, "9999")
    assert ("|CQY|" in wire.about(card, "")) is (dialect in {"koha", "polaris", "spydus"})
    assert "|BLN|" in wire.about(STRANGER)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_one_that_another_implementation_reads(
    make_server: Callable[..., Sip2Server],
    connect: Callable[[Sip2Server], Wire],
    patrons: dict[str, Patron],
    dialect: str,
) -> None:
    wire = connect(make_server(setup=Setup(dialect)))
    for card in [*(patron.card for patron in patrons.values()), STRANGER]:
        wire.ask_about(card, PIN)
        assert decode_as(wire.line(), PatronInformationResponse, encoding="utf-8")


def test_what_is_the_matter_shows(server: Sip2Server, wire: Wire, patrons: dict[str, Patron]) -> None:
    found = {label: flags(wire.about(patron.card)) for label, patron in patrons.items()}
    assert found["member 1"] == found["under age"] == set()
    assert found["expired"] == found["suspended"] == {0, 1, 2, 3}
    assert found["lost"] == {0, 1, 2, 3, 4}
    assert f"|PA{patrons['expired'].expires.isoformat()}|" in wire.about(patrons["expired"].card)
    assert f"|PB{patrons['under age'].born:%Y%m%d}|" in wire.about(patrons["under age"].card)
    assert "|PCconcession|" in wire.about(patrons["member 2"].card)


def test_where_the_dialects_differ(server: Sip2Server, wire: Wire, patrons: dict[str, Patron]) -> None:
    """Switched while it runs, on one connection."""
    card = patrons["member 1"].card
    server.setup = Setup("polaris")
    polaris = wire.about(card)
    assert all(code in polaris for code in ("|PX", "|BC", "|PA1|"))
    server.setup = Setup("alma")
    assert "|PB" not in wire.about(card)
    server.setup = Setup("evergreen")
    assert flags(wire.about(card)) == {2}
    assert "|BLY|" in wire.about(patrons["expired"].card)
    server.setup = Setup("koha", renamed={"PA": "ZE", "PB": ""})
    koha = wire.about(card)
    assert "|ZE" in koha
    assert "|PB" not in koha


@pytest.mark.parametrize("dialect", DIALECTS)
def test_personal_data_that_nobody_needs_comes_with_it(
    make_server: Callable[..., Sip2Server],
    connect: Callable[[Sip2Server], Wire],
    patrons: dict[str, Patron],
    dialect: str,
) -> None:
    assert PRIVATE in connect(make_server(setup=Setup(dialect))).about(patrons["member 1"].card)


def test_people_join_and_leave_while_it_runs(
    server: Sip2Server, wire: Wire, patrons: dict[str, Patron]
) -> None:
    newcomer = replace(patrons["member 1"], card=STRANGER)
    assert "|BLN|" in wire.about(STRANGER)
    server.patrons.add(newcomer)
    assert "|BLY|" in wire.about(STRANGER)
    server.patrons.remove(STRANGER)
    assert "|BLN|" in wire.about(STRANGER)


def test_closes_on_a_question_before_the_login(
    make_server: Callable[..., Sip2Server], connect: Callable[[Sip2Server], Wire]
) -> None:
    server = make_server(setup=Setup(username="door", password="secret"))
    impatient = connect(server)
    impatient.ask_about(STRANGER)
    assert impatient.closed()
    wrong = connect(server)
    assert wrong.ask(b"9300CNdoor|COwrong|") == b"940\r"
    assert wrong.closed()
    right = connect(server)
    assert right.ask(b"9300CNdoor|COsecret|") == b"941\r"
    assert "|BLN|" in right.about(STRANGER)


def test_asks_for_a_garbled_question_again_and_repeats_its_answer(wire: Wire) -> None:
    assert wire.ask(b"9300CNa|COb|AY1AZ0000") == b"96AZFEF6\r"
    assert wire.ask(b"97AZFEF5") == b"96AZFEF6\r"
    assert wire.ask(b"09N20261122") == b"96\r"
    assert wire.ask(encode_message(STATUS, sequence_number=8, checksum=True)[:-1])[:2] == b"98"
    first = wire.ask(encode_message(STATUS, sequence_number=9, checksum=True)[:-1])
    again = wire.ask(b"97AZFEF5")
    assert again[:-9] == first[:-9]
    assert decode_as(again, ACSStatusResponse).sequence_number == 0
    assert wire.ask(encode_message(STATUS)[:-1]).count(b"AZ") == 0


def test_closes_what_idles(
    make_server: Callable[..., Sip2Server], connect: Callable[[Sip2Server], Wire]
) -> None:
    server = make_server(setup=Setup(idle_close_s=0.05))
    wire = connect(server)
    assert wire.closed()
    server.wait_until_quiet()
    assert Setup().idle_close_s == 60


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "latin-1"])
def test_ends_and_encodings(
    make_server: Callable[..., Sip2Server],
    connect: Callable[[Sip2Server], Wire],
    patrons: dict[str, Patron],
    end: bytes,
    encoding: str,
) -> None:
    wire = connect(make_server(setup=Setup(encoding=encoding, terminator=end)))
    wire.ask_about(patrons["member 1"].card)
    answer = b""
    while not answer.endswith(end):
        answer += wire.socket.recv(4096)
    assert "Näme".encode(encoding) in answer


def test_counts_what_is_asked_and_who_is_there(
    server: Sip2Server, connect: Callable[[Sip2Server], Wire], patrons: dict[str, Patron]
) -> None:
    one, other = connect(server), connect(server)
    one.about(STRANGER)
    other.about(patrons["member 1"].card, code="23")
    assert (server.connections, server.open) == (2, 2)
    assert server.questions == {"63": 1, "23": 1}
    assert server.cards() == [STRANGER, patrons["member 1"].card]
    assert any(STRANGER.encode() in line for line in server.received)
    one.socket.close()
    other.socket.close()
    server.wait_until_quiet()
    server.forget()
    assert not server.questions


def test_tls(
    make_server: Callable[..., Sip2Server], connect: Callable[[Sip2Server], Wire], tmp_path: Path
) -> None:
    certificate, stranger = make(tmp_path / "one"), make(tmp_path / "two")
    wire = connect(make_server(certificate=certificate))
    context = ssl.create_default_context(cafile=certificate.ca_file)
    with context.wrap_socket(wire.socket, server_hostname="127.0.0.1") as secured:
        secured.sendall(encode_message(STATUS))
        assert secured.recv(4096).startswith(b"98Y")
    distrusting = connect(make_server(certificate=certificate))
    context = ssl.create_default_context(cafile=stranger.ca_file)
    with pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(distrusting.socket, server_hostname="127.0.0.1")
