"""How many are inside, how sure that is, and when nobody knows."""

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.core.occupancy import Basis, DailyReset, Estimate, Occupancy

S = 1_000_000
LONDON = ZoneInfo("Europe/London")


def counting(basis: Basis) -> Occupancy:
    occupancy = Occupancy(basis)
    occupancy.reset(0)
    return occupancy


@pytest.mark.parametrize("basis", list(Basis))
def test_at_a_start_nobody_knows_whatever_happens(basis: Basis) -> None:
    occupancy = Occupancy(basis)
    for _ in range(3):
        occupancy.came_in(S)
        occupancy.left(S)
        occupancy.let_out(S)
    assert occupancy.estimate is None
    assert occupancy.empty_for_us(9 * S) is None


@pytest.mark.parametrize("basis", list(Basis))
def test_when_the_building_is_known_to_be_empty_it_is(basis: Basis) -> None:
    occupancy = counting(basis)
    occupancy.came_in(S)
    occupancy.reset(2 * S)
    assert occupancy.estimate == Estimate(0, 0, 0, basis)
    assert occupancy.empty_for_us(5 * S) == 3 * S
    occupancy.lose()
    assert occupancy.estimate is None
    assert occupancy.empty_for_us(5 * S) is None


def test_counters_know_both_bounds() -> None:
    occupancy = counting(Basis.COUNTERS)
    for _ in range(30):
        occupancy.came_in(S)
    assert occupancy.estimate == Estimate(28, 30, 32, Basis.COUNTERS)
    for _ in range(30):
        occupancy.left(2 * S)
    assert occupancy.estimate == Estimate(0, 0, 3, Basis.COUNTERS)
    assert occupancy.empty_for_us(3 * S) == S


def test_who_leaves_an_empty_building_was_counted_wrong() -> None:
    occupancy = counting(Basis.COUNTERS)
    occupancy.left(S)
    occupancy.left(S)
    assert occupancy.estimate == Estimate(0, 0, 3, Basis.COUNTERS)
    occupancy.came_in(S)
    assert occupancy.estimate == Estimate(0, 1, 4, Basis.COUNTERS)


@pytest.mark.parametrize("basis", [Basis.GRANTS, Basis.READERS])
def test_without_counters_nobody_knows_how_many_more(basis: Basis) -> None:
    occupancy = counting(basis)
    occupancy.came_in(S)
    occupancy.came_in(S)
    assert occupancy.estimate == Estimate(2, 2, None, basis)
    occupancy.left(S)
    assert occupancy.estimate == Estimate(1, 1, None, basis)
    for _ in range(3):
        occupancy.came_in(S)
    occupancy.let_out(S)  # one, or all
    assert occupancy.estimate == Estimate(0, 3, None, basis)
    occupancy.came_in(S)
    assert occupancy.estimate == Estimate(1, 4, None, basis)
    occupancy.left(S)
    occupancy.left(S)
    assert occupancy.estimate == Estimate(0, 2, None, basis)


def test_an_opening_that_nobody_can_explain_leaves_nothing_certain() -> None:
    occupancy = counting(Basis.GRANTS)
    occupancy.unseen()
    assert occupancy.estimate == Estimate(0, 0, None, Basis.GRANTS)
    occupancy.came_in(S)
    occupancy.unseen()
    assert occupancy.estimate == Estimate(0, 1, None, Basis.GRANTS)


def test_it_is_empty_from_when_the_last_one_left() -> None:
    occupancy = counting(Basis.GRANTS)
    occupancy.came_in(10 * S)
    assert occupancy.empty_for_us(11 * S) is None
    occupancy.let_out(20 * S)
    occupancy.let_out(30 * S)  # somebody was still there; the estimate was empty already
    assert occupancy.empty_for_us(40 * S) == 20 * S


@pytest.mark.parametrize("basis", list(Basis))
def test_the_bounds_hold_the_estimate_between_them(basis: Basis) -> None:
    chance = random.Random(3)
    occupancy = counting(basis)
    for step in range(5_000):
        chance.choice((occupancy.came_in, occupancy.came_in, occupancy.left, occupancy.let_out))(step)
        if chance.random() < 0.01:
            occupancy.reset(step)
        estimate = occupancy.estimate
        assert estimate is not None
        assert 0 <= estimate.low <= estimate.likely
        assert estimate.high is None or estimate.high >= estimate.likely
        assert (occupancy.empty_for_us(step) is None) == (estimate.likely > 0)


def test_counters_that_miscount_less_than_assumed_never_exclude_the_truth() -> None:
    chance = random.Random(5)
    for _ in range(50):
        occupancy, inside, moves, wrong = counting(Basis.COUNTERS), 0, 0, 0
        for step in range(400):
            moves += 1
            inward = inside == 0 or chance.random() < 0.5
            inside += 1 if inward else -1
            if chance.random() < 0.1 and 40 * (wrong + 1) <= moves:
                wrong += 1  # seen the wrong way round would be two wrong; here one is missed
                continue
            (occupancy.came_in if inward else occupancy.left)(step)
            estimate = occupancy.estimate
            assert estimate is not None
            assert estimate.high is not None
            assert estimate.low <= inside <= estimate.high


@pytest.mark.parametrize(
    ("likely", "published"),
    [(0, None), (9, None), (10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (101, 100)],
)
def test_what_is_published_is_coarse(likely: int, published: int | None) -> None:
    assert Estimate(likely, likely, None, Basis.COUNTERS).published == published


def resets(at: time, first: datetime, hours: float, every_s: float = 1) -> list[datetime]:
    """The local times at which a look found that it is time."""
    daily, found = DailyReset(at), []
    for step in range(round(hours * 3600 / every_s)):
        now = first + timedelta(seconds=step * every_s)
        local = now.astimezone(LONDON)
        if daily.due(round(now.timestamp() * S), local):
            found.append(local.replace(tzinfo=None))
    return found


def test_it_is_reset_once_a_day_on_time() -> None:
    found = resets(time(3), datetime(2026, 11, 20, 12, tzinfo=UTC), 72, every_s=7)
    assert [local.date().day for local in found] == [21, 22, 23]
    assert all(
        timedelta() <= local - local.replace(hour=3, minute=0, second=0) < timedelta(seconds=7)
        for local in found
    )


def test_a_start_after_the_time_resets_nothing() -> None:
    assert resets(time(3), datetime(2026, 11, 20, 3, 0, 1, tzinfo=UTC), 20, every_s=30) == []


def test_a_time_that_nobody_looked_at_resets_nothing() -> None:
    daily = DailyReset(time(3))
    for local in (datetime(2026, 11, 20, 2, 50, tzinfo=UTC), datetime(2026, 11, 20, 3, 0, tzinfo=UTC)):
        assert not daily.due(round(local.timestamp() * S), local)


def test_a_clock_that_goes_back_resets_nothing() -> None:
    daily = DailyReset(time(3))
    for local in (datetime(2026, 11, 20, 2, 59, tzinfo=UTC), datetime(2026, 11, 20, 2, 58, tzinfo=UTC)):
        assert not daily.due(round(local.timestamp() * S), local)


@pytest.mark.parametrize("at", [time(0, 0), time(23, 59, 30), time(1, 30)])
@pytest.mark.parametrize(
    "night", [datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 10, 24, 18, tzinfo=UTC)]
)
def test_on_the_nights_of_the_clock_change_it_is_reset_once(at: time, night: datetime) -> None:
    """In spring 01:30 is skipped, and taken as the clocks jump over it; in autumn it comes twice."""
    assert len(resets(at, night, 14, every_s=11)) == 1
    assert len(resets(at, night, 14, every_s=45)) == 1
