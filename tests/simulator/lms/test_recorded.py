"""The recorded answers can be decoded, are about nobody, and have what clients stumble over."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from controller.membership.sip2.codec import FIXED, Wire, decode, patron_answer
from controller.settings.lms import DialectName
from simulator.lms.recorded import CASES, DIALECTS, Recorded, line, recorded_of
from simulator.members import INSTITUTION, card_number

TODAY = date(2026, 11, 22)
CARD = card_number(1)
PERSONAL = ("BD", "BE", "BF", "PZ", "PS")
EVERY = [(name, recorded) for name in DIALECTS for recorded in recorded_of(name)]


def one(dialect: str, case: str, pin_sent: bool = True) -> str:
    (found,) = (recorded for recorded in recorded_of(dialect) if recorded.case == case)
    return found.body(CARD, TODAY, pin_sent)


def test_there_are_those_of_every_dialect() -> None:
    assert get_args(DialectName) == DIALECTS
    for name in DIALECTS:
        assert [recorded.case for recorded in recorded_of(name)][: len(CASES)] == list(CASES)


@pytest.mark.parametrize(
    ("name", "recorded"), EVERY, ids=[f"{name}: {recorded.words}" for name, recorded in EVERY]
)
@pytest.mark.parametrize("pin_sent", [True, False])
def test_each_is_whole_and_about_nobody(name: str, recorded: Recorded, pin_sent: bool) -> None:
    body = recorded.body(CARD, TODAY, pin_sent)
    assert "{" not in body
    assert body.endswith("|")
    fields = body[2 + FIXED["64"] :].split("|")
    assert next(field for field in fields if field[:2] == "AE")[2:].strip(" -,") in ("", "No Name")
    assert not [field for field in fields if field[:2] in PERSONAL and field[2:]]
    assert all(field[2:6] == "2" + INSTITUTION[:3] for field in fields if field[:2] == "AA")
    received = decode(line(body, 3).rstrip(b"\r"), Wire(), {"AA", "BL"})
    assert received.sequence == 3
    assert patron_answer(received.message).fields.one("BL") is not None


def test_what_stands_for_the_days_is_filled_in() -> None:
    assert "|PA20271122|PB19860115|" in one("evergreen", "valid")
    assert "|PA20261022|" in one("evergreen", "expired")
    assert "|PB20160115|" in one("evergreen", "under_age")
    assert "|PA2027-11-22|" in one("koha", "valid")


def test_without_a_pin_each_says_what_its_system_says() -> None:
    assert "|CQY|" in one("koha", "valid")
    assert "|CQ" not in one("koha", "valid", pin_sent=False)
    assert "|CQY|" in one("polaris", "valid", pin_sent=False)


def test_simpler_readings_would_let_in_whom_they_should_not() -> None:
    """Otherwise a dialect that reads these rightly would prove nothing."""
    assert "|BLY|" in one("evergreen", "expired")  # a valid card is one that exists
    assert "|BLY|" in one("sierra", "wrong_pin")
    assert "|BLY|" in one("polaris", "wrong_pin")
    assert "|CQY|" in one("polaris", "empty_pin")
    assert "|CQY|" in one("spydus", "empty_pin")
    assert "|CQ" not in one("tlc", "unknown")  # not an N either
    assert "|PA1|" in one("polaris", "valid")  # no date there
    assert "Y" in one("evergreen", "valid")[2:16]  # a flag is no block
    assert "|PB" not in one("alma", "under_age")
