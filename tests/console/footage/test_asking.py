"""What is typed to see footage, and the time that is meant by it, also in nights in which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from controller.console.footage.asking import Asked, Form, read

LONDON = ZoneInfo("Europe/London")
CAMERAS = ["entrance", "yard", "hall", "stairs", "cellar"]
NOW_US = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


def asked(day: str, begin: str, end: str, *cameras: str) -> tuple[Asked | None, dict[str, str]]:
    form = Form("INC-1", cameras or ("entrance",), day, begin, end)
    return read(form, CAMERAS, LONDON, NOW_US)


@pytest.mark.parametrize(
    ("day", "begin", "end", "begins", "ends"),
    [
        ("2026-11-21", "21:05", "21:30", "2026-11-21T21:05:00+00:00", "2026-11-21T21:30:00+00:00"),
        ("2026-06-21", "9.05", "21:30:15", "2026-06-21T08:05:00+00:00", "2026-06-21T20:30:15+00:00"),
        ("2026-11-21", "23:30", "00:30", "2026-11-21T23:30:00+00:00", "2026-11-22T00:30:00+00:00"),
        # Half past one comes twice: from the first to the second, so that nothing is left out.
        ("2026-10-25", "01:30", "01:45", "2026-10-25T00:30:00+00:00", "2026-10-25T01:45:00+00:00"),
        # And never: the hour that clocks skip is no reason to show nothing.
        ("2026-03-29", "01:30", "02:30", "2026-03-29T00:30:00+00:00", "2026-03-29T01:30:00+00:00"),
    ],
)
def test_local_times_are_understood(day: str, begin: str, end: str, begins: str, ends: str) -> None:
    found, wrong = asked(day, begin, end)
    assert wrong == {}
    assert found == Asked(("entrance",), us(begins), us(ends))


@pytest.mark.parametrize(
    ("day", "begin", "end", "field"),
    [
        ("21 November", "21:05", "21:30", "day"),
        ("0001-01-01", "21:05", "21:30", "day"),
        ("2026-11-21", "9 pm", "21:30", "begin"),
        ("2026-11-21", "21:05", "", "end"),
        ("2026-11-21", "21:05", "21:05", "end"),
        ("2027-01-02", "21:05", "21:30", "day"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(day: str, begin: str, end: str, field: str) -> None:
    found, wrong = asked(day, begin, end)
    assert found is None
    assert list(wrong) == [field]


def test_a_time_that_is_not_over_ends_now() -> None:
    found, _ = asked("2026-12-31", "23:59", "00:10")
    assert found is not None
    assert found.ends_us == NOW_US


def test_the_cameras_are_known_and_not_too_many() -> None:
    assert asked("2026-11-21", "21:05", "21:30", *CAMERAS)[1] == {"camera": "Select no more than 4 cameras"}
    assert asked("2026-11-21", "21:05", "21:30", "attic")[1] == {"camera": "Select a camera"}
    found, _ = asked("2026-11-21", "21:05", "21:30", "yard", "yard", "hall")
    assert found is not None
    assert found.cameras == ("yard", "hall")


def test_a_need_is_asked_for_first() -> None:
    _, wrong = read(Form("Mr Somebody", ("entrance",), "2026-11-21", "", "21:30"), CAMERAS, LONDON, NOW_US)
    assert list(wrong) == ["need", "begin"]


def test_what_is_proposed_is_understood_again() -> None:
    begins_us, ends_us = us("2026-11-21T21:05:10+00:00"), us("2026-11-21T21:05:40+00:00")
    form = Form.proposed(["yard"], begins_us + 400_000, ends_us - 400_000, LONDON)
    found, _ = asked(form.day, form.begin, form.end, *form.cameras)
    assert found == Asked(("yard",), begins_us, ends_us)
