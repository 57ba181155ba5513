"""A branch's hours against a slow reference, on the nights when the clocks change, and around midnight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.hours import (
    DAY_MIN,
    FORESEEN_DAYS,
    LONGEST_MIN,
    Day,
    Hours,
    Mode,
    Now,
    Schedule,
    Span,
    due_announcement,
)

LONDON = ZoneInfo("Europe/London")
MINUTE_US = 60_000_000
SPRING = date(2026, 3, 29)  # at 01:00 UTC London goes from 00:59 GMT to 02:00 BST
AUTUMN = date(2026, 10, 25)  # at 01:00 UTC London goes from 01:59 BST to 01:00 GMT
MONDAY = date(2026, 11, 23)
CLOSED = Day()


def us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def utc(day: date, clock: str) -> int:
    return us(datetime.fromisoformat(f"{day}T{clock}+00:00"))


def span(text: str) -> Span:
    """``"08:00-17:30"``."""
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return Span(start, end)


def day(*, staffed: str = "", unstaffed: str = "") -> Day:
    """Periods with a blank between them."""
    return Day(tuple(map(span, staffed.split())), tuple(map(span, unstaffed.split())))


def always(each: Day, **more: int) -> Hours:
    return Hours((each,) * 7, **more)


# --- a reference so slow and simple that it is plainly right ----------------------------------------


@cache
def shown_at_the_latest(zone: tzinfo, first_us: int, minutes: int) -> list[datetime]:
    """By the end of each minute, the latest time that the wall's clock has ever shown."""
    instants = [first_us + minute * MINUTE_US for minute in range(minutes)]
    local = [datetime.fromtimestamp(at // 1_000_000, zone).replace(tzinfo=None) for at in instants]
    return list(accumulate(local, max))


def reference(hours: Hours, zone: tzinfo, first_us: int, minutes: int) -> list[Now]:
    """Every minute by itself. The latest time that the wall's clock has ever shown is what the tables go by.

    None stands for whatever lies after the last of these minutes.
    """
    instants = [first_us + minute * MINUTE_US for minute in range(minutes)]
    raw = [mode_of(hours, shown) for shown in shown_at_the_latest(zone, first_us, minutes)]
    cleared, run = [], 0
    for at, mode in enumerate(raw):
        run = run + 1 if at and mode is raw[at - 1] else 0
        follows = at > run and raw[at - run - 1] is Mode.STAFFED
        clearing = mode is Mode.UNSTAFFED and follows and run < hours.clear_out_min
        cleared.append(Mode.CLEAR_OUT if clearing else mode)
    answers: list[Now] = []
    until_us: int | None = None
    closes_us: int | None = None
    unstaffed_closes_us: int | None = None
    for at in reversed(range(minutes)):
        if at + 1 < minutes and cleared[at + 1] is not cleared[at]:
            until_us = instants[at + 1]
        if at + 1 < minutes and raw[at + 1] is not raw[at]:
            unstaffed_closes_us = instants[at + 1] if raw[at + 1] is Mode.CLOSED else None
            closes_us = unstaffed_closes_us or closes_us
        left_us = None if unstaffed_closes_us is None else unstaffed_closes_us - instants[at]
        last_minutes = left_us is not None and left_us <= hours.last_entry_min * MINUTE_US
        closed = raw[at] is Mode.CLOSED
        answers.append(
            Now(
                cleared[at],
                until_us,
                entry=not (raw[at] is Mode.UNSTAFFED and last_minutes),
                closes_us=None if closed else closes_us,
            )
        )
    return answers[::-1]


def mode_of(hours: Hours, local: datetime) -> Mode:
    table = hours.dated.get(local.date(), hours.week[local.weekday()])
    minute = local.hour * 60 + local.minute
    if any(each.start_min <= minute < each.end_min for each in table.staffed):
        return Mode.STAFFED
    if any(each.start_min <= minute < each.end_min for each in table.unstaffed):
        return Mode.UNSTAFFED
    return Mode.CLOSED


@st.composite
def days(draw: st.DrawFn) -> Day:
    """Few edges, many of them where something happens: midnight, and the hour that clocks skip or repeat."""
    edge = st.sampled_from([0, 30, 59, 60, 61, 90, 119, 120, 121, 180, 600, 601, 1380, DAY_MIN])
    edges = sorted(draw(st.sets(edge, max_size=6)))
    table: dict[Mode, list[Span]] = {Mode.STAFFED: [], Mode.UNSTAFFED: []}
    for start, end in pairwise(edges):
        kind = draw(st.sampled_from([*table, None]))
        if kind is not None:
            table[kind].append(Span(start, end))
    return Day(tuple(table[Mode.STAFFED]), tuple(table[Mode.UNSTAFFED]))


NIGHTS = [
    ("Europe/London", SPRING),
    ("Europe/London", AUTUMN),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Europe/London", MONDAY),
]
"""Clocks change at 01:00 UTC; at midnight, back across it; by half an hour only; and not at all."""


@pytest.mark.parametrize(("zone", "night"), [(ZoneInfo(name), night) for name, night in NIGHTS])
@given(
    week=st.lists(days(), min_size=7, max_size=7),
    dated=st.dictionaries(st.integers(-1, 2), days(), max_size=2),
    clear_out_min=st.sampled_from([0, 1, 15, 90]),
    last_entry_min=st.sampled_from([0, 1, 15, 90]),
)
@settings(max_examples=12, deadline=None)
def test_the_schedule_is_what_each_minute_by_itself_is(
    zone: ZoneInfo,
    night: date,
    week: list[Day],
    dated: Mapping[int, Day],
    clear_out_min: int,
    last_entry_min: int,
) -> None:
    dates = {night + timedelta(days=number): each for number, each in dated.items()}
    hours = Hours(tuple(week), dates, clear_out_min, last_entry_min)
    schedule = Schedule(hours, zone)
    first_us = utc(night, "00:00") - 2 * DAY_MIN * MINUTE_US
    expected = reference(hours, zone, first_us, 5 * DAY_MIN)
    for minute in range(DAY_MIN, 4 * DAY_MIN):
        now, right = schedule.at(first_us + minute * MINUTE_US), expected[minute]
        assert (now.mode, now.entry) == (right.mode, right.entry), minute
        # The reference ends where its days end; the schedule sees further.
        assert right.until_us in (None, now.until_us)
        assert right.closes_us in (None, now.closes_us)
        assert schedule.at(first_us + (minute + 1) * MINUTE_US - 1) == now


# --- the two nights, reckoned by hand ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "opens", "closes"),
    [
        ("00:00-01:00", "00:00", "01:00"),  # up to the moment of the change
        ("00:30-01:30", "00:30", "01:00"),  # 01:30 is skipped: it ends where the clocks jump
        ("00:30-02:30", "00:30", "01:30"),  # an hour of it never was
        ("01:00-02:00", None, None),  # skipped altogether
        ("01:15-01:45", None, None),
        ("01:30-02:30", "01:00", "01:30"),  # begins where the clocks jump
        ("02:00-03:00", "01:00", "02:00"),
        ("09:00-17:00", "08:00", "16:00"),
        ("00:00-24:00", "00:00", "23:00"),
    ],
)
def test_the_night_the_clocks_go_forward(period: str, opens: str | None, closes: str | None) -> None:
    check_night(SPRING, period, opens, closes)


@pytest.mark.parametrize("minute", [1, 10, 17, 30, 45, 52, 59])
def test_what_begins_in_the_skipped_hour_begins_to_the_microsecond(minute: int) -> None:
    schedule = Schedule(always(day(unstaffed=f"01:{minute:02}-03:00")), LONDON)
    change_us = utc(SPRING, "01:00")
    before, after = schedule.at(change_us - 1), schedule.at(change_us)
    assert (before.mode, before.until_us) == (Mode.CLOSED, change_us)
    assert after.mode is Mode.UNSTAFFED
    assert {type(before.until_us), type(after.until_us), type(after.closes_us)} == {int}


@pytest.mark.parametrize(
    ("period", "opens", "closes"),
    [
        ("00:00-01:00", "-23:00", "00:00"),
        ("00:30-01:30", "-23:30", "00:30"),  # ends at the first 01:30
        ("01:00-01:30", "00:00", "00:30"),  # the second 01:00 opens nothing
        ("01:00-02:00", "00:00", "02:00"),  # both hours
        ("01:30-02:30", "00:30", "02:30"),
        ("02:00-03:00", "02:00", "03:00"),
        ("09:00-17:00", "09:00", "17:00"),
        ("00:00-24:00", "-23:00", "24:00"),
    ],
)
def test_the_night_the_clocks_go_back(period: str, opens: str, closes: str) -> None:
    check_night(AUTUMN, period, opens, closes)


def check_night(night: date, period: str, opens: str | None, closes: str | None) -> None:
    """opens, closes: UTC on that date; "-" for the day before. None: the period does not happen."""
    hours = Hours((CLOSED,) * 7, {night: day(unstaffed=period)})
    start_us = utc(night, "00:00") - DAY_MIN * MINUTE_US
    found = open_minutes(hours, start_us)
    if opens is None or closes is None:
        assert found == []
    else:
        assert found == list(range(in_minutes(opens), in_minutes(closes)))


def in_minutes(text: str) -> int:
    clock = text.removeprefix("-")
    minutes = int(clock[:2]) * 60 + int(clock[3:])
    return minutes if text.startswith("-") else minutes + DAY_MIN


def open_minutes(hours: Hours, start_us: int) -> list[int]:
    schedule = Schedule(hours, LONDON)
    return [
        minute
        for minute in range(3 * DAY_MIN)
        if schedule.at(start_us + minute * MINUTE_US).mode is Mode.UNSTAFFED
    ]


# --- days, dates and midnight -----------------------------------------------------------------------


def test_each_weekday_has_its_own_hours() -> None:
    week = tuple(Day(unstaffed=(Span(60 * number, 60 * number + 60),)) for number in range(7))
    schedule = Schedule(Hours(week), LONDON)
    for number in range(7):
        start_us = utc(MONDAY + timedelta(days=number), "00:00") + number * 60 * MINUTE_US
        assert schedule.at(start_us - 1).mode is Mode.CLOSED
        assert schedule.at(start_us).mode is Mode.UNSTAFFED
        assert schedule.at(start_us + 60 * MINUTE_US - 1).mode is Mode.UNSTAFFED
        assert schedule.at(start_us + 60 * MINUTE_US).mode is Mode.CLOSED


def test_a_date_goes_by_its_own_hours_and_not_by_its_weekday() -> None:
    hours = Hours(
        (day(staffed="09:00-17:00"),) * 7,
        {MONDAY: day(unstaffed="10:00-12:00"), MONDAY + timedelta(days=1): CLOSED},
    )
    schedule = Schedule(hours, LONDON)
    assert schedule.at(utc(MONDAY, "09:30")).mode is Mode.CLOSED
    assert schedule.at(utc(MONDAY, "10:00")).mode is Mode.UNSTAFFED
    assert schedule.at(utc(date(2026, 11, 24), "10:00")).mode is Mode.CLOSED
    assert schedule.at(utc(date(2026, 11, 25), "10:00")).mode is Mode.STAFFED


def test_until_is_the_next_change_of_mode_however_many_days_away() -> None:
    schedule = Schedule(Hours((day(unstaffed="10:00-12:00"), *(CLOSED,) * 6)), LONDON)
    assert schedule.at(utc(MONDAY, "11:00")).until_us == utc(MONDAY, "12:00")
    assert schedule.at(utc(MONDAY, "12:00")).until_us == utc(date(2026, 11, 30), "10:00")


@pytest.mark.parametrize("each", [CLOSED, day(unstaffed="00:00-24:00"), day(staffed="00:00-24:00")])
def test_what_never_changes_says_so(each: Day) -> None:
    schedule = Schedule(always(each, clear_out_min=15, last_entry_min=15), LONDON)
    mode = each.spans()[0][1] if each.spans() else Mode.CLOSED
    for minute in range(0, 2 * DAY_MIN, 30):
        assert schedule.at(utc(MONDAY, "00:00") + minute * MINUTE_US) == Now(mode, None, entry=True)


def test_a_change_beyond_what_is_foreseen_is_not_told() -> None:
    far = MONDAY + timedelta(days=FORESEEN_DAYS + 1)
    schedule = Schedule(Hours((CLOSED,) * 7, {far: day(unstaffed="10:00-12:00")}), LONDON)
    assert schedule.at(utc(MONDAY, "12:00")).until_us is None
    assert schedule.at(utc(MONDAY + timedelta(days=1), "12:00")).until_us == utc(far, "10:00")


def test_clocks_that_are_put_back_across_midnight_show_yesterday_and_go_by_today() -> None:
    """As in Newfoundland until 2011: at 00:01 on the 7th it was 23:01 on the 6th again."""
    night = date(2010, 11, 7)
    hours = Hours((CLOSED,) * 7, {night: day(unstaffed="00:00-02:00")})
    opened, closes_us = utc(night, "02:30"), utc(night, "05:30")
    for minute in (*range(180), 0.5, 1.5):
        schedule = Schedule(hours, ZoneInfo("America/St_Johns"))  # none that has planned the day already
        now = schedule.at(opened + round(minute * MINUTE_US))
        assert now == Now(Mode.UNSTAFFED, closes_us, True, closes_us), minute
    assert Schedule(hours, ZoneInfo("America/St_Johns")).at(opened - 1).until_us == opened


@pytest.mark.parametrize(("zone", "hour"), [("Pacific/Honolulu", 22), ("Pacific/Auckland", 2)])
def test_days_are_those_of_the_branch_whatever_the_zone_of_the_machine(zone: str, hour: int) -> None:
    there = datetime(2026, 11, 23, hour, tzinfo=ZoneInfo(zone))
    hours = Hours((CLOSED,) * 7, {MONDAY: day(unstaffed=f"{hour:02}:00-{hour + 1:02}:00")})
    assert Schedule(hours, ZoneInfo(zone)).at(us(there)).mode is Mode.UNSTAFFED


def test_the_last_day_that_is_foreseen_is_foreseen_to_its_end() -> None:
    far = MONDAY + timedelta(days=FORESEEN_DAYS)
    hours = Hours((day(unstaffed="00:00-24:00"),) * 7, {far: day(unstaffed="00:00-20:00")})
    assert Schedule(hours, LONDON).at(utc(MONDAY, "12:00")).closes_us == utc(far, "20:00")


def test_an_open_night_is_one_stretch() -> None:
    """Half past eight in the evening until seven in the morning, written on two days."""
    each = day(unstaffed="00:00-07:00 20:30-24:00")
    schedule = Schedule(always(each, last_entry_min=30), LONDON)
    evening = schedule.at(utc(MONDAY, "23:45"))
    assert evening == Now(
        Mode.UNSTAFFED, utc(date(2026, 11, 24), "07:00"), True, utc(date(2026, 11, 24), "07:00")
    )
    assert schedule.at(utc(date(2026, 11, 24), "00:00")) == evening
    assert schedule.at(utc(date(2026, 11, 24), "06:29")) == evening
    assert not schedule.at(utc(date(2026, 11, 24), "06:30")).entry


# --- clear-out and last entry -----------------------------------------------------------------------


def test_clear_out_follows_staffed_hours_only() -> None:
    each = day(unstaffed="08:00-10:00 17:00-20:00", staffed="10:00-17:00")
    schedule = Schedule(always(each, clear_out_min=15), LONDON)
    assert schedule.at(utc(MONDAY, "08:00")).mode is Mode.UNSTAFFED
    clearing = schedule.at(utc(MONDAY, "17:00"))
    assert clearing == Now(Mode.CLEAR_OUT, utc(MONDAY, "17:15"), True, utc(MONDAY, "20:00"))
    assert schedule.at(utc(MONDAY, "17:15") - 1) == clearing
    assert schedule.at(utc(MONDAY, "17:15")) == Now(
        Mode.UNSTAFFED, utc(MONDAY, "20:00"), True, utc(MONDAY, "20:00")
    )
    assert schedule.at(utc(MONDAY, "16:59")) == Now(
        Mode.STAFFED, utc(MONDAY, "17:00"), True, utc(MONDAY, "20:00")
    )


def test_a_closed_minute_between_makes_clear_out_needless() -> None:
    schedule = Schedule(always(day(staffed="10:00-17:00", unstaffed="17:01-20:00"), clear_out_min=15), LONDON)
    assert schedule.at(utc(MONDAY, "17:01")).mode is Mode.UNSTAFFED


def test_clear_out_reaches_over_midnight_and_ends_with_its_stretch() -> None:
    night = Schedule(always(day(staffed="12:00-24:00", unstaffed="00:00-06:00"), clear_out_min=15), LONDON)
    assert night.at(utc(MONDAY, "00:14")).mode is Mode.CLEAR_OUT
    assert night.at(utc(MONDAY, "00:15")).mode is Mode.UNSTAFFED
    late = Schedule(
        always(day(staffed="12:00-23:55", unstaffed="00:00-06:00 23:55-24:00"), clear_out_min=15), LONDON
    )
    assert late.at(utc(MONDAY, "23:59")).until_us == utc(date(2026, 11, 24), "00:10")
    assert late.at(utc(MONDAY, "00:09")).mode is Mode.CLEAR_OUT
    assert late.at(utc(MONDAY, "00:10")).mode is Mode.UNSTAFFED
    short = Schedule(always(day(staffed="12:00-17:00", unstaffed="17:00-17:10"), clear_out_min=15), LONDON)
    assert short.at(utc(MONDAY, "17:09")) == Now(
        Mode.CLEAR_OUT, utc(MONDAY, "17:10"), True, utc(MONDAY, "17:10")
    )
    assert short.at(utc(MONDAY, "17:10")).mode is Mode.CLOSED


def test_last_entry_is_before_closing_only() -> None:
    each = day(unstaffed="08:00-10:00 17:00-20:00", staffed="10:00-17:00")
    schedule = Schedule(always(each, last_entry_min=15), LONDON)
    assert schedule.at(utc(MONDAY, "09:59")).entry  # staff come at ten: nobody has to leave
    assert schedule.at(utc(MONDAY, "16:59")).entry
    assert schedule.at(utc(MONDAY, "19:45") - 1).entry
    assert schedule.at(utc(MONDAY, "19:45")) == Now(
        Mode.UNSTAFFED, utc(MONDAY, "20:00"), False, utc(MONDAY, "20:00")
    )
    assert not schedule.at(utc(MONDAY, "20:00") - 1).entry
    assert schedule.at(utc(MONDAY, "20:00")).mode is Mode.CLOSED


def test_staffed_hours_that_end_with_closing_need_no_last_entry() -> None:
    schedule = Schedule(always(day(staffed="09:00-17:00"), last_entry_min=15), LONDON)
    assert schedule.at(utc(MONDAY, "16:50")).entry


def test_last_entry_and_clear_out_may_meet() -> None:
    each = day(staffed="09:00-17:00", unstaffed="17:00-17:20")
    schedule = Schedule(always(each, clear_out_min=15, last_entry_min=10), LONDON)
    assert schedule.at(utc(MONDAY, "17:09")) == Now(
        Mode.CLEAR_OUT, utc(MONDAY, "17:15"), True, utc(MONDAY, "17:20")
    )
    assert schedule.at(utc(MONDAY, "17:10")) == Now(
        Mode.CLEAR_OUT, utc(MONDAY, "17:15"), False, utc(MONDAY, "17:20")
    )
    assert schedule.at(utc(MONDAY, "17:15")) == Now(
        Mode.UNSTAFFED, utc(MONDAY, "17:20"), False, utc(MONDAY, "17:20")
    )


# --- the clock ---------------------------------------------------------------------------------------


def test_a_clock_that_jumps_gets_the_hours_of_where_it_landed() -> None:
    each = day(staffed="10:00-17:00", unstaffed="17:00-20:00")
    jumping = Schedule(always(each, clear_out_min=15, last_entry_min=15), LONDON)
    instants = [
        utc(MONDAY + timedelta(days=number), f"{hour:02}:{minute:02}")
        for number in (0, 40, -3, 1, 0)
        for hour in (17, 3, 19, 10)
        for minute in (0, 50, 14)
    ]
    for instant in instants:
        fresh = Schedule(always(each, clear_out_min=15, last_entry_min=15), LONDON)
        assert jumping.at(instant) == fresh.at(instant)


def test_the_same_answer_is_given_without_reckoning_anew() -> None:
    schedule = Schedule(always(day(unstaffed="08:00-20:00")), LONDON)
    assert schedule.at(utc(MONDAY, "08:00")) is schedule.at(utc(MONDAY, "20:00") - 1)


# --- announcements -----------------------------------------------------------------------------------

OPEN = always(day(staffed="09:00-17:00", unstaffed="17:00-20:00"), clear_out_min=15)
MINUTES = (30, 15, 5)


def announced(hours: Hours, first_us: int, last_us: int, *, every_us: int) -> list[tuple[int, int]]:
    """When what was announced by a door that looks every so often."""
    schedule, found, looked_us = Schedule(hours, LONDON), [], first_us
    for now_us in range(first_us, last_us, every_us):
        due = due_announcement(schedule, MINUTES, looked_us, now_us)
        looked_us = now_us
        if due is not None:
            found.append((now_us, due))
    return found


@pytest.mark.parametrize("every_us", [1_000_000, 7_000_000, 59_000_000])
def test_each_is_made_once_and_in_time(every_us: int) -> None:
    found = announced(OPEN, utc(MONDAY, "16:00"), utc(MONDAY, "22:00"), every_us=every_us)
    assert [minutes for _, minutes in found] == [30, 15, 5]
    for at_us, minutes in found:
        assert 0 <= at_us - (utc(MONDAY, "20:00") - minutes * MINUTE_US) < every_us


def test_it_is_about_closing_and_not_about_staff_who_leave() -> None:
    assert announced(OPEN, utc(MONDAY, "08:00"), utc(MONDAY, "19:00"), every_us=30_000_000) == []


def test_it_is_due_at_its_moment_and_not_before() -> None:
    schedule, moment_us = Schedule(OPEN, LONDON), utc(MONDAY, "19:45")
    assert due_announcement(schedule, MINUTES, 0, moment_us - 1) is None
    assert due_announcement(schedule, MINUTES, 0, moment_us) == 15
    assert due_announcement(schedule, MINUTES, moment_us - 1, moment_us) == 15
    assert due_announcement(schedule, MINUTES, moment_us, moment_us + 1) is None


def test_late_is_not_at_all() -> None:
    schedule, moment_us = Schedule(OPEN, LONDON), utc(MONDAY, "19:45")
    assert due_announcement(schedule, MINUTES, 0, moment_us + MINUTE_US - 1) == 15
    assert due_announcement(schedule, MINUTES, 0, moment_us + MINUTE_US) is None


def test_a_branch_that_was_not_open_then_has_missed_nothing() -> None:
    short = always(day(unstaffed="19:50-20:00"))
    found = announced(short, utc(MONDAY, "19:00"), utc(MONDAY, "21:00"), every_us=1_000_000)
    assert found == [(utc(MONDAY, "19:55"), 5)]


def test_nothing_is_due_where_no_closing_is_in_sight() -> None:
    schedule = Schedule(always(day(unstaffed="00:00-24:00")), LONDON)
    assert due_announcement(schedule, MINUTES, 0, utc(MONDAY, "23:45")) is None


@pytest.mark.parametrize(
    ("night", "closing", "expected"),
    [
        (SPRING, "03:00", ["01:30", "01:45", "01:55"]),
        (SPRING, "01:30", ["00:30", "00:45", "00:55"]),  # closes where the clocks jump
        (AUTUMN, "02:00", ["01:30", "01:45", "01:55"]),  # in the second hour, not in the first
        (AUTUMN, "01:30", ["00:00", "00:15", "00:25"]),  # the first 01:30, the only one that closes
    ],
)
def test_announcements_on_the_two_nights(night: date, closing: str, expected: list[str]) -> None:
    hours = Hours((CLOSED,) * 7, {night: Day(unstaffed=(span(f"00:00-{closing}"),))})
    found = announced(hours, utc(night, "00:00") - 60 * MINUTE_US, utc(night, "04:00"), every_us=30_000_000)
    assert [at_us for at_us, _ in found] == [utc(night, clock) for clock in expected]


# --- what is no table ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("start_min", "end_min"), [(-1, 0), (0, 1441), (5, 5), (6, 5)])
def test_a_span_is_within_a_day(start_min: int, end_min: int) -> None:
    with pytest.raises(ValueError, match="within a day"):
        Span(start_min, end_min)


@pytest.mark.parametrize(
    ("staffed", "unstaffed"),
    [("10:00-12:00 11:00-13:00", ""), ("10:00-12:00", "11:59-13:00"), ("10:00-12:00", "10:00-12:00")],
)
def test_spans_of_a_day_do_not_overlap(staffed: str, unstaffed: str) -> None:
    with pytest.raises(ValueError, match="overlap"):
        day(staffed=staffed, unstaffed=unstaffed)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match=r"^a week has seven days$"):
        Hours((CLOSED,) * 6)


@pytest.mark.parametrize("minutes", [-1, LONGEST_MIN + 1])
@pytest.mark.parametrize("name", ["clear_out_min", "last_entry_min"])
def test_clear_out_and_last_entry_have_limits(name: str, minutes: int) -> None:
    with pytest.raises(ValueError, match="at most"):
        always(CLOSED, **{name: minutes})
    always(CLOSED, **{name: LONGEST_MIN})
