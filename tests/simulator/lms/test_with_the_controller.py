"""The controller asks the simulated systems: two codecs that share nothing, and neither is fooled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.core.pin import Pin
from controller.membership.lms.source import (
    LiveSource,
    LmsUnavailable,
    LmsUnusable,
    Said,
    Trouble,
    Unknown,
    WrongPin,
)
from controller.membership.systems import live_source
from controller.secrets import credentials
from controller.settings.load import load
from simulator.lms.koha_server import KohaServer
from simulator.lms.patrons import PIN, PRIVATE
from simulator.lms.recorded import DIALECTS
from simulator.lms.sip2_server import EVERYTHING, Sip2Server
from simulator.lms.system import Lms, System, lms_toml, patrons_of, system_of, write_secrets
from simulator.members import STRANGER, Member, card_number, cast
from simulator.settings import Layout, branch_toml

TODAY = datetime.now().astimezone().date()
RIGHT, WRONG = Pin(PIN), Pin("9999")
LOST = card_number(41)
QUICK = "timeout_s = 0.5"


@dataclass(frozen=True, slots=True)
class Asked:
    """A system and the controller's source for it."""

    system: System
    source: LiveSource
    members: dict[str, Member]

    def about(self, label: str, pin: Pin | None = RIGHT) -> object:
        return self.source.ask(CardNumber(self.members[label].card), pin, TODAY)

    def trouble(self, label: str = "member 1") -> Trouble:
        with pytest.raises(LmsUnavailable) as raised:
            self.about(label)
        return raised.value.trouble


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Lms], Asked]]:
    """Call it with what sort of system. One of each sort for all tests, found well and up."""
    made: dict[Lms, Asked] = {}

    def find(lms: Lms) -> Asked:
        if lms not in made:
            made[lms] = _asked(lms, tmp_path_factory.mktemp("lms"))
        made[lms].system.start()
        made[lms].system.behave()
        made[lms].system.forget()
        return made[lms]

    yield find
    for asked in made.values():
        asked.source.close()
        asked.system.wait_until_quiet()
        asked.system.close()


def _asked(lms: Lms, folder: Path) -> Asked:
    members = cast(TODAY)
    members["lost"] = Member("lost", LOST, members["member 1"].membership)
    members["stranger"] = Member("stranger", STRANGER, members["member 1"].membership)
    layout = Layout(folder, Path("/run/s"))
    system = system_of(lms, (), TODAY, layout.lms)
    known = {label: member for label, member in members.items() if label != "stranger"}
    for label, patron in zip(known, patrons_of(known.values(), TODAY), strict=True):
        system.patrons.add(replace(patron, lost=label == "lost"))
    layout.secrets.mkdir()
    write_secrets(system, layout.secrets)
    text = branch_toml(
        layout, broker=None, camera_url=None, pulse_s=2, held_open_s=30, segment_s=5, retention_days=14
    )
    layout.config.write_text(text + lms_toml(lms, system, layout.lms))
    settings = load(layout.config).lms
    assert settings is not None
    source = live_source(settings, lambda name: credentials.read(name, layout.secrets), time.monotonic)
    return Asked(system, source, members)


EACH = [*(Lms(dialect=dialect, settings=QUICK) for dialect in DIALECTS), Lms("koha", settings=QUICK)]
OVER = [Lms(settings=QUICK), Lms("koha", settings=QUICK)]
SIP2 = OVER[0]


def name_of(lms: Lms) -> str:
    return lms.dialect if lms.over == "sip2" else "rest"


@pytest.mark.parametrize("lms", EACH, ids=name_of)
def test_who_is_who(ask: Callable[[Lms], Asked], lms: Lms) -> None:
    asked = ask(lms)
    said = asked.about("member 1")
    assert isinstance(said, Said)
    assert (said.status, said.expires) == (Status.ACTIVE, TODAY + timedelta(days=365))
    assert said.adult_on in (date.min, None)
    assert said.entitled is True
    assert PRIVATE not in repr(said)
    expired = asked.about("expired")
    assert isinstance(expired, Said)
    assert expired.expires < TODAY
    for label in ("suspended", "lost"):
        barred = asked.about(label)  # of whom some systems say no more than that the card is not valid
        assert isinstance(barred, Unknown | WrongPin) or (
            isinstance(barred, Said) and barred.status is Status.SUSPENDED
        )
    young = asked.about("under age")
    assert isinstance(young, Said)
    # Some systems do not send a birth date.
    assert young.adult_on == (None if said.adult_on is None else TODAY + timedelta(days=365))
    unenrolled = asked.about("not enrolled")
    assert isinstance(unenrolled, Said)
    assert unenrolled.entitled is False
    assert asked.about("member 1", WRONG) == WrongPin()
    assert asked.about("stranger", None) == Unknown()


@pytest.mark.parametrize("lms", OVER, ids=name_of)
def test_troubles_of_any_system(ask: Callable[[Lms], Asked], lms: Lms) -> None:
    asked = ask(lms)
    assert isinstance(asked.about("member 1"), Said)
    asked.system.behave(silent=True)
    assert asked.trouble() is Trouble.TIMED_OUT
    for garbled in ({"cut_after": 30}, {"garbage": b"\x00<html>"}, {"huge": 10_000_000}):
        asked.system.behave(**garbled)
        assert asked.trouble() is Trouble.GARBLED
    asked.system.behave(other_card=asked.members["member 2"].card)
    with pytest.raises(LmsUnusable):
        asked.about("member 1")
    asked.system.stop()
    assert asked.trouble() is Trouble.UNREACHABLE
    asked.system.start()
    asked.system.behave()
    assert isinstance(asked.about("member 1"), Said)
    assert asked.system.open == 1


def test_troubles_of_sip2(ask: Callable[[Lms], Asked]) -> None:
    asked = ask(SIP2)
    for garbled in ({"wrong_checksum": True, "on": EVERYTHING}, {"resend": True}, {"other_sequence": True}):
        asked.system.behave(**garbled)
        assert asked.trouble() is Trouble.GARBLED
    asked.system.behave(login_refused=True, on=EVERYTHING)
    assert asked.trouble() is Trouble.LOGIN_REFUSED
    asked.system.behave(offline=True, on=EVERYTHING)
    assert asked.trouble() is Trouble.OFFLINE
    for once in ({"wrong_checksum": True}, {"resend": True}):
        asked.system.behave(**once, times=1)
        assert isinstance(asked.about("member 1"), Said)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_ways_of_a_system_that_are_no_trouble(ask: Callable[[Lms], Asked], end: bytes) -> None:
    asked = ask(SIP2)
    assert isinstance(asked.system, Sip2Server)
    before = asked.system.setup
    try:
        asked.system.setup = replace(
            before, terminator=end, version="2.0E", encoding="cp850", idle_close_s=0.01
        )
        for _ in range(2):
            assert isinstance(asked.about("member 1"), Said)
            asked.system.wait_until_quiet()
    finally:
        asked.system.setup = before


def test_troubles_of_koha(ask: Callable[[Lms], Asked]) -> None:
    asked = ask(OVER[1])
    assert isinstance(asked.system, KohaServer)
    for status, trouble in ((401, "login_refused"), (403, "login_refused"), (500, "offline")):
        asked.system.behave(status=status)
        assert asked.trouble() == trouble
    asked.system.behave(redirect="http://127.0.0.1:1/")
    assert asked.trouble() is Trouble.GARBLED
    asked.system.behave(without=frozenset({"expiry_date"}))
    with pytest.raises(LmsUnusable):
        asked.about("member 1")
    asked.system.behave()
    asked.system.revoke()
    assert isinstance(asked.about("member 1"), Said)


@pytest.mark.parametrize("lms", [replace(lms, tls=True) for lms in OVER], ids=name_of)
def test_over_tls(ask: Callable[[Lms], Asked], lms: Lms) -> None:
    assert isinstance(ask(lms).about("member 1"), Said)


@pytest.mark.parametrize("card", ["1|AA2", "1\r63", "1\0", "2" * 4096, "২২২২২২২২২২২২২২", ""])
@pytest.mark.parametrize("lms", OVER, ids=name_of)
def test_a_hostile_card_number_never_reaches_the_wire(
    ask: Callable[[Lms], Asked], lms: Lms, card: str
) -> None:
    asked = ask(lms)
    with pytest.raises(LmsUnusable):
        asked.source.ask(CardNumber(card), None, TODAY)
    assert asked.system.cards() == []
    if isinstance(asked.system, Sip2Server):
        assert not any(line.startswith((b"63", b"23")) for line in asked.system.received)


def test_nothing_is_asked_without_a_pin_that_could_be_taken_for_an_empty_one(
    ask: Callable[[Lms], Asked],
) -> None:
    asked = ask(SIP2)
    asked.about("member 1", None)
    assert isinstance(asked.system, Sip2Server)
    (question,) = [question for question in asked.system.asked if question.code == "63"]
    assert question.pin is None
