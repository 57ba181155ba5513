"""What counts as a positive answer, rule by rule; whatever is missing or odd never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import Answer, LmsUnusable, Said, Unknown, WrongPin
from controller.membership.sip2.codec import Fields, PatronAnswer
from controller.membership.sip2.dialect import Block, Dialect, dialect_of
from controller.membership.sip2.reading import kept, read

TODAY = date(2026, 11, 22)
CARD = "29999000000013"
RULES = ReadingRules(of_age_years=16)
EVERGREEN = dialect_of("evergreen")
GOOD = (("AA", CARD), ("BL", "Y"), ("CQ", "Y"), ("PA", "20270331"), ("PB", "19700101"), ("PC", "Adult"))
SAID = Said(Status.ACTIVE, date(2027, 3, 31), "Adult", date.min, None)


def answer(
    *changes: tuple[str, str | None], flags: frozenset[int] = frozenset(), code: Literal["24", "64"] = "64"
) -> PatronAnswer:
    """GOOD with these fields instead; None: left out."""
    changed = dict(changes)
    pairs = [(name, value) for name, value in GOOD if name not in changed]
    pairs += [(name, value) for name, value in changes if value is not None]
    return PatronAnswer(code, tuple(flag in flags for flag in range(14)), Fields(pairs))


def asked(
    given: PatronAnswer, pin: bool = True, rules: ReadingRules = RULES, dialect: Dialect = EVERGREEN
) -> Answer:
    return read(dialect, given, CardNumber(CARD), pin, rules, TODAY)


@pytest.mark.parametrize("pin", [True, False])
def test_a_complete_answer_counts(pin: bool) -> None:
    assert asked(answer(), pin) == SAID


@pytest.mark.parametrize(
    ("valid", "right", "with_pin", "without"),
    [
        ("Y", "Y", Said, Said),
        ("Y", "N", WrongPin, Said),
        ("Y", None, LmsUnusable, Said),
        ("Y", "", LmsUnusable, Said),
        ("Y", "y", LmsUnusable, Said),
        ("Y", "YES", LmsUnusable, Said),
        ("N", "Y", Unknown, Unknown),
        ("N", "N", WrongPin, Unknown),
        ("N", None, Unknown, Unknown),
        ("N", "", Unknown, Unknown),
        (None, "Y", LmsUnusable, LmsUnusable),
        (None, "N", WrongPin, LmsUnusable),
        (None, None, LmsUnusable, LmsUnusable),
        ("", "Y", LmsUnusable, LmsUnusable),
        ("y", "Y", LmsUnusable, LmsUnusable),
        ("1", "Y", LmsUnusable, LmsUnusable),
        ("YBV7.00", "Y", LmsUnusable, LmsUnusable),
    ],
)
def test_only_a_plain_yes_is_one(valid: str | None, right: str | None, with_pin: type, without: type) -> None:
    for pin, expected in ((True, with_pin), (False, without)):
        given = answer(("BL", valid), ("CQ", right))
        if expected is LmsUnusable:
            with pytest.raises(LmsUnusable, match="BL" if valid not in ("Y", "N") else "CQ"):
                asked(given, pin)
        else:
            assert type(asked(given, pin)) is expected


@pytest.mark.parametrize("pin", [True, False])
@pytest.mark.parametrize(
    "other", ["29999000000021", "", None, CARD[:-1], "0" + CARD, "x", "\uff129999000000013"]
)
@pytest.mark.parametrize("valid", ["Y", "N"])
def test_an_answer_about_another_card_never_counts(other: str | None, valid: str, pin: bool) -> None:
    with pytest.raises(LmsUnusable, match=r"another card .* \(AA\)"):
        asked(answer(("AA", other), ("BL", valid)), pin)


def test_blanks_and_small_letters_are_the_same_card() -> None:
    given = answer(("AA", " ab12 "))
    assert read(EVERGREEN, given, CardNumber("AB12"), True, RULES, TODAY) == SAID


def test_a_letter_that_becomes_others_as_a_capital_is_another_card() -> None:
    with pytest.raises(LmsUnusable, match="another card"):
        read(EVERGREEN, answer(("AA", "12\u00df")), CardNumber("12SS"), True, RULES, TODAY)


@pytest.mark.parametrize("written", [None, "", "  ", "NEVER", "20271301", "2027-03-31", "00000000"])
def test_without_an_expiry_date_nothing_counts(written: str | None) -> None:
    with pytest.raises(LmsUnusable, match=r"expiry date .*\(PA\)") as caught:
        asked(answer(("PA", written)))
    if written and written.strip():
        assert written not in str(caught.value)
        assert "written in another way" in str(caught.value)
    else:
        assert "no expiry date" in str(caught.value)


@pytest.mark.parametrize("written", [None, "", "NEVER"])
def test_a_refusal_counts_without_an_expiry_date(written: str | None) -> None:
    """Else the branch's older copy, which knows nothing of it, would go on opening the door."""
    flag = min(EVERGREEN.refusing_flags)
    said = asked(answer(("PA", written), flags=frozenset({flag})))
    assert isinstance(said, Said)
    assert said.status is Status.SUSPENDED


def test_an_expiry_date_in_the_past_stays_as_it_is() -> None:
    said = asked(answer(("PA", "20261121")))
    assert said == replace(SAID, expires=date(2026, 11, 21))


@pytest.mark.parametrize("code", ["AA", "BL", "CQ", "PA", "PB", "PC"])
def test_fields_that_contradict_each_other_never_count(code: str) -> None:
    given = PatronAnswer("64", (False,) * 14, Fields((*GOOD, (code, "Z"))))
    with pytest.raises(LmsUnusable, match=code):
        asked(given)


def test_a_field_that_says_the_same_twice_counts_once() -> None:
    assert asked(PatronAnswer("64", (False,) * 14, Fields((*GOOD, *GOOD)))) == SAID


@given(st.frozensets(st.integers(0, 13)), st.frozensets(st.integers(0, 13)))
def test_a_flag_refuses_if_the_dialect_says_so(flags: frozenset[int], refusing: frozenset[int]) -> None:
    said = asked(answer(flags=flags), dialect=replace(EVERGREEN, refusing_flags=refusing))
    assert said == replace(SAID, status=Status.SUSPENDED if flags & refusing else Status.ACTIVE)


@pytest.mark.parametrize(
    ("flags", "expires", "status"),
    [
        ({0, 1, 2, 3}, "20261121", Status.ACTIVE),
        (
            {0, 1, 2, 3},
            "20261122",
            Status.SUSPENDED,
        ),  # its last day is not over: the flags say something else
        ({0, 4}, "20261121", Status.SUSPENDED),
        ({10}, "20261121", Status.ACTIVE),
    ],
)
def test_flags_that_an_expired_card_has_anyway_say_nothing_more(
    flags: set[int], expires: str, status: Status
) -> None:
    said = asked(answer(("PA", expires), flags=frozenset(flags)))
    assert isinstance(said, Said)
    assert said.status is status


@pytest.mark.parametrize("text", ["barred", " Barred ", "BARRED"])
def test_a_field_refuses_if_the_dialect_says_so(text: str) -> None:
    assert asked(answer(("AF", text))) == replace(SAID, status=Status.SUSPENDED)


def test_any_of_several_texts_refuses() -> None:
    dialect = replace(EVERGREEN, blocks=(Block("AF", ("no", "barred")),))
    given = PatronAnswer("64", (False,) * 14, Fields((*GOOD, ("AF", "Welcome"), ("AF", "barred"))))
    assert asked(given, dialect=dialect) == replace(SAID, status=Status.SUSPENDED)


@pytest.mark.parametrize("text", ["", "not barred", "blocked"])
def test_other_texts_do_not(text: str) -> None:
    assert asked(answer(("AF", text))) == SAID


@pytest.mark.parametrize(
    ("category", "expected"), [(None, None), ("", None), ("  ", None), ("Jun/ior", "Jun-ior")]
)
def test_a_category_is_a_word_or_none(category: str | None, expected: str | None) -> None:
    assert asked(answer(("PC", category))) == replace(SAID, category=expected)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("20101122", date.min),
        ("20101123", date(2026, 11, 23)),
        ("20120229", date(2028, 2, 29)),
        (None, None),
        ("", None),
        ("00000000", None),
        ("20270101", None),
        ("19000101", None),
        ("1970-01-01", None),
    ],
)
def test_a_birth_date_becomes_the_day_of_age_or_nothing(born: str | None, expected: date | None) -> None:
    assert asked(answer(("PB", born))) == replace(SAID, adult_on=expected)


@given(st.dates(date(1906, 1, 1), TODAY), st.integers(1, 99))
def test_no_birth_date_goes_further(born: date, of_age_years: int) -> None:
    said = asked(answer(("PB", f"{born:%Y%m%d}")), rules=ReadingRules(of_age_years))
    assert isinstance(said, Said)
    assert said.adult_on is not None
    if said.adult_on != date.min:
        assert TODAY < said.adult_on <= date(TODAY.year + of_age_years + 1, 3, 1)
    assert born not in (said.adult_on, said.expires) or of_age_years == 0
    for written in (f"{born:%Y%m%d}", born.isoformat(), repr(born)):
        assert written not in repr(said)


def test_without_a_field_for_it_there_is_no_birth_date() -> None:
    said = asked(answer(), dialect=replace(EVERGREEN, birth_date=None, category=None))
    assert said == replace(SAID, adult_on=None, category=None)


@pytest.mark.parametrize(
    ("rules", "fields", "expected"),
    [
        (ReadingRules(16, "category", frozenset({"Adult"})), (), True),
        (ReadingRules(16, "category", frozenset({"Staff"})), (), False),
        (ReadingRules(16, "category", frozenset({"Adult"})), (("PC", None),), False),
        (ReadingRules(16, "field", field="ZO", values=frozenset({"Y"})), (("ZO", "Y"),), True),
        (ReadingRules(16, "field", field="ZO", values=frozenset({"Y"})), (("ZO", "N"),), False),
        (ReadingRules(16, "field", field="ZO", values=frozenset({"Y"})), (), False),
    ],
)
def test_who_is_entitled_is_read_where_the_settings_say(
    rules: ReadingRules, fields: tuple[tuple[str, str | None], ...], expected: bool
) -> None:
    said = asked(answer(*fields), rules=rules)
    assert isinstance(said, Said)
    assert said.entitled is expected


def test_only_the_fields_that_are_read_need_be_kept() -> None:
    assert kept(EVERGREEN, RULES) >= {"AA", "BL", "CQ", "PA", "PB", "PC", "AF"}
    assert "ZO" in kept(EVERGREEN, ReadingRules(16, "field", field="ZO"))
    assert not kept(EVERGREEN, RULES) & {"AE", "BD", "BE", "BF"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["AA", "BL", "CQ", "PA", "PB", "PC", "AF"]),
            st.sampled_from([CARD, "Y", "N", "", "20270331", "20100101", "barred"]) | st.text(max_size=20),
        ),
        max_size=10,
    ),
    st.booleans(),
)
def test_nothing_is_said_but_with_all_that_is_needed(pairs: list[tuple[str, str]], pin: bool) -> None:
    try:
        said = asked(PatronAnswer("64", (False,) * 14, Fields(pairs)), pin)
    except LmsUnusable:
        return
    if isinstance(said, Said):
        assert ("AA", CARD) in [(code, value.strip()) for code, value in pairs]
        assert ("BL", "Y") in pairs
        assert ("CQ", "Y") in pairs or not pin
        assert said.expires - TODAY > timedelta(days=-800_000)
