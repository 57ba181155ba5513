"""The statistics of the report."""

from __future__ import annotations

from benchmarks.rows import Row, Spread


def test_a_spread_takes_its_figures_from_the_ordered_sample() -> None:
    spread = Spread.of([float(n) for n in reversed(range(1000))])
    assert (spread.p50, spread.p99, spread.p999, spread.count) == (500, 990, 999, 1000)


def test_of_a_small_sample_the_tail_is_its_worst() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 3.0, 3.0, 3)


def test_a_row_says_whether_its_aim_was_met() -> None:
    assert str(Row("a", "1 us", "< 2 us", met=True)).endswith("met")
    assert str(Row("a", "3 us", "< 2 us", met=False)).endswith("MISSED")
    assert str(Row("a", "1 us")).endswith("1 us")
