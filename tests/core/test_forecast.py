from __future__ import annotations

import pytest

from controller.core.forecast import GIGABYTE, DiskUse, Forecast, daily_bytes, forecast, needed

DAY = 10 * GIGABYTE


def measured(
    *, daily: int = DAY, due: tuple[int, ...] = (), held: int = 0, kept: int = 0, free: int = 0
) -> DiskUse:
    return DiskUse({"entrance": daily // 2, "yard": daily - daily // 2}, due, held, kept, free)


def test_four_cameras_of_a_megabit_and_a_half_need_907_gigabytes_for_a_fortnight() -> None:
    daily = {f"camera-{n}": daily_bytes(1_500_000) for n in range(4)}
    assert needed(daily, 14) // GIGABYTE == 907


@pytest.mark.parametrize(
    ("free_days", "left"),
    [(0.0, 0), (0.9, 0), (1.0, 1), (5.5, 5), (13.9, 13), (14.0, None)],
)
def test_an_empty_disk_fills_day_by_day_until_what_is_due_makes_room(
    free_days: float, left: int | None
) -> None:
    assert forecast(measured(free=round(free_days * DAY)), 14).days_left == left


def test_a_disk_that_gives_back_each_day_what_it_takes_lasts() -> None:
    steady = measured(due=(DAY,) * 15, kept=14 * DAY, free=1)
    assert forecast(steady, 14) == Forecast(None, 14 * DAY, 14 * DAY + 1)


def test_held_footage_makes_no_room() -> None:
    """The first three days' footage is held: on these days nothing falls due, and a day is free."""
    held = measured(due=(0, 0, 0, *(DAY,) * 12), held=3 * DAY, kept=14 * DAY, free=DAY)
    assert forecast(held, 14) == Forecast(1, 17 * DAY, 15 * DAY)


def test_a_camera_that_was_added_fills_a_disk_that_was_steady() -> None:
    more = measured(daily=2 * DAY, due=(DAY,) * 15, kept=14 * DAY, free=4 * DAY)
    assert forecast(more, 14).days_left == 4


def test_a_disk_below_its_floor_is_full_now_and_nothing_recorded_needs_nothing() -> None:
    assert forecast(measured(free=-5), 14).days_left == 0
    assert forecast(measured(daily=0, free=0), 14) == Forecast(None, 0, 0)
