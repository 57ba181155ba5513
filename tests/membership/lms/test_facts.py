"""A birth date becomes a day to come or none at all; a category stays a word; entitlement fails closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from controller.membership.lms.facts import ReadingRules, adult_on, category_word

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (date(2010, 11, 23), date(2026, 11, 23)),
        (date(2010, 11, 22), date.min),  # the birthday itself
        (date(1950, 1, 1), date.min),
        (date(2012, 2, 29), date(2028, 2, 29)),
        (date(2011, 3, 1), date(2027, 3, 1)),
        (date(2026, 11, 22), date(2042, 11, 22)),
        (date(2026, 11, 23), None),
        (date(9999, 12, 31), None),
        (date(1906, 1, 1), date.min),
        (date(1905, 12, 31), None),
        (date(1900, 1, 1), None),  # stands for "not known" in more systems than one
        (date(1, 1, 1), None),
    ],
)
def test_a_birth_date_becomes_the_day_of_the_birthday(born: date, expected: date | None) -> None:
    assert adult_on(born, 16, TODAY) == expected


def test_whoever_was_born_on_a_leap_day_is_of_age_on_1_march() -> None:
    assert adult_on(date(2012, 2, 29), 15, TODAY) == date(2027, 3, 1)
    assert adult_on(date(2012, 2, 29), 15, date(2027, 2, 28)) == date(2027, 3, 1)
    assert adult_on(date(2012, 2, 29), 15, date(2027, 3, 1)) == date.min


def test_nobody_is_of_age_a_day_early() -> None:
    for days in range(366 * 4):
        born = date(2008, 1, 1) + timedelta(days)
        on = adult_on(born, 16, born)
        assert on is not None
        assert (on.year - born.year, on.month, on.day) == (16, born.month, born.day)
        assert adult_on(born, 16, on - timedelta(1)) == on
        assert adult_on(born, 16, on) == date.min


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Adult", "Adult"),
        (" PT ", "PT"),
        ("Adult/Senior (65+)", "Adult-Senior -65-"),
        ("Jugend\u00fcber16", "Jugend-ber16"),
        ("x" * 60, "x" * 40),
        ("a|b\rc\x00d", "a-b-c-d"),
        ("", ""),
    ],
)
def test_a_category_is_a_plain_word(sent: str, expected: str) -> None:
    assert category_word(sent) == expected


@pytest.mark.parametrize(
    ("rules", "category", "values", "expected"),
    [
        (ReadingRules(16), "Adult", ["Y"], None),
        (ReadingRules(16, "category", frozenset({"Adult"})), "Adult", [], True),
        (ReadingRules(16, "category", frozenset({"Adult"})), " Adult ", [], True),
        (ReadingRules(16, "category", frozenset({"Adult"})), "adult", [], False),
        (ReadingRules(16, "category", frozenset({"Adult"})), None, ["Y"], False),
        (ReadingRules(16, "field", field="ZO", values=frozenset({"Y"})), "Adult", ["Y"], True),
        (ReadingRules(16, "field", field="ZO", values=frozenset({"Y"})), "Adult", [], False),
        (ReadingRules(16, "field", field="ZO", values=frozenset({"Y"})), "Adult", [""], False),
        (ReadingRules(16, "field", field="ZO", values=frozenset({"Y"})), "Adult", ["Y", "N"], False),
    ],
)
def test_entitlement_needs_a_plain_yes(
    rules: ReadingRules, category: str | None, values: list[str], expected: bool | None
) -> None:
    assert rules.entitled(category, values) is expected
