"""When something at the door was, on the clock that counts since boot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from controller.recorder.clips.following import since_boot_us

HOUR = 3_600_000_000


def test_of_this_boot_it_is_known_whatever_became_of_the_wall_clock(now: Any) -> None:
    then = now()
    now.sleep(10)
    now.wall_us += 5 * HOUR
    assert since_boot_us(then, now()) == then.mono_us


def test_of_another_boot_the_wall_clocks_say_it_and_never_that_it_is_yet_to_come(now: Any) -> None:
    before = replace(now(), boot_id="before", mono_us=HOUR)
    now.sleep(10)
    assert since_boot_us(before, now()) == now.mono_us - 10_000_000
    assert since_boot_us(replace(before, wall_us=now.wall_us + HOUR), now()) == now.mono_us
