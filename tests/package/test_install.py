"""The package installs, setup sets up, the services start as they should, and a swipe opens the door."""

from __future__ import annotations

from collections.abc import Callable

from tests.package.branch import SERVICES, Branch, percentile
from tests.package.image import Image

SWIPES = 100


def test_setup_tells_what_is_left_to_do(set_up: tuple[Image, str]) -> None:
    assert "What is left to do" in set_up[1]


def test_every_service_runs_and_none_is_root(branch: Branch) -> None:
    for service in SERVICES:
        owner = branch.machine.run(f"ps -o user:32= -p {branch.property(service, 'MainPID')}").strip()
        assert owner == f"unlocked-{service}"


def test_a_swipe_opens_the_door(branch: Branch, told: Callable[[str], None]) -> None:
    swipes = branch.swipes(SWIPES, every_s=0.5)
    assert [swipe for swipe in swipes if swipe.after_ms is None] == []
    took = sorted(swipe.after_ms for swipe in swipes if swipe.after_ms is not None)
    told(f"swipe to lock ({SWIPES}): p50 {percentile(took, 0.5):.1f} ms, p99 {percentile(took, 0.99):.1f} ms")
