"""A recorder that may not record: no camera is asked, what is due is destroyed, the time is accounted for."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.event import EventType
from controller.core.hold import DAY_US
from controller.devices import DeviceLost
from controller.recorder.capture.mode import Mode, ModeRules
from controller.recorder.happenings import GapCause
from controller.recorder.history import History
from controller.recorder.permission import PERMITTED, Cause, Permission, Refusal

FORBIDDEN = Permission((Refusal(Cause.NO_CCTV_PERIOD, "the notice lacks a sentence"),))


def test_no_camera_is_opened_and_what_is_due_is_destroyed(rig: Any) -> None:
    opened = []

    def open_camera() -> None:
        opened.append(1)
        raise DeviceLost("not reached")

    rig.cameras["entrance"] = open_camera
    old, young = rig.plant(15 * DAY_US), rig.plant(9 * DAY_US)
    rig.permission = FORBIDDEN
    with rig.running():
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
        rig.go_round()
    assert rig.files() == {young}
    assert old != young
    assert not opened
    (stopped,) = rig.events(EventType.RECORDING_STOPPED)
    assert stopped.data == {"cause": "policy", "reasons": ["no_cctv_period"]}
    assert rig.rounds.said[-1] == "nothing is recorded: `unlocked check` says why"


@pytest.mark.parametrize("usual", [Mode.CONTINUOUS, Mode.ACTIVITY])
def test_the_time_without_permission_is_a_gap_of_its_own(
    rig: Any, video: Any, scripted: Any, usual: Mode
) -> None:
    rig.modes = ModeRules(usual=usual, pre_roll_us=1, post_roll_us=1)

    def film() -> Any:
        return rig.once(scripted(video, rig.now))

    rig.cameras["entrance"] = film()
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    recorded_us = max(row.end_us for row in rig.rows())
    rig.permission = FORBIDDEN
    for _ in range(2):
        rig.now.sleep(3600)
        with rig.running():
            rig.go_round()
        rig.now.sleep(3600)
    rig.permission = PERMITTED
    rig.cameras["entrance"] = film()
    begun_us = rig.now.wall_us
    with rig.running():
        (gap,) = [gap for gap in rig.wait(EventType.RECORDING_GAP) if gap.data["to_us"] >= begun_us]
    assert gap.data["cause"] == GapCause.POLICY
    assert gap.data["from_us"] <= recorded_us + 60_000_000
    assert gap.data["to_us"] >= begun_us


def test_only_the_run_that_was_forbidden_counts_as_such(rig: Any) -> None:
    rig.permission = FORBIDDEN
    rig.cameras["entrance"] = rig.once()
    with rig.running():
        rig.go_round()
    assert History.of(rig.events()).gap_cause is GapCause.POLICY
    rig.permission = PERMITTED
    with rig.running():
        rig.go_round()
    assert History.of(rig.events()).gap_cause is GapCause.SERVICE_STOPPED
