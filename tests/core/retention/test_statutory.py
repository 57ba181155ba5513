"""Until when a request is to be answered, by hand: months, working days of two nations, and pauses."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.retention.statutory import (
    AcknowledgeBy,
    Pause,
    acknowledge_by,
    answer_by,
    is_working_day,
)

DAY = timedelta(days=1)


def days(text: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, text.split()))


ENGLAND = days("2026-04-03 2026-04-06 2026-12-25 2026-12-28 2027-01-01 2027-03-26 2027-03-29")
SCOTLAND = days("2026-04-03 2026-11-30 2026-12-25 2026-12-28 2027-01-01 2027-01-04 2027-03-26")


@pytest.mark.parametrize(
    ("received", "england", "scotland"),
    [
        ("2026-11-04", "2026-12-04", "2026-12-04"),  # a Friday
        ("2026-09-03", "2026-10-05", "2026-10-05"),  # 3 October is a Saturday
        ("2026-09-04", "2026-10-05", "2026-10-05"),  # a Sunday
        ("2026-01-31", "2026-03-02", "2026-03-02"),  # no 31 February, and the 28th is a Saturday
        ("2028-01-31", "2028-02-29", "2028-02-29"),
        ("2026-03-06", "2026-04-07", "2026-04-06"),  # Easter Monday is none of Scotland's
        ("2026-10-30", "2026-11-30", "2026-12-01"),  # St Andrew's Day is none of England's
        ("2026-11-25", "2026-12-29", "2026-12-29"),  # Christmas on a Friday, Boxing Day on Monday instead
        ("2026-12-02", "2027-01-04", "2027-01-05"),  # 2 January on a Saturday, on Monday instead
    ],
)
def test_a_month_and_on_to_a_working_day(received: str, england: str, scotland: str) -> None:
    assert answer_by(date.fromisoformat(received), ENGLAND) == date.fromisoformat(england)
    assert answer_by(date.fromisoformat(received), SCOTLAND) == date.fromisoformat(scotland)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-11-04", "2027-02-04"),
        ("2026-11-30", "2027-03-01"),  # no 30 February, and the 28th is a Sunday
        ("2026-12-26", "2027-03-30"),  # 26 to 29 March 2027 is Easter
    ],
)
def test_extended_it_is_three_months_from_the_start(received: str, last: str) -> None:
    assert answer_by(date.fromisoformat(received), ENGLAND, extended=True) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("pauses", "last"),
    [
        ("2026-11-10/2026-11-12", "2026-12-07"),  # three days: 5 December is a Saturday
        ("2026-11-10/2026-11-10", "2026-12-03"),  # asked and answered on one day: that day
        ("2026-11-02/2026-11-02", "2026-12-03"),  # the day of receipt
        ("2026-10-30/2026-11-02", "2026-12-03"),  # what was before it does not count twice
        ("2026-11-10/2026-11-12 2026-11-12/2026-11-13", "2026-12-07"),  # four days: a Sunday
        ("2026-11-20/2026-11-24 2026-11-10/2026-11-12", "2026-12-10"),  # eight
        ("2026-12-02/2026-12-09", "2026-12-10"),  # asked on the last day
        ("2026-12-03/2026-12-09", "2026-12-02"),  # and a day too late
        ("2026-12-03/", "2026-12-02"),
        ("2026-11-10/", None),
        ("2026-11-02/", None),
        ("2026-12-02/", None),
        ("2026-11-10/2026-11-12 2026-12-07/", None),  # the last day, after the first pause
        ("2026-11-10/2026-11-12 2026-12-08/", "2026-12-07"),
    ],
)
def test_days_of_asking_do_not_count(pauses: str, last: str | None) -> None:
    """Received on Monday 2 November 2026, so to be answered by Wednesday 2 December."""
    found = answer_by(date(2026, 11, 2), ENGLAND, pauses=[pause(each) for each in pauses.split()])
    assert found == (date.fromisoformat(last) if last else None)


def pause(text: str) -> Pause:
    asked, _, answered = text.partition("/")
    return Pause(date.fromisoformat(asked), date.fromisoformat(answered) if answered else None)


def test_an_extension_is_paused_as_well() -> None:
    pauses = [pause("2026-11-10/2026-11-12")]
    assert answer_by(date(2026, 11, 2), ENGLAND, extended=True, pauses=pauses) == date(2027, 2, 5)


def test_on_the_days_of_grace_a_question_only_delays_to_after_its_answer() -> None:
    received = date(2026, 9, 3)  # by Saturday 3 October, hence by Monday the 5th
    assert answer_by(received, ENGLAND, pauses=[pause("2026-10-05/2026-10-07")]) == date(2026, 10, 8)
    assert answer_by(received, ENGLAND, pauses=[pause("2026-10-04/2026-10-04")]) == date(2026, 10, 5)


def test_no_answer_comes_before_its_question() -> None:
    with pytest.raises(ValueError, match=r"^an answer came before the question$"):
        pause("2026-11-10/2026-11-09")


def test_the_calendar_ends() -> None:
    for received in (date(9999, 12, 1), date(9999, 11, 30)):
        holidays = frozenset({date(9999, 12, 30), date(9999, 12, 31)})
        with pytest.raises(ValueError, match=r"^9999-12-31 is too late a date$|^there is no year 10000$"):
            answer_by(received, holidays)
    assert answer_by(date(9999, 11, 30), frozenset()) == date(9999, 12, 30)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2026-11-22", False),
        ("2026-11-23", True),
        ("2026-12-25", False),
    ],
)
def test_working_days(day: str, works: bool) -> None:
    assert is_working_day(date.fromisoformat(day), ENGLAND) is works


@pytest.mark.parametrize(
    ("received", "act", "regulator"),
    [
        ("2026-11-01", "2026-11-30", "2026-12-01"),
        ("2026-11-22", "2026-12-21", "2026-12-22"),
        ("2027-01-31", "2027-03-01", "2027-03-02"),
        ("2028-01-31", "2028-02-29", "2028-03-01"),
    ],
)
def test_a_complaint_is_acknowledged_by_both_counts(received: str, act: str, regulator: str) -> None:
    found = acknowledge_by(date.fromisoformat(received))
    assert found == AcknowledgeBy(date.fromisoformat(act), date.fromisoformat(regulator))


DATES = st.dates(date(2026, 1, 1), date(2027, 12, 31))
PAUSE = st.builds(lambda asked, length: Pause(asked, asked + length * DAY), DATES, st.integers(0, 60))
PAUSES = st.lists(PAUSE, max_size=4)


@given(DATES, PAUSES, PAUSES, st.booleans())
def test_asking_never_makes_it_sooner_and_the_order_does_not_matter(
    received: date, some: list[Pause], more: list[Pause], extended: bool
) -> None:
    without = answer_by(received, ENGLAND, extended=extended)
    few = answer_by(received, ENGLAND, extended=extended, pauses=some)
    many = answer_by(received, ENGLAND, extended=extended, pauses=some + more)
    assert without is not None
    assert few is not None
    assert many is not None
    assert without <= few <= many
    assert many == answer_by(received, ENGLAND, extended=extended, pauses=(more + some)[::-1])
    assert is_working_day(many, ENGLAND)
    assert not any(each.holds(many) for each in some + more)
    paused = {each.asked + n * DAY for each in some + more for n in range(61)}
    assert (many - without).days <= len(paused) + 10  # the longest run of days without work is Easter's


@given(DATES)
def test_a_month_is_a_month_and_an_extension_three(received: date) -> None:
    month, extended = answer_by(received, ENGLAND), answer_by(received, ENGLAND, extended=True)
    assert month is not None
    assert extended is not None
    assert 28 <= (month - received).days <= 31 + 4
    assert 89 <= (extended - received).days <= 92 + 4
