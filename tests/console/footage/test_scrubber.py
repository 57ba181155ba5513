"""Where things lie on the scrubber, and how local time is made in a browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from controller.console.footage.activity import Activity, Mark, Seen, motion
from controller.console.footage.scrubber import Bar, hours, offsets, scrubber
from controller.console.footage.shown import stretches
from controller.core.event import Event, EventType, Stamp

LONDON = ZoneInfo("Europe/London")
SECOND = 1_000_000
BEGIN = 1_790_000_000_000_000


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


def test_everything_lies_where_it_happened() -> None:
    seen = Seen(
        "entrance", ((BEGIN, BEGIN + 50 * SECOND),), (), (), ((BEGIN + 90 * SECOND, BEGIN + 200 * SECOND),)
    )
    marks = tuple(Mark(BEGIN + at, "front", "x", "") for at in (10 * SECOND, 10 * SECOND + 1, 99 * SECOND))
    drawn = scrubber(Activity((seen,), marks, more=False, told=True), BEGIN, BEGIN + 100 * SECOND, LONDON)
    assert drawn.rows[0].recorded == (Bar(0, 500),)
    assert drawn.rows[0].motion == (Bar(900, 100),)
    assert drawn.marks == (100, 990)  # two that cannot be told apart are one


def test_times_on_the_line_are_round_and_few() -> None:
    begin = us("2026-06-21T21:03:10+01:00")
    found = [us(f"2026-06-21T21:{minute}:00+01:00") for minute in ("05", "10", "15", "20", "25", "30")]
    assert list(hours(begin, begin + 30 * 60 * SECOND, LONDON)) == found
    day = us("2026-11-21T00:00:00+00:00")
    assert len(list(hours(day, day + 86_400 * SECOND, LONDON))) <= 9


def test_the_zone_changes_where_clocks_do() -> None:
    begin = us("2026-10-24T23:10:00+00:00")
    assert offsets(begin, begin + 4 * 3600 * SECOND, LONDON) == [
        (begin, 3600, "BST"),
        (us("2026-10-25T01:00:00+00:00"), 0, "GMT"),
    ]


def test_files_that_follow_each_other_are_one_stretch() -> None:
    found = [(0, 10 * SECOND), (10 * SECOND + 1, 20 * SECOND), (25 * SECOND, 30 * SECOND)]
    assert list(stretches(found)) == [(0, 20 * SECOND), (25 * SECOND, 30 * SECOND)]


def test_motion_is_shown_within_the_time_alone() -> None:
    def event(kind: EventType, at_us: int) -> Event:
        return Event(1, "x", kind, Stamp(at_us, 1, "boot", clock_trusted=True), "entrance", {})

    begun, ended = EventType.MOTION_STARTED, EventType.MOTION_ENDED
    told: list[Any] = [
        event(begun, 5),
        event(ended, 15),
        event(begun, 20),
        event(ended, 25),
        event(begun, 40),
    ]
    assert list(motion(told, 10, 50)) == [(10, 15), (20, 25), (40, 50)]
    assert list(motion([event(begun, 1), event(ended, 2), event(ended, 12)], 10, 50)) == []
