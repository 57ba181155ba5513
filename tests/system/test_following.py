"""What follows the branch and watches its doors, with the real services, pins and journal."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.branch import Branch, Plan

pytestmark = pytest.mark.system

LIGHTS, HEATING, COUNTER_IN, COUNTER_OUT = 5, 6, 7, 8
FOLLOWING = f"""
[passages]
evidence = true

[occupancy]
estimate = true

[doors.counter_in]
pin = {COUNTER_IN}

[doors.counter_out]
pin = {COUNTER_OUT}

[[outputs]]
id = "lights"
pin = {LIGHTS}
on_in = ["unstaffed"]
safe = "leave"

[[outputs]]
id = "heating"
pin = {HEATING}
on_in = ["staffed"]
in_emergency = "on"
"""


@pytest.fixture(scope="module")
def branch() -> Iterator[Branch]:
    with (
        tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder,
        Branch(Path(folder), Plan(broker=None)) as branch,
    ):
        with branch.layout.config.open("a") as settings:
            settings.write(FOLLOWING)
        branch.start()
        yield branch


def pass_counter(branch: Branch, pin: int) -> None:
    branch.panel.set(pin, False)
    time.sleep(0.12)  # as long as somebody is in the beam
    branch.panel.set(pin, None)
    time.sleep(0.12)


def test_outputs_follow_the_hours_and_a_fire_and_outlive_their_process(branch: Branch) -> None:
    branch.wait_for("output.on", output="lights", why="hours")
    branch.panel.wait(LIGHTS, True)
    assert branch.door_status()["outputs"] == {"lights": "on", "heating": "off"}
    before = len(branch.panel.history(LIGHTS))
    after = branch.last_seq("door")
    branch.kill("door")
    branch.wait_for("output.on", after=after, output="lights", why="hours")
    dark = [edge for edge in branch.panel.history(LIGHTS)[before:] if not edge.level]
    light = [edge for edge in branch.panel.history(LIGHTS)[before:] if edge.level]
    # Nothing but the moment in which the pin is claimed anew.
    assert len(dark) <= 1
    assert all(on.mono_us - off.mono_us < 250_000 for off, on in zip(dark, light, strict=True))
    branch.fire(True)
    branch.wait_for("output.on", after=after, output="heating", why="emergency")
    branch.panel.wait(HEATING, True)
    branch.fire(False)
    branch.panel.wait(HEATING, False)


def test_who_follows_a_member_is_counted_and_shown(branch: Branch) -> None:
    assert branch.door_status()["occupancy"] == {"basis": "counters", "known": False}
    branch.swipe("member 1")
    granted = branch.wait_for("access.granted")
    branch.open_door()
    branch.wait_for("door.opened")
    pass_counter(branch, COUNTER_IN)
    pass_counter(branch, COUNTER_IN)
    evidence = branch.wait_for("passage.more_than_granted", granted=1, counted_in=2)
    assert evidence.data["grant"] == granted.id
    branch.close_door()
    said = branch.unlocked("door", "status")
    assert "occupancy:" in said
    assert "known:" in said
