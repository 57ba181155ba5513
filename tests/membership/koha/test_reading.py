"""What of a patron's record in Koha counts: anything but a plain, complete one is no answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.membership.koha import reading
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import LmsUnusable, Said

TODAY = date(2026, 11, 22)
CARD = CardNumber("25891000331441")
BY_MEMBERSHIPS = ReadingRules(16)
BY_FIELD = ReadingRules(16, "field", field="UNLOCKED", values=frozenset({"Y"}))
EXPIRES = date(2027, 12, 31)


@pytest.fixture
def patron(koha: Any) -> dict[str, Any]:
    record: dict[str, Any] = koha.patron()
    return record


def test_a_plain_record_says_all_that_is_needed_and_no_more(patron: dict[str, Any]) -> None:
    said = reading.read(patron, BY_MEMBERSHIPS, TODAY)
    assert said == Said(Status.ACTIVE, EXPIRES, "PT", date.min, None)


@pytest.mark.parametrize(
    ("changes", "status", "expires"),
    [
        ({"restricted": True}, Status.SUSPENDED, EXPIRES),
        ({"patron_card_lost": True}, Status.SUSPENDED, EXPIRES),
        ({"patron_card_lost": False}, Status.ACTIVE, EXPIRES),
        ({"incorrect_address": True}, Status.SUSPENDED, EXPIRES),
        ({"anonymized": True}, Status.SUSPENDED, EXPIRES),
        # A flag that the date contradicts is believed; one that says the same adds nothing.
        ({"expired": True}, Status.SUSPENDED, EXPIRES),
        ({"expired": True, "expiry_date": "2026-11-21"}, Status.ACTIVE, date(2026, 11, 21)),
        (
            {"expired": True, "expiry_date": "2026-11-21", "restricted": True},
            Status.SUSPENDED,
            date(2026, 11, 21),
        ),
        ({"protected": True}, Status.ACTIVE, EXPIRES),
        ({"expiry_date": "9999-12-31"}, Status.ACTIVE, date.max),
    ],
)
def test_what_staff_set_on_a_record_suspends(
    patron: dict[str, Any], changes: dict[str, Any], status: Status, expires: date
) -> None:
    said = reading.read(patron | changes, BY_MEMBERSHIPS, TODAY)
    assert (said.status, said.expires) == (status, expires)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expiry_date": None}, "expiry_date"),
        ({"expiry_date": ""}, "expiry_date"),
        ({"expiry_date": "31/12/2027"}, "expiry_date"),
        ({"expiry_date": "20271231"}, "expiry_date"),
        ({"expiry_date": "2027-W01-1"}, "expiry_date"),
        ({"expiry_date": "2027-02-30"}, "expiry_date"),
        ({"expiry_date": "٢٠٢٧-١٢-٣١"}, "expiry_date"),
        ({"expiry_date": "2027-12-31T00:00:00Z"}, "expiry_date"),
        ({"expiry_date": 20271231}, "expiry_date"),
        ({"restricted": "true"}, "restricted"),
        ({"restricted": 0}, "restricted"),
        ({"patron_card_lost": "0"}, "patron_card_lost"),
        ({"incorrect_address": []}, "incorrect_address"),
        ({"expired": "no"}, "expired"),
        ({"category_id": 5}, "category_id"),
        ({"date_of_birth": "17.05.1980"}, "date_of_birth"),
    ],
)
def test_what_cannot_be_read_is_no_answer_and_repeats_nothing(
    patron: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(LmsUnusable, match=field) as caught:
        reading.read(patron | changes, BY_MEMBERSHIPS, TODAY)
    value = str(*changes.values())
    assert len(value) < 10 or value not in str(caught.value)


@pytest.mark.parametrize(
    "flag", ["restricted", "patron_card_lost", "incorrect_address", "expired", "anonymized"]
)
@pytest.mark.parametrize("odd", [{"expiry_date": None}, {"expiry_date": "31/12/2027"}, {"date_of_birth": 5}])
def test_a_refusal_counts_whatever_cannot_be_read_besides(
    patron: dict[str, Any], flag: str, odd: dict[str, Any]
) -> None:
    """Else the branch's older copy, which knows nothing of it, would go on opening the door."""
    said = reading.read(patron | odd | {flag: True}, BY_MEMBERSHIPS, TODAY)
    assert said.status is Status.SUSPENDED


@pytest.mark.parametrize("field", ["expiry_date", "restricted", "patron_card_lost", "incorrect_address"])
def test_what_is_not_there_is_never_made_up(patron: dict[str, Any], field: str) -> None:
    del patron[field]
    with pytest.raises(LmsUnusable, match=f"{field} is missing"):
        reading.read(patron, BY_MEMBERSHIPS, TODAY)


@pytest.mark.parametrize("field", ["expired", "anonymized", "category_id", "date_of_birth"])
def test_what_other_versions_leave_out_is_not_needed(patron: dict[str, Any], field: str) -> None:
    del patron[field]
    assert reading.read(patron, BY_MEMBERSHIPS, TODAY).status is Status.ACTIVE


@pytest.mark.parametrize(
    ("attributes", "entitled"),
    [
        ([{"type": "UNLOCKED", "value": "Y"}], True),
        ([{"type": "UNLOCKED", "value": "Y"}, {"type": "NOTE", "value": "N"}], True),
        ([{"type": "UNLOCKED", "value": "N"}], False),
        ([{"type": "UNLOCKED", "value": "Y"}, {"type": "UNLOCKED", "value": "N"}], False),
        ([{"type": "unlocked", "value": "Y"}], False),
        ([], False),
    ],
)
def test_an_attribute_can_say_who_is_entitled(
    patron: dict[str, Any], attributes: list[dict[str, str]], entitled: bool
) -> None:
    said = reading.read(patron | {"extended_attributes": attributes}, BY_FIELD, TODAY)
    assert said.entitled is entitled


@pytest.mark.parametrize("attributes", [None, {}, "UNLOCKED=Y", [None], [{"type": "UNLOCKED", "value": 1}]])
def test_attributes_that_cannot_be_read_are_no_answer(patron: dict[str, Any], attributes: Any) -> None:
    with pytest.raises(LmsUnusable, match="extended_attributes"):
        reading.read(patron | {"extended_attributes": attributes}, BY_FIELD, TODAY)


def test_one_record_with_just_this_card_is_wanted(patron: dict[str, Any]) -> None:
    assert reading.only([], CARD) is None
    assert reading.only([patron], CARD) is patron
    for other in (
        [patron, patron],
        [patron | {"cardnumber": "25891000331458"}],
        [patron | {"cardnumber": CARD.reveal() + "1"}],
        [patron | {"cardnumber": int(CARD.reveal())}],
        [patron | {"cardnumber": None}],
        [{}],
        [None],
        {},
        None,
        "[]",
    ):
        with pytest.raises(LmsUnusable) as caught:
            reading.only(other, CARD)
        assert "2589" not in str(caught.value)


def test_small_letters_of_a_card_are_capitals(patron: dict[str, Any]) -> None:
    assert reading.only([patron | {"cardnumber": "ab12"}], CardNumber("AB12"))
