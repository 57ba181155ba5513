"""A whole simulated branch with the real services, as others use it in their tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.branch import Branch, Plan
from simulator.services import BranchError
from simulator.settings import ROOT

pytestmark = pytest.mark.system


def test_a_member_is_let_in_and_an_expired_card_is_not(branch: Branch) -> None:
    branch.swipe("member 1")
    branch.panel.wait(branch.front.lock, True)
    granted = branch.wait_for("access.granted")
    branch.panel.wait(branch.front.lock, False)
    branch.swipe("expired")
    branch.wait_for("access.refused", after=granted.seq, reason="expired")
    assert len(branch.panel.pulses(branch.front.lock)) == 1
    assert branch.receiver is not None
    assert branch.receiver.wait_for("access.refused").topic == f"{ROOT}/evt/access.refused"
    with pytest.raises(BranchError, match=r"no access.refused .* in time"):
        branch.wait_for("access.refused", limit_s=0, reason="suspended")


def test_a_killed_door_comes_back_with_its_lock_safe_and_the_branch_leaves_nothing(branch: Branch) -> None:
    branch.swipe("member 1")
    branch.panel.wait(branch.front.lock, True)
    branch.kill("door")
    assert branch.panel.level(branch.front.lock) is False
    assert branch.door_status()
    run = branch.layout.run
    assert branch.stop() == 0
    branch.close()
    assert not run.exists()
    assert branch.broker is not None
    assert not branch.broker.running


def test_two_branches_at_once(make_branch: Callable[[Plan], Branch]) -> None:
    one, other = make_branch(Plan(broker=None)), make_branch(Plan(broker="amqtt"))
    one.start()
    other.start()
    one.swipe("member 1")
    one.wait_for("access.granted")
    other.swipe("member 2")
    assert other.receiver is not None
    other.receiver.wait_for("access.granted")
    assert len(one.events("door")) > 0
    assert one.journal_ids()["door"] != other.journal_ids()["door"]
    assert [e.type for e in one.events("uplink")] == []


def test_a_camera_that_goes_away_is_missed(make_branch: Callable[[Plan], Branch]) -> None:
    branch = make_branch(Plan(broker=None, camera=True))
    branch.start()
    assert branch.camera is not None
    branch.wait_for("camera.found", service="recorder")
    branch.camera.away()
    branch.wait_for("camera.lost", service="recorder", limit_s=30)
