"""The client against a system that is in order, and one that is not in every way we could think of."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.codec import Unsendable, Wire
from controller.membership.sip2.connection import Endpoint
from controller.membership.sip2.questions import Account, Manner
from controller.secrets.credentials import Secret

if TYPE_CHECKING:
    from conftest import Clock, Peer, System, Talk

    Make = Callable[..., Sip2Client]

TODAY = date(2026, 11, 22)
CARD, OTHER = CardNumber("20000000000017"), CardNumber("20000000000025")
LOGIN = Account("door", Secret("opensesame"), "branch", "example")


def trouble(client: Sip2Client, card: CardNumber = CARD) -> Trouble:
    """What went wrong; the message says where, and nothing of the card."""
    with pytest.raises(LmsUnavailable) as error:
        client.ask(card, Pin("1397"), TODAY)
    for secret in (card.reveal(), "1397", "sesame"):
        assert secret not in str(error.value)
    assert "127.0.0.1:" in str(error.value)
    return error.value.trouble


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
    assert answer.fields.codes == ("AO", "AA", "BL", "PA")
    assert answer.fields.others == {"AE", "BE"}


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
    assert (status.online, status.timeout_s, status.retries, status.version) == (True, 10.0, 3, "2.00")


@pytest.mark.parametrize("number", ["12|34", "12\r34", "12\x0034", "1" * 4096, "\u0661\u0662", ""])
def test_a_hostile_card_number_never_reaches_the_wire(number: str, system: System, client_of: Make) -> None:
    client = client_of()
    client.check()
    with pytest.raises(Unsendable):
        client.ask(CardNumber(number), None, TODAY)
    assert system.codes == ["99", "99"]
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert system.connections == 1


# What may be wrong with an answer and is forgiven


def answers(*wrong: Callable[[Peer, str], None]) -> Talk:
    """In order, but for the answer to the first question about a patron, the second …"""

    def talk(peer: Peer) -> None:
        for one in wrong:
            line = peer.ordinary(until="63")
            if line:
                one(peer, line)
        peer.ordinary()

    return talk


def crlf(peer: Peer, line: str) -> None:
    peer.say(peer.reply(line) + b"\n")


def lf(peer: Peer, line: str) -> None:
    peer.say(peer.reply(line)[:-1] + b"\n")


def blank_lines(peer: Peer, line: str) -> None:
    peer.say(b"\r\n\r\n" + peer.reply(line))


def by_byte(peer: Peer, line: str) -> None:
    for byte in peer.reply(line):
        peer.say(bytes([byte]))


def spoiled(peer: Peer, line: str) -> None:
    reply = peer.reply(line)
    peer.say(reply.replace(b"20270101", b"20280101"))
    while (asked := peer.hear()) is not None:
        assert asked == "97AZFEF5"
        peer.say(reply)
        return


def spoiled_and_repeated_without_number(peer: Peer, line: str) -> None:
    reply = peer.reply(line)
    peer.say(reply.replace(b"20270101", b"20280101"))
    if peer.hear():
        text = reply[: reply.rindex(b"AY")] + b"AZ"
        peer.say(text + b"%04X\r" % (-sum(text) % 65536))


def spoiled_and_repeated_with_number_0(peer: Peer, line: str) -> None:
    reply = peer.reply(line)
    peer.say(reply.replace(b"20270101", b"20280101"))
    if peer.hear():
        text = reply[: reply.rindex(b"AY")] + b"AY0AZ"
        peer.say(text + b"%04X\r" % (-sum(text) % 65536))


def not_understood(peer: Peer, line: str) -> None:
    for answer in (b"96AZFEF6\r", b"96\r", b"96AZFEF6\r"):
        peer.say(answer)
        assert peer.hear() == line, "the same once more, number and all"
    peer.say(peer.reply(line))


FORGIVEN = [crlf, lf, blank_lines, by_byte, spoiled, not_understood]
FORGIVEN += [spoiled_and_repeated_without_number, spoiled_and_repeated_with_number_0]


@pytest.mark.parametrize("wrong", FORGIVEN)
def test_what_is_forgiven(wrong: Callable[[Peer, str], None], system: System, client_of: Make) -> None:
    client = client_of(answers(wrong, wrong))
    for card in (CARD, OTHER, CARD):
        answer = client.ask(card, None, TODAY)
        assert (answer.fields.one("AA"), answer.fields.one("PA")) == (card.reveal(), "20270101")
    assert system.connections == 1


# What is not forgiven: no answer, and the connection is closed


def cut(peer: Peer, line: str) -> None:
    peer.say(peer.reply(line)[:50])
    peer.end()


def always_spoiled(peer: Peer, line: str) -> None:
    reply = peer.reply(line).replace(b"20270101", b"20280101")
    for _ in range(4):
        peer.say(reply)
        if peer.hear() is None:
            return
    raise AssertionError("it was asked again more than three times")


def storm_of_96(peer: Peer, line: str) -> None:
    for _ in range(4):
        peer.say(b"96AZFEF6\r")
        if peer.hear() is None:
            return
    raise AssertionError("it was told more than three times again")


def no_checksum(peer: Peer, line: str) -> None:
    peer.say(peer.reply(line)[:-10] + b"\r")


def another_sequence(peer: Peer, line: str) -> None:
    other = line[:-7] + str((int(line[-7]) + 9) % 10) + line[-6:]
    peer.say(peer.reply(other))


def another_message(peer: Peer, line: str) -> None:
    peer.say(peer.reply("99" + line[2:]))


def ten_megabytes(peer: Peer, line: str) -> None:
    for _ in range(10_000):
        peer.say(b"64" + b"x" * 998)


def ten_megabytes_in_lines(peer: Peer, line: str) -> None:
    for _ in range(10_000):
        peer.say(b"x" * 999 + b"\r")


def nonsense(peer: Peer, line: str) -> None:
    peer.say(b"\x00\xff\xfe|\r")


WRONG = [cut, always_spoiled, storm_of_96, no_checksum, another_sequence, another_message, nonsense]
WRONG += [ten_megabytes, ten_megabytes_in_lines]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_forgiven(wrong: Callable[[Peer, str], None], system: System, client_of: Make) -> None:
    client = client_of(answers(wrong))
    assert trouble(client) is Trouble.GARBLED
    assert client.ask(OTHER, None, TODAY).fields.one("AA") == OTHER.reveal()
    assert system.connections == 2, "what is late must not be taken for the answer to the next question"


def test_an_endless_answer_is_not_read_for_ever(client_of: Make) -> None:
    def endless(peer: Peer, line: str) -> None:
        while not peer.gone(0):
            peer.say(b"x" * 1000)

    assert trouble(client_of(answers(endless))) is Trouble.GARBLED


def test_a_missing_checksum_is_told_with_what_to_set(client_of: Make) -> None:
    client = client_of(answers(no_checksum))
    with pytest.raises(LmsUnavailable, match=r"set lms\.sip2\.checksum = false"):
        client.ask(CARD, None, TODAY)


# Time


def silence(peer: Peer, line: str) -> None:
    assert peer.hear() is None, "the client was to hang up"


def drip(peer: Peer, line: str) -> None:
    while not peer.gone(0.01):
        peer.say(b"6")


@pytest.mark.parametrize("wrong", [silence, drip])
def test_no_answer_in_time(
    wrong: Callable[[Peer, str], None], system: System, client_of: Make, clock: Clock
) -> None:
    client = client_of(answers(wrong), timeout_s=0.3)
    begun_s = clock()
    assert trouble(client) is Trouble.TIMED_OUT
    assert 0.3 <= clock() - begun_s < 2
    assert client.ask(OTHER, None, TODAY).fields.one("AA") == OTHER.reveal()
    assert system.connections == 2


def test_a_system_that_says_nothing_at_all(client_of: Make) -> None:
    assert (
        trouble(client_of(lambda peer: silence(peer, peer.hear() or ""), timeout_s=0.2)) is Trouble.TIMED_OUT
    )


def test_a_late_answer_to_the_login_is_within_the_same_time(client_of: Make, clock: Clock) -> None:
    def talk(peer: Peer) -> None:
        line = peer.ordinary(until="99")
        clock.ahead_s += 10
        peer.say(peer.reply(line))
        silence(peer, "")

    assert trouble(client_of(talk, account=LOGIN)) is Trouble.TIMED_OUT


def test_the_end_of_a_session_takes_nobodys_time(system: System, client_of: Make) -> None:
    def talk(peer: Peer) -> None:
        silence(peer, peer.ordinary(until="35"))

    client = client_of(talk, manner=Manner(end_session=True))
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert system.connections == 2


# Connections


def test_nobody_listens(client_of: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert trouble(client_of(endpoint=Endpoint("127.0.0.1", port, tls=False))) is Trouble.UNREACHABLE


@pytest.mark.parametrize("host", ["lms.invalid", "a" * 70 + ".example", "a..example", ""])
def test_a_host_that_is_none(host: str, client_of: Make) -> None:
    client = client_of(endpoint=Endpoint(host, 1, tls=False))
    with pytest.raises(LmsUnavailable) as error:
        client.ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.UNREACHABLE


def test_the_login_is_refused(system: System, client_of: Make) -> None:
    def talk(peer: Peer) -> None:
        line = peer.hear()
        assert line is not None
        peer.say(peer.reply(line).replace(b"941", b"940").replace(b"FDFD", b"FDFE"))
        silence(peer, line)

    client = client_of(talk, account=LOGIN)
    assert trouble(client) is Trouble.LOGIN_REFUSED
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"


def test_the_system_hangs_up_at_the_login(client_of: Make) -> None:
    def talk(peer: Peer) -> None:
        peer.hear()

    assert trouble(client_of(talk, account=LOGIN)) is Trouble.LOGIN_REFUSED


def test_a_password_that_cannot_be_sent(system: System, client_of: Make) -> None:
    client = client_of(account=Account("door", Secret("a|b")))
    with pytest.raises(LmsUnavailable, match="CO") as error:
        client.ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.LOGIN_REFUSED
    assert "a|b" not in str(error.value)
    assert system.asked == []


def test_a_system_that_wants_a_login_and_gets_none(client_of: Make) -> None:
    def talk(peer: Peer) -> None:
        peer.hear()

    with pytest.raises(LmsUnavailable, match=r"lms\.sip2\.username") as error:
        client_of(talk).ask(CARD, None, TODAY)
    assert error.value.trouble is Trouble.UNREACHABLE


def offline(peer: Peer) -> None:
    while (line := peer.hear()) is not None:
        reply = peer.reply(line).replace(b"98Y", b"98N")
        text = reply[: reply.rindex(b"AZ") + 2]
        peer.say(text + b"%04X\r" % (-sum(text) % 65536))


def test_the_system_says_that_it_is_offline(system: System, client_of: Make) -> None:
    client = client_of(offline)
    assert trouble(client) is Trouble.OFFLINE
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert system.connections == 2


def one_question_only(peer: Peer) -> None:
    peer.say(peer.reply(peer.ordinary(until="63")))


def hangs_up_at_the_second(peer: Peer) -> None:
    one_question_only(peer)
    peer.hear()


@pytest.mark.parametrize("talk", [one_question_only, hangs_up_at_the_second])
def test_an_idle_connection_that_was_closed_is_opened_again(
    talk: Talk, system: System, client_of: Make
) -> None:
    client = client_of(talk, talk, talk, account=LOGIN)
    for card in (CARD, OTHER, CARD):
        assert client.ask(card, None, TODAY).fields.one("AA") == card.reveal()
    assert system.connections == 3


def test_a_new_connection_that_is_closed_is_not_opened_for_ever(system: System, client_of: Make) -> None:
    def talk(peer: Peer) -> None:
        peer.ordinary(until="63")

    assert trouble(client_of(talk, talk)) is Trouble.UNREACHABLE
    assert system.connections == 1


def test_what_nobody_asked_for_is_not_taken_for_an_answer(system: System, client_of: Make) -> None:
    def twice(peer: Peer, line: str) -> None:
        peer.say(peer.reply(line) * 2)

    def twice_and_a_half(peer: Peer, line: str) -> None:
        peer.say(peer.reply(line) + b"64")

    client = client_of(answers(twice), answers(twice_and_a_half), wire=Wire(checksum=False))
    for card in (CARD, OTHER, CARD):
        assert client.ask(card, None, TODAY).fields.one("AA") == card.reveal()
    assert system.connections == 3


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


@pytest.mark.parametrize("talk", [one_question_only, hangs_up_at_the_second])
def test_an_idle_connection_that_was_closed_is_no_trouble(
    talk: Talk, system: System, client_of: Make, clock: Clock
) -> None:
    client = client_of(talk)
    client.ask(CARD, None, TODAY)
    clock.ahead_s += 31
    client.keep_alive()
    client.keep_alive()
    assert system.connections == 1
    assert client.ask(OTHER, None, TODAY).fields.one("AA") == OTHER.reveal()


def test_a_system_that_went_offline_meanwhile(client_of: Make, clock: Clock) -> None:
    def talk(peer: Peer) -> None:
        one_question_only(peer)
        offline(peer)

    client = client_of(talk)
    client.ask(CARD, None, TODAY)
    clock.ahead_s += 31
    with pytest.raises(LmsUnavailable) as error:
        client.keep_alive()
    assert error.value.trouble is Trouble.OFFLINE
