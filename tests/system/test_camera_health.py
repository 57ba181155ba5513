"""A real recorder and a simulated network camera with which something goes wrong, in real time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from controller.core.camera_health import LOST_NOTICED_S, NOTICED_S, Fault
from controller.core.event import EventType
from simulator.branch import Branch, Plan
from simulator.camera.film import Condition

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not os.environ.get("UNLOCKED_SOAK"), reason="takes minutes: set UNLOCKED_SOAK=1"),
]


@pytest.fixture
def recording(make_branch: Callable[[Plan], Branch]) -> Branch:
    branch = make_branch(Plan(broker=None, camera=True))
    branch.start()
    branch.wait_for(EventType.CAMERA_FOUND, service="recorder", limit_s=30)
    time.sleep(10)  # some pictures in which nothing is wrong
    return branch


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        (Condition.DARK, Fault.DARK),
        (Condition.COVERED, Fault.COVERED),
        (Condition.FROZEN, Fault.FROZEN),
    ],
)
def test_a_fault_is_journalled_within_its_seconds(
    recording: Branch, condition: Condition, fault: Fault
) -> None:
    camera = recording.camera
    assert camera is not None
    for kind, now_is in [
        (EventType.CAMERA_FAULT_STARTED, condition),
        (EventType.CAMERA_FAULT_ENDED, Condition.WELL),
    ]:
        after, began_s = recording.last_seq("recorder"), time.monotonic()
        camera.be(now_is)
        recording.wait_for(kind, after=after, service="recorder", limit_s=NOTICED_S[fault], fault=fault.value)
        print(f"{kind} {fault}: {time.monotonic() - began_s:.1f} s")


@pytest.mark.parametrize("what", ["stall", "drop", "away"])
def test_a_camera_that_sends_nothing_is_lost_within_its_seconds(recording: Branch, what: str) -> None:
    assert recording.camera is not None
    after, began_s = recording.last_seq("recorder"), time.monotonic()
    getattr(recording.camera, what)()
    recording.wait_for(EventType.CAMERA_LOST, after=after, service="recorder", limit_s=LOST_NOTICED_S)
    print(f"{what}: {time.monotonic() - began_s:.1f} s")
