"""Hostile records of Koha: nothing escapes, and what is said of a member stands in the bytes."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.membership.koha.reading import REFUSING, BadJson, only, parse, read
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import JUST_REFUSED, LmsUnusable, Said

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

CARD = CardNumber("20000000000017")
TODAY = date(2026, 11, 22)
RULES = ReadingRules(16, "field", field="UNLOCKED", values=frozenset({"Y"}))
RECORD: dict[str, object] = {
    "cardnumber": "20000000000017",
    "surname": "An Example",
    "date_of_birth": "1990-02-28",
    "category_id": "PT",
    "expiry_date": "2027-01-01",
    "incorrect_address": None,
    "patron_card_lost": False,
    "restricted": False,
    "extended_attributes": [{"type": "UNLOCKED", "value": "Y"}],
}
SEEDS = [
    json.dumps([record]).encode()
    for record in (RECORD, RECORD | {"restricted": True}, RECORD | {"expired": True, "anonymized": False})
]
PIECES = [
    b"null",
    b"true",
    b"false",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b",",
    b":",
    b'"restricted":true,',
    b"\\u0000",
    b"\xff",
]


def test_a_record_is_refused_or_says_what_stands_in_it(hostile: Hostile) -> None:
    said = 0
    for document in hostile.documents(SEEDS, PIECES):
        try:
            patron = only(parse(document), CARD)
            if patron is None:
                continue
            found = read(patron, RULES, TODAY)
        except (BadJson, LmsUnusable) as error:
            told = str(error)
        else:
            said += 1
            holds(found, document)
            continue
        assert len(told) < 200
        assert "2000" not in told
    assert said or hostile.kind == "random"


def holds(found: Said, document: bytes) -> None:
    # Escapes are another way to write a letter.
    text = document.decode("utf-8", "replace") if b"\\u" not in document else None
    if text is None:
        return
    assert CARD.reveal() in text
    if found == JUST_REFUSED:
        assert "true" in text
        return
    assert found.expires.isoformat() in text
    if found.status is Status.ACTIVE:
        assert all(f'"{name}"' in text for name in REFUSING)
    if found.entitled:
        assert '"UNLOCKED"' in text
        assert '"Y"' in text
