"""The door works whatever the policy profile forbids the recorder.

Under the profile that lets it record, every other test of a simulated branch has both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.event import EventType
from simulator.branch import Branch, Plan
from simulator.policies import policy_toml

pytestmark = pytest.mark.system


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[Branch]:
    with Branch(tmp_path / "branch", Plan(broker=None, camera=True, profile="south-ayrshire")) as branch:
        yield branch


def test_the_door_opens_under_profiles_that_forbid_recording(branch: Branch) -> None:
    last = "south-ayrshire"
    for profile in ("south-ayrshire", "suffolk"):
        text = branch.layout.config.read_text()
        branch.layout.config.write_text(text.replace(policy_toml(last), policy_toml(profile)))
        last, seqs = profile, {service: branch.last_seq(service) for service in ("door", "recorder")}
        branch.start()
        branch.wait_for(
            EventType.RECORDING_STOPPED,
            service="recorder",
            after=seqs["recorder"],
            cause="policy",
            reasons=["no_cctv_period"],
        )
        branch.swipe("member 1")
        branch.wait_for(EventType.ACCESS_GRANTED, after=seqs["door"])
        branch.wait_for(EventType.DOOR_UNLOCKED, after=seqs["door"])
        assert any("the notice lacks a sentence" in line for line in branch.log)
        assert branch.stop() == 0
        said = [event.type for event in branch.events("recorder", seqs["recorder"])]
        assert said.count(EventType.POLICY_IN_FORCE) == 1
        assert EventType.CAMERA_FOUND not in said
