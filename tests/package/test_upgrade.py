"""An upgrade under swipes: nothing is lost, nobody waits long, and what does not come up is taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from tests.package import packages
from tests.package.branch import Branch, Swipe, longest_silence_s
from tests.package.conftest import BROKEN_DOOR, BROKEN_RECORDER, FIRST, SECOND
from tests.package.machine import Failed

SILENCE_S = 10
"""For longer nobody waits at the door, whatever is being installed."""
BEFORE, AFTER = 5, 10
"""Swipes before an upgrade, and after it."""


def during(branch: Branch, package: Path) -> tuple[list[Swipe], str]:
    """The swipes, one every second, before, during and after an installation, and what that said."""
    before = granted(branch)
    with branch.swiping() as told:
        swipes = list(islice(told, BEFORE))
        try:
            said = branch.install(package)
        except Failed as error:
            said = error.said
        ended_us = int(
            branch.machine.run(
                "python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000)'"
            )
        )
        for swipe in told:
            swipes.append(swipe)
            if swipe.at_us > ended_us + AFTER * 1_000_000:
                break
    assert granted(branch) - before >= sum(swipe.after_ms is not None for swipe in swipes)
    return swipes, said


def granted(branch: Branch) -> int:
    return sum(event["type"] == "access.granted" for event in branch.events())


def holds(branch: Branch) -> None:
    """No journal has lost anything."""
    said = branch.machine.run("unlocked journal verify --json", limit_s=300)
    found = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert found
    assert [journal for journal in found if journal["ok"] is False] == []


def test_an_upgrade_loses_no_event_and_nobody_waits_for_long(
    branch: Branch, make: Callable[..., Path], told: Callable[[str], None]
) -> None:
    swipes, said = during(branch, make(SECOND))
    assert branch.release() == SECOND, said
    assert branch.releases_running() == {SECOND}
    holds(branch)
    silence_s = longest_silence_s(swipes)
    missed = sum(swipe.after_ms is None for swipe in swipes)
    told(f"upgrade: {missed} of {len(swipes)} swipes had no answer; at most {silence_s:.1f} s between two")
    assert silence_s < SILENCE_S


@pytest.mark.parametrize(
    ("version", "module", "service"),
    [
        pytest.param(BROKEN_DOOR, "controller/door/main.py", "door", id="a door that does not start"),
        pytest.param(
            BROKEN_RECORDER, "controller/recorder/main.py", "recorder", id="a recorder that does not start"
        ),
    ],
)
def test_what_does_not_come_up_is_taken_back(
    branch: Branch,
    make: Callable[..., Path],
    told: Callable[[str], None],
    version: str,
    module: str,
    service: str,
) -> None:
    was = branch.release()
    broken = make(version, packages.begins_with(module, "raise RuntimeError('broken on purpose')"))
    swipes, said = during(branch, broken)
    assert branch.release() == was
    assert "Going back" in said
    assert service in said
    branch.wait_until_running()
    assert branch.releases_running() == {was}
    holds(branch)
    silence_s = longest_silence_s(swipes)
    told(f"broken {service}: at most {silence_s:.1f} s between two answers until {was} was in use again")
    assert silence_s < SILENCE_S


def test_by_hand_it_goes_back_to_the_release_before(branch: Branch) -> None:
    branch.machine.run("/opt/unlocked/bin/switch back", limit_s=300)
    assert branch.release() == FIRST
    branch.wait_until_running()
    assert [swipe for swipe in branch.swipes(3) if swipe.after_ms is None] == []
