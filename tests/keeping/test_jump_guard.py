from __future__ import annotations

from dataclasses import replace
from typing import Any

from controller.core.hold import DAY_US
from controller.keeping.jump_guard import JumpGuard


def test_time_that_goes_on_is_steady(now: Any) -> None:
    guard = JumpGuard()
    assert guard.steady(now())
    now.sleep(5 * 86_400)  # quiet for days, within one boot
    assert guard.steady(now())
    assert guard.steady(replace(now(), boot_id="next", wall_us=now.wall_us + DAY_US, mono_us=1))


def test_a_jump_ahead_of_more_than_a_day_must_stand_a_day(now: Any) -> None:
    guard = JumpGuard()
    guard.saw(now())
    now.wall_us += DAY_US + 1_000_000
    assert not guard.steady(now())
    now.sleep(86_399)
    assert not guard.steady(now())
    now.sleep(1)
    assert guard.steady(now())


def test_a_jump_across_a_boot_counts_as_well(now: Any) -> None:
    guard = JumpGuard()
    guard.saw(now())
    later = replace(now(), boot_id="next", wall_us=now.wall_us + 2 * DAY_US, mono_us=1)
    assert not guard.steady(later)


def test_a_jump_that_is_set_right_is_forgotten(now: Any) -> None:
    guard = JumpGuard()
    guard.saw(now())
    now.wall_us += 400 * DAY_US
    assert not guard.steady(now())
    now.wall_us -= 400 * DAY_US
    assert guard.steady(now())


def test_what_an_untrusted_clock_says_counts_for_nothing(now: Any) -> None:
    guard = JumpGuard()
    guard.saw(replace(now(), clock_trusted=False, wall_us=1))
    assert guard.steady(now())
