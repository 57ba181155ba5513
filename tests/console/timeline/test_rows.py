"""Days, folded repeats, jumps and addresses: without a web server."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from controller.console.events.kinds import Kind
from controller.console.timeline import jumps, rows
from controller.console.timeline.asked import Asked, parse
from controller.console.timeline.position import NOW, as_text
from controller.console.timeline.position import parse as parse_position
from controller.console.timeline.span import Line
from controller.core.event import Event, EventType, Stamp

LONDON = ZoneInfo("Europe/London")
BACK, FORWARD = date(2026, 10, 25), date(2026, 3, 29)
HOUR = 3_600_000_000


def line(us: int, type: EventType = EventType.DOOR_OPENED, **data: str) -> Line:
    event = Event(1, f"id-{us}", type, Stamp(us, 1, "boot", True), "front", data)
    return Line("door", event, us)


def groups(*lines: Line) -> list[tuple[str, int]]:
    return [(group.said, len(group.rows)) for day in rows.days(lines, LONDON) for group in day.groups]


@pytest.mark.parametrize(("day", "hours"), [(BACK, 25), (FORWARD, 23), (date(2026, 11, 21), 24)])
def test_a_day_has_the_hours_that_the_clocks_give_it(day: date, hours: int) -> None:
    start_us, end_us = rows.day_us(day, LONDON)
    assert (end_us - start_us) // HOUR == hours
    found = list(rows.days([line(end_us), line(end_us - 1), line(start_us), line(start_us - 1)], LONDON))
    assert [len(each.groups) for each in found] == [1, 2, 1]
    assert found[1].hours == hours
    assert len(list(jumps.hours(day, LONDON, end_us))) == hours


def test_the_hour_that_is_twice_is_told_apart_and_leads_to_two_places() -> None:
    start_us, end_us = rows.day_us(BACK, LONDON)
    found = list(jumps.hours(BACK, LONDON, end_us))
    assert [hour.text for hour in found[:4]] == ["00:00", "01:00 BST", "01:00 GMT", "02:00"]
    assert [hour.until for hour in found[:3]] == [start_us // 1_000_000 + n * 3600 for n in (1, 2, 3)]


def test_hours_and_days_to_come_are_not_offered() -> None:
    start_us, _ = rows.day_us(BACK, LONDON)
    assert len(list(jumps.hours(BACK, LONDON, start_us + HOUR + 1))) == 2
    assert jumps.days(BACK, BACK)[-1] == BACK
    assert jumps.days(FORWARD, BACK)[-1] == date(2026, 4, 2)
    assert FORWARD in jumps.days(FORWARD, BACK)


def test_a_time_alone_is_of_today_and_one_that_is_twice_is_the_first() -> None:
    asked = parse({"time": ["1:30"]}, [], LONDON, BACK)
    assert asked.around_us == rows.day_us(BACK, LONDON)[0] + HOUR * 3 // 2
    assert parse({"day": ["25/10/2026"]}, [], LONDON, FORWARD).date == BACK
    assert parse({"day": ["1066-10-14"]}, [], LONDON, FORWARD).errors.keys() == {"day"}


def test_repeats_are_one_row_and_a_passage_is_one_sentence() -> None:
    types = ("DOOR_CLOSED", "DOOR_LOCKED", "DOOR_OPENED", "DOOR_UNLOCKED")
    passage = [line(9 - n, EventType[type]) for n, type in enumerate(types)]
    lost = [line(5 - n, EventType.READER_LOST, reader="in") for n in range(3)]
    assert groups(*passage, *lost) == [
        ("Unlocked, opened, locked, closed", 4),
        ("No connection at reader in, 3 times", 3),
    ]


def test_alarms_and_what_differs_are_never_folded() -> None:
    assert len(groups(*(line(9 - n, EventType.DOOR_FORCED) for n in range(5)))) == 5
    refused = [line(9 - n, EventType.ACCESS_REFUSED, reason=f"reason_{n % 2}") for n in range(6)]
    assert len(groups(*refused)) == 6


def test_an_address_asks_the_same_question_again() -> None:
    asked = Asked(kinds=(Kind.REFUSED, Kind.ALARM), lately=True, day="2026-10-25", time="21:14")
    assert asked.address(older=NOW).endswith(f"older={as_text(NOW)}")
    assert "day" not in asked.address(older=NOW)
    assert asked.with_kind(Kind.ALARM) == "?kind=refused&last=24h&day=2026-10-25&time=21%3A14"
    assert parse_position(as_text(NOW)) == NOW


@pytest.mark.parametrize("text", ["", "1-2-3-4", "1-2-3-4-5-6", "1-2-3-4--5", "a-2-3-4-5", "\u0661-2-3-4-5"])
def test_what_is_no_position_is_none(text: str) -> None:
    assert parse_position(text) is None
