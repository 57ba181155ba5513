"""When a membership ceases, and whose clock runs: by hand, and against a term after a term."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.retention.due import Conventions, Due, due
from controller.core.retention.rules import CurrentYearPlus, Duration, Period, Then, WhileThen, YearBasis
from controller.core.retention.terms import Clock, Terms, after_suspension, clock_of

CONVENTIONS = Conventions(ZoneInfo("Europe/London"), YearBasis.CALENDAR)


def dates(text: str) -> list[date]:
    return list(map(date.fromisoformat, text.split()))


# "we will keep your personal data for two years, after which time your account is set to expire. If you
# continue to use our services, we will renew your membership for a further two years and so on"
@pytest.mark.parametrize(
    ("began", "used", "through"),
    [
        ("2026-11-21", "", "2028-11-21"),
        ("2026-11-21", "2026-11-21", "2030-11-21"),  # used on its first day
        ("2026-11-21", "2027-05-01", "2030-11-21"),  # from the day it ends, not from the day of use
        ("2026-11-21", "2027-05-01 2027-05-02 2028-11-20", "2030-11-21"),  # often is as once
        ("2026-11-21", "2028-11-21", "2030-11-21"),  # its last day is part of it
        ("2026-11-21", "2027-05-01 2028-11-21", "2030-11-21"),  # of the first term alone
        ("2026-11-21", "2028-11-22", "2028-11-21"),  # and the next is too late
        ("2026-11-21", "2026-11-20", "2028-11-21"),  # before it began
        ("2026-11-21", "2028-11-21 2028-11-22", "2032-11-21"),  # the first day of the second term
        ("2026-11-21", "2030-01-01 2027-01-01", "2032-11-21"),  # in any order
        ("2026-11-21", "2027-01-01 2031-01-01", "2030-11-21"),  # one term without use ends it
        ("2024-02-29", "", "2026-02-28"),
        ("2024-02-29", "2026-02-28", "2028-02-29"),  # 29 February comes back
        ("2024-02-29", "2026-03-01", "2026-02-28"),
        ("2024-02-29", "2025-01-01 2027-01-01", "2030-02-28"),
    ],
)
def test_two_years_renewed_by_use(began: str, used: str, through: str) -> None:
    assert Terms(date.fromisoformat(began), 2).valid_through(dates(used)) == date.fromisoformat(through)


def test_other_terms() -> None:
    assert Terms(date(2026, 11, 21), 1).valid_through([]) == date(2027, 11, 21)
    assert Terms(date(2026, 11, 21), 3).valid_through(dates("2027-01-01")) == date(2032, 11, 21)
    with pytest.raises(ValueError, match=r"^a membership is for one year at least$"):
        Terms(date(2026, 11, 21), 0)


def test_membership_ceases_on_the_anniversary_and_the_notice_counts_from_there() -> None:
    ceased = Terms(date(2024, 2, 29), 2).valid_through([])
    found = due(Duration(Period(years=2)), ceased, CONVENTIONS)
    assert isinstance(found, Due)
    assert (found.retained_through, found.due_on) == (date(2028, 2, 28), date(2028, 2, 29))


BEGAN = st.dates(date(1990, 1, 1), date(2040, 12, 31)) | st.just(date(2024, 2, 29))


@given(BEGAN, st.integers(1, 3), st.lists(st.integers(-400, 5000), max_size=12), st.integers(-400, 5000))
def test_it_is_as_asking_at_the_end_of_each_term_whether_it_was_used(
    began: date, years: int, after: list[int], more: int
) -> None:
    used = [began + timedelta(days=each) for each in after]
    terms = Terms(began, years)
    number, first = 1, began
    while any(first <= day <= terms.end(number) for day in used):
        first = terms.end(number) + timedelta(days=1)
        number += 1
    assert terms.valid_through(used) == terms.end(number) == terms.valid_through(used[::-1])
    assert terms.valid_through([*used, began + timedelta(days=more)]) >= terms.end(number)
    assert terms.end(number).month == began.month
    assert terms.end(number).day == began.day or (began.month, began.day) == (2, 29)


# "If you are suspended from our service …": "Current year + 6 years"
SUSPENSION_DUE = due(CurrentYearPlus(6), date(2026, 11, 21), CONVENTIONS)  # from 1 January 2033


@pytest.mark.parametrize(
    ("in_force_through", "then"),
    [
        (None, Then.REVIEW),
        (date(2033, 1, 2), Then.REVIEW),
        (date(2033, 1, 1), Then.REVIEW),  # the very day it is due
        (date(2032, 12, 31), Then.DESTROY),
        (date(2026, 12, 1), Then.DESTROY),
    ],
)
def test_a_suspension_still_in_force_is_reviewed(in_force_through: date | None, then: Then) -> None:
    assert isinstance(SUSPENSION_DUE, Due)
    found = after_suspension(SUSPENSION_DUE, in_force_through)
    assert (found.due_on, found.then) == (date(2033, 1, 1), then)


# "For the duration of your school attendance + 1 year (during which time you will be moved into the normal
# Customer / Borrower category above)"
@pytest.mark.parametrize(
    ("left_school", "customer_since", "clock"),
    [
        (None, None, Clock.PUPIL),
        (None, "2026-01-10", Clock.CUSTOMER),  # still at school
        ("2026-06-26", None, Clock.PUPIL),
        ("2026-06-26", "2026-09-01", Clock.CUSTOMER),
        ("2026-06-26", "2027-06-26", Clock.CUSTOMER),  # the last day of that year
        ("2026-06-26", "2027-06-27", Clock.PUPIL),  # the pupil's record was due by then
    ],
)
def test_a_pupil_who_becomes_a_customer_leaves_the_pupils_clock(
    left_school: str | None, customer_since: str | None, clock: Clock
) -> None:
    left = date.fromisoformat(left_school) if left_school else None
    found = due(WhileThen(Duration(Period(years=1))), left, CONVENTIONS)
    since = date.fromisoformat(customer_since) if customer_since else None
    assert clock_of(found if isinstance(found, Due) else None, since) is clock
