"""A branch that is switched off, and one whose plug is pulled: it comes back, and has lost nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice

import pytest

from tests.package.branch import Branch
from tests.package.machine import wait_until
from tests.package.test_upgrade import granted, holds

CUTS = 3


def first_swipe_s(branch: Branch) -> float:
    """Switch on; how long until a member is let in."""
    began = time.monotonic()
    branch.machine.switch_on()
    wait_until(lambda: "swipes.sock" in branch.machine.run("ls /run/wires || true"), "there are wires", 120)
    with branch.swiping(every_s=0.3) as told:
        next(swipe for swipe in told if swipe.after_ms is not None)
    return time.monotonic() - began


def test_it_comes_back_after_it_was_switched_off(branch: Branch, told: Callable[[str], None]) -> None:
    branch.machine.switch_off()
    told(f"from switching on to the first member let in: {first_swipe_s(branch):.1f} s")
    branch.wait_until_running()
    holds(branch)


def test_the_door_has_the_machine_stopped_in_order(branch: Branch) -> None:
    """As it does when its battery is nearly empty: docs/power.md."""
    before = granted(branch)
    answered = sum(swipe.after_ms is not None for swipe in branch.swipes(3))
    as_the_door = "setpriv --reuid=unlocked-door --regid=unlocked --clear-groups --no-new-privs"
    branch.machine.run(f"{as_the_door} touch /run/unlocked/door/power-off")
    wait_until(branch.machine.ended, "the machine is off", 60)
    branch.machine.cut_power()  # nothing runs any more
    first_swipe_s(branch)
    branch.wait_until_running()
    assert granted(branch) >= before + answered
    holds(branch)


@pytest.mark.parametrize("after", range(1, CUTS + 1))
def test_it_comes_back_after_the_plug_was_pulled(
    branch: Branch, told: Callable[[str], None], after: int
) -> None:
    before = granted(branch)
    with branch.swiping(every_s=0.2) as swipes:
        answered = sum(swipe.after_ms is not None for swipe in islice(swipes, 5 * after))
        branch.machine.cut_power()
    told(f"plug pulled: the first member let in after {first_swipe_s(branch):.1f} s")
    branch.wait_until_running()
    assert granted(branch) >= before + answered
    holds(branch)


@pytest.mark.parametrize("after_s", [0.5, 1.5, 3])
def test_it_comes_back_after_the_plug_was_pulled_at_start_up(branch: Branch, after_s: float) -> None:
    branch.machine.cut_power()
    branch.machine.start()
    time.sleep(after_s)  # wherever in its start-up that is
    branch.machine.cut_power()
    first_swipe_s(branch)
    branch.wait_until_running()
    holds(branch)
