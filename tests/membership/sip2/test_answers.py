"""Answers that are wrong in every way we could think of, and such as come late or never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from controller.core.card import CardNumber
from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.questions import Account, Manner
from controller.secrets.credentials import Secret

if TYPE_CHECKING:
    from conftest import Clock, Peer, System, Talk

    Make = Callable[..., Sip2Client]
    TroubleOf = Callable[[Sip2Client], Trouble]

TODAY = date(2026, 11, 22)
CARD, OTHER = CardNumber("20000000000017"), CardNumber("20000000000025")
LOGIN = Account("door", Secret("opensesame"), "branch", "example")


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
def test_what_is_not_forgiven(
    wrong: Callable[[Peer, str], None], system: System, client_of: Make, trouble: TroubleOf
) -> None:
    client = client_of(answers(wrong))
    assert trouble(client) is Trouble.GARBLED
    assert client.ask(OTHER, None, TODAY).fields.one("AA") == OTHER.reveal()
    assert system.connections == 2, "what is late must not be taken for the answer to the next question"


def test_an_endless_answer_is_not_read_for_ever(client_of: Make, trouble: TroubleOf) -> None:
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
    peer.silence()


def drip(peer: Peer, line: str) -> None:
    while not peer.gone(0.01):
        peer.say(b"6")


@pytest.mark.parametrize("wrong", [silence, drip])
def test_no_answer_in_time(
    wrong: Callable[[Peer, str], None], system: System, client_of: Make, clock: Clock, trouble: TroubleOf
) -> None:
    client = client_of(answers(wrong), timeout_s=0.3)
    begun_s = clock()
    assert trouble(client) is Trouble.TIMED_OUT
    assert 0.3 <= clock() - begun_s < 2
    assert client.ask(OTHER, None, TODAY).fields.one("AA") == OTHER.reveal()
    assert system.connections == 2


def test_a_system_that_says_nothing_at_all(client_of: Make, trouble: TroubleOf) -> None:
    assert trouble(client_of(lambda peer: peer.drain(), timeout_s=0.2)) is Trouble.TIMED_OUT


def test_a_late_answer_to_the_login_is_within_the_same_time(
    client_of: Make, clock: Clock, trouble: TroubleOf
) -> None:
    def talk(peer: Peer) -> None:
        line = peer.ordinary(until="99")
        clock.ahead_s += 10
        peer.say(peer.reply(line))
        peer.silence()

    assert trouble(client_of(talk, account=LOGIN)) is Trouble.TIMED_OUT


def test_the_end_of_a_session_takes_nobodys_time(system: System, client_of: Make) -> None:
    def talk(peer: Peer) -> None:
        peer.ordinary(until="35")
        peer.silence()

    client = client_of(talk, manner=Manner(end_session=True))
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert client.ask(CARD, None, TODAY).fields.one("BL") == "Y"
    assert system.connections == 2
