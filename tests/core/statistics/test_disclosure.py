"""What may be told of counts, and that totals tell no more than that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.statistics.disclosure import Figure, Rules, Total, total

RULES = Rules()
COUNTS = st.lists(st.integers(min_value=0, max_value=200), max_size=20)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, None), (1, None), (9, None), (10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (999, 1000)],
)
def test_below_ten_nothing_is_told_and_above_it_fives(count: int, told: Figure) -> None:
    assert RULES.figure(count) == told


@given(COUNTS)
def test_a_total_follows_from_the_figures_beside_it(counts: list[int]) -> None:
    figures = [RULES.figure(one) for one in counts]
    shown = [one for one in figures if one is not None]
    assert total(figures) == Total(sum(shown), len(shown) == len(figures))


@given(COUNTS, st.data())
def test_whatever_a_small_count_is_the_page_is_the_same(counts: list[int], data: st.DataObject) -> None:
    others = [data.draw(st.integers(0, 9)) if one < RULES.suppressed_below else one for one in counts]
    figures, other_figures = (list(map(RULES.figure, each)) for each in (counts, others))
    assert (figures, total(figures)) == (other_figures, total(other_figures))


@given(st.integers(min_value=10, max_value=10_000))
def test_a_figure_is_within_half_a_step_of_the_count(count: int) -> None:
    told = RULES.figure(count)
    assert told is not None
    assert told % 5 == 0
    assert abs(told - count) <= 2


def test_an_authority_may_be_stricter() -> None:
    assert [Rules(20, 10).figure(count) for count in (19, 20, 24, 25)] == [None, 20, 20, 30]


def test_rules_by_which_a_count_would_become_nought_are_refused() -> None:
    with pytest.raises(ValueError, match="rounded_to is above"):
        Rules(suppressed_below=10, rounded_to=25)
