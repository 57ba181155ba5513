from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.settings.hours_text import DAYS, parsed, written

PERIODS = st.sampled_from([["08:00-20:00"], ["08:00-10:00", "17:00-20:00"], ["00:00-24:00"]])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(DAYS), PERIODS))
def test_hours_are_read_as_they_were_written(hours: dict[str, list[str]]) -> None:
    assert parsed(written(hours)) == hours


def test_a_week_is_written_in_a_line() -> None:
    line = "mon-wed 08:00-20:00, sat 09:00-12:00 13:00-17:00"
    assert written(parsed(line)) == line
    assert parsed("none") == parsed(" ") == {}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("monday 08:00-20:00", "is no day"),
        ("fri-mon 08:00-20:00", "in their order"),
        ("mon", "write days and periods"),
        ("mon 8-20", "is not a period"),
        ("mon 08:00-20:00, mon 21:00-22:00", "there twice"),
        ("mon 08:00-20:00 19:00-21:00", "overlap"),
        ("mon 08:00-20:00,", "write days and periods"),
    ],
)
def test_what_is_no_week_is_told(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parsed(line)
