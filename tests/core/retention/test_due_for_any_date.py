"""What holds for every rule and any date: not a day too early, not a day too late, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from controller.core.local_time import local_date
from controller.core.retention.due import (
    Answer,
    Conventions,
    Due,
    due,
    due_before_us,
    earlier,
)
from controller.core.retention.rules import (
    CurrentYearPlus,
    Duration,
    Immediate,
    Moments,
    Period,
    Permanent,
    Rule,
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


# --- what holds for any dates -----------------------------------------------------------------------

PERIODS = st.builds(Period, st.integers(0, 10), st.integers(0, 40), st.integers(1, 400))
DATED_RULES = st.one_of(
    st.builds(Duration, PERIODS),
    st.builds(CurrentYearPlus, st.integers(0, 10)),
    st.builds(lambda rule: WhileThen(rule), st.builds(Duration, PERIODS)),
    st.just(Immediate()),
    st.builds(Window, st.integers(10, 30), st.just(10), st.just(30)),
)
RULES = DATED_RULES | st.sampled_from([Permanent(), Unspecified()])
BASES = st.sampled_from(YearBasis).map(lambda basis: Conventions(LONDON, basis))
MOMENTS_US = st.integers(us("1990-01-01T00:00Z"), us("2150-01-01T00:00Z"))


@given(st.builds(CurrentYearPlus, st.integers(0, 10)) | st.builds(Duration, PERIODS), MOMENTS_US, BASES)
def test_never_earlier_than_promised_and_never_later(
    rule: CurrentYearPlus | Duration, at_us: int, conventions: Conventions
) -> None:
    """Against the sentence itself: kept on every day the promise covers, due in the first moment after."""
    found = dated(due(rule, Moments(at_us, at_us), conventions))
    assert local_date(found.due_us, LONDON) == found.due_on
    assert local_date(found.due_us - 1, LONDON) == found.retained_through
    assert found.due_on - found.retained_through == timedelta(days=1)
    began = local_date(at_us, LONDON)
    if isinstance(rule, CurrentYearPlus):
        assert (found.due_on.month, found.due_on.day) in {(1, 1), (4, 1), (8, 1)}
        assert rule.years * 365 <= (found.retained_through - began).days <= (rule.years + 1) * 366
    else:
        period = rule.period
        months = (found.retained_through - timedelta(days=period.days) - began).days / 30.436875
        assert abs(months - period.years * 12 - period.months) < 0.2


@given(DATED_RULES, MOMENTS_US, MOMENTS_US, BASES)
def test_what_happened_first_is_never_due_last(
    rule: Rule, one_us: int, other_us: int, conventions: Conventions
) -> None:
    first_us, last_us = sorted((one_us, other_us))
    first, last = (dated(due(rule, Moments(each, each), conventions)) for each in (first_us, last_us))
    assert first_us <= first.due_us <= last.due_us


@given(RULES, MOMENTS_US, st.integers(-(10**16), 10**16), BASES)
def test_one_question_to_a_database_finds_the_same(
    rule: Rule, at_us: int, more_us: int, conventions: Conventions
) -> None:
    answer = due(rule, Moments(at_us, at_us), conventions)
    now_us = max(0, (answer.due_us if isinstance(answer, Due) else at_us) + more_us // 10**4)
    before_us = due_before_us(rule, now_us, conventions)
    is_due = isinstance(answer, Due) and answer.due_us <= now_us
    assert is_due is (before_us is not None and at_us < before_us)


def test_one_question_to_the_microsecond() -> None:
    now_us = us("2027-02-20T00:00Z")
    assert due_before_us(NINETY_DAYS, now_us, NO_BASIS) == us("2026-11-22T00:00Z")
    assert due_before_us(NINETY_DAYS, now_us - 1, NO_BASIS) == us("2026-11-21T00:00Z")
    assert due_before_us(FORTNIGHT, now_us, NO_BASIS) == us("2027-02-06T00:00:00.000001Z")
    assert due_before_us(Immediate(), 5, NO_BASIS) == 6
    assert due_before_us(Immediate(), 0, NO_BASIS) == 1
    assert due_before_us(FORTNIGHT, us("1970-01-15T00:00Z"), NO_BASIS) == 1
    assert due_before_us(NINETY_DAYS, us("1970-02-01T00:00Z"), NO_BASIS) is None
    assert due_before_us(Permanent(), now_us, NO_BASIS) is None


@given(
    st.lists(st.tuples(RULES, MOMENTS_US), min_size=1, max_size=4), BASES, st.randoms(use_true_random=False)
)
def test_a_ceiling_can_only_make_it_sooner_and_in_any_order(
    rules: list[tuple[Rule, int]], conventions: Conventions, random: st.DrawFn
) -> None:
    answers = [due(rule, Moments(at_us, at_us), conventions) for rule, at_us in rules]
    found = earlier(*answers)
    for answer in answers:
        if isinstance(answer, Due):
            assert dated(found).due_us <= answer.due_us
    random.shuffle(answers)  # type: ignore[attr-defined]
    assert earlier(*answers) == found
