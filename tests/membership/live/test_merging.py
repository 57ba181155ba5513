"""A live answer joined to what was imported."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from controller.core.membership import Membership, Status
from controller.membership.live.merging import SOME_DAY, merged
from controller.membership.lms.source import Said

NOW_US = 1_795_219_200_000_000
IMPORTED = Membership(
    Status.ACTIVE,
    date(2026, 1, 2),
    date(2026, 1, 3),
    date(2026, 12, 31),
    date(2026, 11, 30),
    "cleaner",
    date(2030, 1, 1),
    True,
    NOW_US - 1,
)
SAID = Said(Status.SUSPENDED, date(2027, 11, 30), "adult", date.min, None)
SILENT = Said(Status.ACTIVE, date(2027, 11, 30), None, None, None)


def test_what_the_system_says_comes_before_what_was_imported() -> None:
    assert merged(SAID, IMPORTED, NOW_US) == replace(
        IMPORTED,
        status=Status.SUSPENDED,
        expires=date(2027, 11, 30),
        category="adult",
        adult_on=date.min,
        as_of_us=NOW_US,
    )


def test_what_it_does_not_say_goes_on_holding() -> None:
    assert merged(SILENT, IMPORTED, NOW_US) == replace(IMPORTED, expires=date(2027, 11, 30), as_of_us=NOW_US)


@pytest.mark.parametrize("said", [SAID, SILENT])
def test_without_an_import_nobody_is_entitled_by_silence(said: Said) -> None:
    found = merged(said, None, NOW_US)
    assert not found.enrolled
    assert not found.guardian
    assert found.category == (said.category or "")


def test_a_system_that_says_no_is_believed_over_the_import() -> None:
    found = merged(replace(SAID, entitled=False), IMPORTED, NOW_US)
    assert (found.inducted_on, found.granted_from, found.granted_until) == (None, None, None)


def test_a_system_that_says_yes_entitles_by_itself() -> None:
    found = merged(replace(SAID, entitled=True), None, NOW_US)
    assert (found.inducted_on, found.granted_from, found.granted_until) == (SOME_DAY, SOME_DAY, None)


def test_a_system_that_says_yes_keeps_the_days_that_are_known_and_ends_the_end() -> None:
    found = merged(replace(SAID, entitled=True), IMPORTED, NOW_US)
    assert (found.inducted_on, found.granted_from) == (IMPORTED.inducted_on, IMPORTED.granted_from)
    assert found.granted_until is None
