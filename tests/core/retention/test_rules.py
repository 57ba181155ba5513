"""What cannot be meant by a rule is refused where it is made."""

import pytest

from controller.core.retention.rules import CurrentYearPlus, Moments, Period, Window


@pytest.mark.parametrize(
    ("years", "months", "days", "words"),
    [
        (0, 0, 0, "^a period without length: what is destroyed at once has the rule 'immediate'$"),
        (-1, 0, 1, "^a period cannot be negative$"),
        (1, -1, 0, "^a period cannot be negative$"),
        (1, 0, -1, "^a period cannot be negative$"),
        (151, 0, 0, "^a period of more than 150 years is not believed$"),
        (150, 1, 0, "^a period of more than 150 years is not believed$"),
        (0, 1801, 0, "^a period of more than 150 years is not believed$"),
        (0, 0, 54901, "^a period of more than 150 years is not believed$"),
    ],
)
def test_a_period_that_cannot_be_meant(years: int, months: int, days: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Period(years, months, days)


@pytest.mark.parametrize(("years", "months", "days"), [(0, 0, 1), (0, 1, 0), (1, 0, 0), (150, 0, 0)])
def test_any_other_can(years: int, months: int, days: int) -> None:
    period = Period(years, months, days)
    assert (period.years, period.months, period.days) == (years, months, days)


@pytest.mark.parametrize("years", [-1, 151])
def test_years_after_the_current_one(years: int) -> None:
    with pytest.raises(ValueError, match=f"^the years after the current one are 0 to 150, not {years}$"):
        CurrentYearPlus(years)
    assert (CurrentYearPlus(0).years, CurrentYearPlus(150).years) == (0, 150)


@pytest.mark.parametrize(
    ("days", "least", "most"), [(9, 10, 30), (31, 10, 30), (10, -1, 30), (54_901, 1, 54_901)]
)
def test_footage_is_kept_as_many_days_as_the_notice_says(days: int, least: int, most: int) -> None:
    with pytest.raises(ValueError, match=f"^kept {days} days, not {least} to {most}$"):
        Window(days, least, most)


def test_both_ends_of_the_window_count() -> None:
    assert (Window(10, 10, 30).days, Window(30, 10, 30).days, Window(0, 0, 54_900).days) == (10, 30, 0)


def test_what_happened_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match=r"^it ends before it starts$"):
        Moments(2, 1)
    assert Moments(1, 1).end_us == 1
