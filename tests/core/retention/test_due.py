"""What the notices promise, with dates computed by hand beside each sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.core.retention.due import (
    Answer,
    BasisMissing,
    Conventions,
    Due,
    Undated,
    due,
    earlier,
)
from controller.core.retention.rules import (
    CurrentYearPlus,
    Duration,
    Immediate,
    Moments,
    Period,
    Permanent,
    Then,
    Unspecified,
    WhileThen,
    Window,
    YearBasis,
)

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CALENDAR = Conventions(LONDON, YearBasis.CALENDAR)
FINANCIAL = Conventions(LONDON, YearBasis.FINANCIAL)
SCHOOL = Conventions(LONDON, YearBasis.SCHOOL)
NO_BASIS = Conventions(LONDON, None)
NINETY_DAYS = Duration(Period(days=90))
FORTNIGHT = Window(14, 10, 30)


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def at(text: str) -> Moments:
    return Moments(us(text), us(text))


def dated(answer: Answer) -> Due:
    assert isinstance(answer, Due)
    return answer


# --- Worcestershire ---------------------------------------------------------------------------------

# "We retain your personal information for 2 years after your membership of the library ceases."
TWO_YEARS = Duration(Period(years=2))


@pytest.mark.parametrize(
    ("ceased", "through", "due_on", "due_at"),
    [
        ("2026-11-21", "2028-11-21", "2028-11-22", "2028-11-22T00:00Z"),
        ("2024-02-29", "2026-02-28", "2026-03-01", "2026-03-01T00:00Z"),
        ("2026-02-28", "2028-02-28", "2028-02-29", "2028-02-29T00:00Z"),
        ("2026-06-30", "2028-06-30", "2028-07-01", "2028-06-30T23:00Z"),  # midnight in summer
        ("2025-03-28", "2027-03-28", "2027-03-29", "2027-03-28T23:00Z"),  # the night the clocks go forward
        ("2025-10-30", "2027-10-30", "2027-10-31", "2027-10-30T23:00Z"),  # the day they go back, not yet
        ("2025-10-31", "2027-10-31", "2027-11-01", "2027-11-01T00:00Z"),
    ],
)
def test_two_years_after_membership_ceases(ceased: str, through: str, due_on: str, due_at: str) -> None:
    found = dated(due(TWO_YEARS, date.fromisoformat(ceased), NO_BASIS))
    assert found == Due(us(due_at), date.fromisoformat(due_on), date.fromisoformat(through))


# "Inter library loan request forms are disposed of as soon as the loan request has been fulfilled."
def test_at_once_when_fulfilled() -> None:
    on_the_day = dated(due(Immediate(), date(2026, 7, 1), NO_BASIS))
    assert on_the_day == Due(us("2026-06-30T23:00Z"), date(2026, 7, 1), date(2026, 6, 30))
    to_the_moment = dated(
        due(Immediate(), Moments(us("2026-07-01T09:00Z"), us("2026-07-01T09:30Z")), NO_BASIS)
    )
    assert to_the_moment == Due(us("2026-07-01T09:30Z"), date(2026, 7, 1), date(2026, 7, 1))
    assert due(Immediate(), None, NO_BASIS) is Undated.WAITING


# "CCTV records will be deleted between 10 and 30 days of the recording"
@pytest.mark.parametrize(
    ("days", "start", "end", "due_at", "gone_by"),
    [
        (14, "2026-11-01T10:00Z", "2026-11-01T10:01Z", "2026-11-15T10:01Z", "2026-12-01T10:00Z"),
        (10, "2026-02-20T00:00Z", "2026-02-20T00:10Z", "2026-03-02T00:10Z", "2026-03-22T00:00Z"),
        # 24 hours a day, whatever the clocks do
        (
            14,
            "2026-03-22T12:00+00:00",
            "2026-03-22T12:10+00:00",
            "2026-04-05T13:10+01:00",
            "2026-04-21T13:00+01:00",
        ),
        (
            14,
            "2026-10-18T12:00+01:00",
            "2026-10-18T12:10+01:00",
            "2026-11-01T11:10+00:00",
            "2026-11-17T11:00+00:00",
        ),
    ],
)
def test_footage(days: int, start: str, end: str, due_at: str, gone_by: str) -> None:
    found = dated(due(Window(days, 10, 30), Moments(us(start), us(end)), NO_BASIS))
    day = datetime.fromisoformat(due_at).date()
    assert found == Due(us(due_at), day, day, gone_by_us=us(gone_by))


@pytest.mark.parametrize(
    ("recorded", "through", "due_on"),
    [
        ("2026-11-01T00:00Z", "2026-11-14", "2026-11-15"),  # kept through the day before
        ("2026-11-01T00:00:00.000001Z", "2026-11-15", "2026-11-15"),
        ("2026-06-17T23:30Z", "2026-07-02", "2026-07-02"),  # 00:30 on 2 July at the branch
    ],
)
def test_footage_due_around_midnight(recorded: str, through: str, due_on: str) -> None:
    found = dated(due(FORTNIGHT, at(recorded), NO_BASIS))
    assert found.retained_through == date.fromisoformat(through)
    assert found.due_on == date.fromisoformat(due_on)


# No notice says how long it is known who came in: access_log_days = 90.
@pytest.mark.parametrize(
    ("happened", "through", "due_at"),
    [
        ("2026-11-21T18:30Z", "2027-02-19", "2027-02-20T00:00Z"),
        ("2026-11-21T00:00Z", "2027-02-19", "2027-02-20T00:00Z"),
        ("2026-11-21T23:59:59.999999Z", "2027-02-19", "2027-02-20T00:00Z"),
        ("2026-11-22T00:00Z", "2027-02-20", "2027-02-21T00:00Z"),
        ("2026-06-30T23:30Z", "2026-09-29", "2026-09-29T23:00Z"),  # 00:30 on 1 July at the branch
        ("2026-10-25T00:30Z", "2027-01-23", "2027-01-24T00:00Z"),  # 01:30, shown twice that night
        ("2026-10-25T01:30Z", "2027-01-23", "2027-01-24T00:00Z"),
        ("2027-03-28T00:59Z", "2027-06-26", "2027-06-26T23:00Z"),  # the minute before 01:00 becomes 02:00
        ("2026-12-28T12:00Z", "2027-03-28", "2027-03-28T23:00Z"),  # through a day of 23 hours
    ],
)
def test_an_access_event_by_its_own_age_in_local_dates(happened: str, through: str, due_at: str) -> None:
    found = dated(due(NINETY_DAYS, at(happened), NO_BASIS))
    last = date.fromisoformat(through)
    assert found == Due(us(due_at), last + timedelta(days=1), last)


def test_something_with_length_counts_from_its_end() -> None:
    over_midnight = Moments(us("2026-11-21T23:00Z"), us("2026-11-22T01:00Z"))
    assert dated(due(NINETY_DAYS, over_midnight, NO_BASIS)).retained_through == date(2027, 2, 20)


# --- South Ayrshire ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "trigger", "conventions", "through", "due_at"),
    [
        # "Current year + 1 year" "from termination of your membership"
        (1, "2026-11-21", CALENDAR, "2027-12-31", "2028-01-01T00:00Z"),
        (1, "2026-11-21", FINANCIAL, "2028-03-31", "2028-03-31T23:00Z"),  # 1 April, midnight in summer
        (1, "2026-11-21", SCHOOL, "2028-07-31", "2028-07-31T23:00Z"),
        (1, "2026-03-31", FINANCIAL, "2027-03-31", "2027-03-31T23:00Z"),
        (1, "2026-04-01", FINANCIAL, "2028-03-31", "2028-03-31T23:00Z"),
        (1, "2026-12-31", CALENDAR, "2027-12-31", "2028-01-01T00:00Z"),
        (1, "2027-01-01", CALENDAR, "2028-12-31", "2029-01-01T00:00Z"),
        # "… visitor using our internet services" "For the current year"
        (0, "2026-11-21", CALENDAR, "2026-12-31", "2027-01-01T00:00Z"),
        (0, "2026-12-31", CALENDAR, "2026-12-31", "2027-01-01T00:00Z"),
        # "For those using our … Training Services" "Current year + 5 years"
        (5, "2026-11-21", CALENDAR, "2031-12-31", "2032-01-01T00:00Z"),
        # "If you are suspended from our service" "Current year + 6 years"
        (6, "2026-11-21", CALENDAR, "2032-12-31", "2033-01-01T00:00Z"),
        (6, "2026-11-21", FINANCIAL, "2033-03-31", "2033-03-31T23:00Z"),
    ],
)
def test_current_year_plus(
    years: int, trigger: str, conventions: Conventions, through: str, due_at: str
) -> None:
    last = date.fromisoformat(through)
    found = dated(due(CurrentYearPlus(years), date.fromisoformat(trigger), conventions))
    assert found == Due(us(due_at), last + timedelta(days=1), last)


def test_the_year_of_a_moment_is_the_one_at_the_branch() -> None:
    new_year = dated(due(CurrentYearPlus(0), at("2026-12-31T23:59:59.999999Z"), CALENDAR))
    assert new_year.due_on == date(2027, 1, 1)
    april = dated(due(CurrentYearPlus(0), at("2026-03-31T23:00Z"), FINANCIAL))  # 00:00 on 1 April
    assert april.due_on == date(2027, 4, 1)


def test_without_a_basis_no_date_is_computed() -> None:
    for rule in (CurrentYearPlus(1), WhileThen(CurrentYearPlus(0))):
        with pytest.raises(
            BasisMissing, match=r"^year_basis is not set: it is not known when the current year ends$"
        ):
            due(rule, date(2026, 11, 21), NO_BASIS)


# An enquiry: "Current year + 5 years (after which we will assess if any part of the information should be
# retained for historic value."
def test_an_enquiry_goes_to_review() -> None:
    found = dated(due(CurrentYearPlus(5, Then.REVIEW), date(2026, 11, 21), CALENDAR))
    assert (found.due_on, found.then) == (date(2032, 1, 1), Then.REVIEW)
    found = dated(due(Duration(Period(years=5), Then.REVIEW), date(2026, 11, 21), CALENDAR))
    assert (found.due_on, found.then) == (date(2031, 11, 22), Then.REVIEW)


# "For the duration of your school attendance + 1 year"
def test_while_at_school_and_a_year_after() -> None:
    rule = WhileThen(Duration(Period(years=1)))
    assert due(rule, None, CALENDAR) is Undated.WAITING
    assert dated(due(rule, date(2026, 6, 26), CALENDAR)).retained_through == date(2027, 6, 26)


# A donation: "Permanently (for provenance purposes)"
@pytest.mark.parametrize("trigger", [None, date(2026, 11, 21)])
def test_a_donation_is_kept(trigger: date | None) -> None:
    assert due(Permanent(), trigger, CALENDAR) is Undated.NEVER


# --- Suffolk: a notice without periods --------------------------------------------------------------


@pytest.mark.parametrize("trigger", [None, date(2026, 11, 21)])
def test_without_a_period_nothing_is_known(trigger: date | None) -> None:
    assert due(Unspecified(), trigger, CALENDAR) is Undated.UNKNOWN


def test_what_has_not_happened_is_waited_for() -> None:
    for rule in (TWO_YEARS, CurrentYearPlus(1), FORTNIGHT):
        assert due(rule, None, NO_BASIS) is Undated.WAITING


def test_a_window_needs_moments_and_the_calendar_ends() -> None:
    with pytest.raises(TypeError, match=r"^a window counts from moments, not from a date$"):
        due(FORTNIGHT, date(2026, 11, 1), NO_BASIS)
    for day in (date(9997, 12, 31), date(9999, 1, 1)):
        with pytest.raises(ValueError, match=r"^9999-12-31 is too late a date$|^there is no year 10001$"):
            due(TWO_YEARS, day, NO_BASIS)
    assert dated(due(TWO_YEARS, date(9997, 12, 30), NO_BASIS)).due_on == date.max


# --- rule and ceiling -------------------------------------------------------------------------------


def test_the_earlier_wins() -> None:
    ours = due(NINETY_DAYS, at("2026-11-21T18:30Z"), NO_BASIS)
    promised = due(TWO_YEARS, date(2026, 11, 21), NO_BASIS)
    assert earlier(ours, promised) == earlier(promised, ours) == ours
    assert earlier(promised) == promised


def test_a_promise_of_nothing_is_no_ceiling() -> None:
    ours = due(NINETY_DAYS, at("2026-11-21T18:30Z"), NO_BASIS)
    for undated in Undated:
        assert earlier(ours, undated) == earlier(undated, ours) == ours


def test_without_a_date_waiting_comes_before_unknown_and_that_before_never() -> None:
    waiting, unknown, never = Undated.WAITING, Undated.UNKNOWN, Undated.NEVER
    assert earlier(never, unknown) is earlier(unknown, never) is unknown
    assert earlier(unknown, waiting) is earlier(waiting, never) is waiting
    assert earlier(never, never) is never


def test_of_two_on_one_day_a_review_wins_and_else_the_earlier() -> None:
    destroyed = dated(due(CurrentYearPlus(5), date(2026, 11, 21), CALENDAR))
    reviewed = dated(due(CurrentYearPlus(5, Then.REVIEW), date(2026, 11, 21), CALENDAR))
    late_review = dated(due(CurrentYearPlus(6, Then.REVIEW), date(2026, 11, 21), CALENDAR))
    assert earlier(destroyed, reviewed) == earlier(reviewed, destroyed) == reviewed
    assert earlier(destroyed, late_review) == destroyed


def test_the_last_moment_of_the_ceiling_is_kept() -> None:
    item = Moments(us("2026-11-01T10:00Z"), us("2026-11-01T10:01Z"))
    found = dated(earlier(due(FORTNIGHT, item, NO_BASIS), due(Window(30, 10, 28 + 2), item, NO_BASIS)))
    assert (found.due_us, found.gone_by_us) == (us("2026-11-15T10:01Z"), us("2026-12-01T10:00Z"))
    sooner = dated(earlier(due(FORTNIGHT, item, NO_BASIS), due(Window(20, 10, 21), item, NO_BASIS)))
    assert (sooner.due_us, sooner.gone_by_us) == (us("2026-11-15T10:01Z"), us("2026-11-22T10:00Z"))
