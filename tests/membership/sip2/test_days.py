"""A day is read as it was written, in the formats that a system is known for, and in no other."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.membership.sip2.days import day_of
from controller.settings.lms import DateFormat

FORMATS: tuple[DateFormat, ...] = get_args(DateFormat)
WRITTEN: dict[DateFormat, str] = {
    "YYYYMMDD": "%Y%m%d",
    "YYYYMMDD HHMMSS": "%Y%m%d    235959",
    "YYYY-MM-DD": "%Y-%m-%d",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
}


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(FORMATS))
def test_every_day_is_read_in_each_format_and_not_in_the_others(day: date, written_in: DateFormat) -> None:
    written = day.strftime(WRITTEN[written_in])
    assert day_of(written, [written_in]) == day
    others = [name for name in FORMATS if name != written_in and not {name, written_in} <= {*FORMATS[3:]}]
    assert day_of(written, others) is None


@given(st.text(max_size=20), st.sampled_from(FORMATS))
def test_nothing_breaks_it(written: str, written_in: DateFormat) -> None:
    day = day_of(written, [written_in])
    assert day is None or str(day.year) in written or day.year < 1000


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20270331", date(2027, 3, 31)),
        (" 20270331 ", date(2027, 3, 31)),
        ("20270331    235959", date(2027, 3, 31)),
        ("20270331 235959", date(2027, 3, 31)),
        ("20270331   Z235959", date(2027, 3, 31)),
        ("202703310000235959", date(2027, 3, 31)),
        ("20280229", date(2028, 2, 29)),
        ("20270229", None),
        ("20271301", None),
        ("00000000", None),
        ("20270331235959", None),
        ("20270331 EST235959", None),
        ("2027033", None),
        ("202703310", None),
        ("20270331x", None),
        ("\uff12\uff10\uff12\uff17\uff10\uff13\uff13\uff11", None),
        ("NEVER", None),
        ("", None),
    ],
)
def test_what_is_no_day_is_none(written: str, expected: date | None) -> None:
    assert day_of(written, ["YYYYMMDD", "YYYYMMDD HHMMSS"]) == expected
