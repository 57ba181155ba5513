"""Each dialect with each recorded answer, from the wire to the decision: only the valid card is let in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from controller.core.access import Granted, OpensUp, Reason, Refused, Situation
from controller.membership.lms.source import LmsUnusable
from controller.settings.lms import DialectName
from simulator.lms.dialect_page import AT_THE_DOOR, IMPORTED, NAMES, Outcome, markdown, outcome
from simulator.lms.recorded import Recorded, recorded_of

PAGE = Path(__file__).parents[3] / "docs" / "lms-dialects.md"
OF_AGE = replace(IMPORTED, adult_on=date.min)
WITHOUT_PINS = replace(AT_THE_DOOR, pin_needed=False)
KNOW_NO_LOST_CARD = ("symphony", "alma")
"""To these a card that was reported lost is unknown from then on."""
REASONS = {
    "expired": Reason.EXPIRED,
    "blocked": Reason.SUSPENDED,
    "lost": Reason.SUSPENDED,
    "wrong_pin": Reason.PIN_WRONG,
    "empty_pin": Reason.PIN_MISSING,
    "unknown": Reason.UNKNOWN_CARD,
    "under_age": Reason.UNDER_AGE,
}


def recorded(name: str, case: str) -> Recorded:
    return next(one for one in recorded_of(name) if one.case == case)


def reason(name: str, case: str) -> Reason:
    return Reason.UNKNOWN_CARD if case == "lost" and name in KNOW_NO_LOST_CARD else REASONS[case]


def admits(found: Outcome) -> bool:
    return isinstance(found, Granted | OpensUp)


def test_the_page_is_what_is_printed() -> None:
    assert PAGE.read_text().endswith(markdown()), "python -m simulator.lms.dialect_page"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("situation", [AT_THE_DOOR, WITHOUT_PINS], ids=["PINs", "no PINs"])
def test_the_valid_card_is_let_in(name: DialectName, situation: Situation) -> None:
    valid = recorded(name, "valid")
    # Alma sends no birth date: where there is a minimum age, its answer alone lets nobody in.
    assert admits(outcome(name, valid, situation=situation)) is (name != "alma")
    assert admits(outcome(name, valid, OF_AGE, situation))
    assert admits(outcome(name, valid, situation=replace(situation, minimum_age=False)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", REASONS)
def test_no_other_is(name: DialectName, case: str) -> None:
    found = outcome(name, recorded(name, case))
    assert isinstance(found, Refused)
    if name != "alma":
        assert found.reason is reason(name, case)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", [case for case in REASONS if case != "under_age"])
def test_nor_where_the_age_is_known_otherwise(name: DialectName, case: str) -> None:
    assert outcome(name, recorded(name, case), OF_AGE) == Refused(reason(name, case))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", ["expired", "blocked", "lost", "unknown"])
def test_nor_at_a_door_without_pins(name: DialectName, case: str) -> None:
    assert outcome(name, recorded(name, case), OF_AGE, WITHOUT_PINS) == Refused(reason(name, case))


@pytest.mark.parametrize("name", NAMES)
def test_of_what_is_odd_only_what_is_harmless_is_let_in(name: DialectName) -> None:
    odd = [one for one in recorded_of(name) if one.case == "odd"]
    assert odd
    harmless = {"hold privileges denied, nothing else", "fines above the limit set no flag"}
    assert {one.words for one in odd if admits(outcome(name, one))} <= harmless


@pytest.mark.parametrize("name", NAMES)
def test_without_its_expiry_date_a_valid_answer_does_not_count(name: DialectName) -> None:
    valid = recorded(name, "valid")
    for stands_for in ("{expires}", "{expires-iso}"):
        valid = replace(valid, template=valid.template.replace(stands_for, ""))
    found = outcome(name, valid, OF_AGE)
    assert isinstance(found, LmsUnusable)
    assert "expiry date" in str(found)
