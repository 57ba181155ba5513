"""The client against a system that is in order, and one that is not in every way we could think of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.codec import Unsendable, Wire
from controller.membership.sip2.questions import Account, Manner
from controller.secrets.credentials import Secret

if TYPE_CHECKING:
    from conftest import Clock, Peer, System

    Make = Callable[..., Sip2Client]
    TroubleOf = Callable[[Sip2Client], Trouble]

TODAY = date(2026, 11, 22)
CARD, OTHER = CardNumber("20000000000017"), CardNumber("20000000000025")
LOGIN = Account("door", Secret("opensesame"), "branch", "example")


# What is asked


def test_login_status_and_question_over_one_connection(system: System, client_of: Make) -> None:
    client = client_of(account=LOGIN)
    for card in (CARD, OTHER, CARD):
        answer = client.ask(card, None, TODAY)
        assert (answer.code, answer.fields.one("AA"), answer.fields.one("BL")) == ("64", card.reveal(), "Y")
    assert system.connections == 1
    assert system.asked[0] == "9300CNdoor|COopensesame|CPbranch|"
    assert system.asked[1] == "9900802.00"
    assert system.asked[2] == "6300120261122    000000          AOexample|AA20000000000017|"
    assert system.codes == ["93", "99", "63", "63", "63"]


def test_a_pin_is_in_the_question_and_no_pin_is_not(system: System, client_of: Make) -> None:
    client = client_of(account=Account(terminal_password=Secret("tp")))
    client.ask(CARD, Pin("1397"), TODAY)
    client.ask(CARD, None, TODAY)
    assert system.asked[-2].endswith("AO|AA20000000000017|ACtp|AD1397|")
    assert system.asked[-1].endswith("AO|AA20000000000017|ACtp|")
    client.try_empty_pin(CARD, TODAY)
    assert system.asked[-1].endswith("AO|AA20000000000017|ACtp|AD|")


def test_patron_status_where_the_system_wants_that(system: System, client_of: Make) -> None:
    client = client_of(manner=Manner("23", language="002", end_session=True))
    answer = client.ask(CARD, None, TODAY)
    assert (answer.code, answer.fields.one("BL")) == ("24", "Y")
    assert system.asked[1] == "2300220261122    000000AO|AA20000000000017|AC|"
    assert system.asked[2] == "3520261122    000000AO|AA20000000000017|"


def test_nothing_personal_is_kept(client_of: Make) -> None:
    answer = client_of().ask(CARD, None, TODAY)
    assert answer.fields.codes == ("AA", "BL", "PA")
    assert answer.fields.others == {"AE", "AO", "BE"}


def test_without_checksums(system: System, client_of: Make) -> None:
    client = client_of(wire=Wire(checksum=False, terminator="crlf"))
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert system.asked[-1].endswith("AA20000000000017|"), "the line had no more to it"


def test_sequence_numbers_go_round(system: System, client_of: Make) -> None:
    seen = []

    def talk(peer: Peer) -> None:
        while (line := peer.hear()) is not None:
            seen.append(line[-7])
            peer.say(peer.reply(line))

    client = client_of(talk)
    for _ in range(11):
        client.ask(CARD, None, TODAY)
    assert "".join(seen) == "012345678901"


def test_the_system_says_how_it_is(client_of: Make) -> None:
    status = client_of().check()
    assert (status.online, status.version) == (True, "2.00")


@pytest.mark.parametrize("number", ["12|34", "12\r34", "12\x0034", "1" * 4096, "\u0661\u0662", ""])
def test_a_hostile_card_number_never_reaches_the_wire(number: str, system: System, client_of: Make) -> None:
    client = client_of()
    client.check()
    with pytest.raises(Unsendable):
        client.ask(CardNumber(number), None, TODAY)
    assert system.codes == ["99", "99"]
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert system.connections == 1


# Keeping alive


def test_a_quiet_connection_is_used(system: System, client_of: Make, clock: Clock) -> None:
    client = client_of()
    client.keep_alive()
    assert system.connections == 0, "it makes none"
    client.ask(CARD, None, TODAY)
    for ahead_s, asked in ((29, 0), (2, 1), (0, 1), (29, 1), (2, 2)):
        clock.ahead_s += ahead_s
        client.keep_alive()
        assert system.codes == ["99", "63"] + ["99"] * asked
    client.ask(CARD, None, TODAY)
    assert system.connections == 1


def test_nothing_is_kept_alive_where_that_is_not_wanted(
    system: System, client_of: Make, clock: Clock
) -> None:
    client = client_of(keep_alive_s=0)
    client.ask(CARD, None, TODAY)
    clock.ahead_s += 10_000
    client.keep_alive()
    assert system.codes == ["99", "63"]


@pytest.mark.parametrize("when", ["while idle", "at the next"])
def test_an_idle_connection_that_was_closed_is_no_trouble(
    when: str, system: System, client_of: Make, clock: Clock
) -> None:
    def talk(peer: Peer) -> None:
        peer.one_question()
        if when == "at the next":
            peer.hear()

    client = client_of(talk)
    client.ask(CARD, None, TODAY)
    clock.ahead_s += 31
    client.keep_alive()
    client.keep_alive()
    assert system.connections == 1
    assert client.ask(OTHER, None, TODAY).fields.one("AA") == OTHER.reveal()


def test_a_system_that_went_offline_meanwhile(client_of: Make, clock: Clock) -> None:
    def talk(peer: Peer) -> None:
        peer.one_question()
        peer.offline()

    client = client_of(talk)
    client.ask(CARD, None, TODAY)
    clock.ahead_s += 31
    with pytest.raises(LmsUnavailable) as error:
        client.keep_alive()
    assert error.value.trouble is Trouble.OFFLINE
