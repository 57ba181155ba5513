"""A camera's thread with a camera that plays a script: what it writes, and what it tells."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.camera_health import Fault
from controller.devices import DeviceLost
from controller.recorder.capture.camera_account import CameraAccount, LastRun
from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import (
    CameraFound,
    CameraLost,
    FaultChanged,
    GapCause,
    LostCause,
    Motion,
    SegmentClosed,
)
from controller.recorder.watching.health import HealthWatch
from controller.recorder.watching.movement import Movement

SECOND = 1_000_000


def test_segments_follow_each_other_without_a_hole(
    runner: Any, video: Any, now: Any, scripted: Any, pictures_in: Callable[[Path], list[int]]
) -> None:
    start_us = now.wall_us
    runner.play(scripted(video, now))
    segments = runner.segments()
    assert [s.end_us - s.name.start_us for s in segments] == [2 * SECOND, 2 * SECOND, round(1.9 * SECOND)]
    assert [s.name.start_us for s in segments] == [start_us, start_us + 2 * SECOND, start_us + 4 * SECOND]
    assert [len(pictures_in(runner.folder / s.name.relative)) for s in segments] == [20, 20, 20]
    assert runner.gaps() == []
    assert runner.kinds()[:2] == [CameraFound, SegmentClosed]


def test_a_lost_camera_is_tried_again_and_the_gap_told_once(
    runner: Any, video: Any, now: Any, scripted: Any
) -> None:
    def later(number: int) -> None:
        if number == 0:
            now.sleep(30)

    lost = DeviceLost("no route")
    told = runner.play(
        scripted(video, now, lost_after=25), lost, lost, lost, scripted(video, now, between=later)
    )
    (gap,) = runner.gaps()
    assert (gap.cause, gap.to_us - gap.from_us) == (GapCause.CAMERA_LOST, round(30.1 * SECOND))
    assert gap.from_us == runner.segments()[1].end_us
    assert [type(h) for h in told if isinstance(h, CameraFound | CameraLost)] == [
        CameraFound,
        CameraLost,
        CameraFound,
        CameraLost,
    ]
    assert all(h.cause is LostCause.UNREACHABLE for h in told if isinstance(h, CameraLost))


def test_a_camera_that_stays_away_is_warned_of_once(runner: Any, caplog: pytest.LogCaptureFixture) -> None:
    runner.play(DeviceLost("no route"), DeviceLost("no route"), DeviceLost("refused"), DeviceLost("refused"))
    said = [record.getMessage() for record in caplog.records]
    assert said[:2] == ["camera entrance: no route", "camera entrance: refused"]
    assert len(said) == 3  # the third is the end of the play


def test_the_gap_since_the_last_run_is_told(runner: Any, video: Any, now: Any, scripted: Any) -> None:
    runner.last_run = LastRun(now.wall_us - 90 * SECOND, GapCause.SERVICE_DIED)
    runner.play(DeviceLost("not yet"), scripted(video, now))
    (gap,) = runner.gaps()
    assert (gap.from_us, gap.cause) == (runner.last_run.recorded_to_us, GapCause.SERVICE_DIED)
    assert gap.to_us == runner.segments()[0].name.start_us


def test_a_clock_that_is_set_begins_a_segment_and_falsifies_no_gap(
    runner: Any, video: Any, now: Any, scripted: Any
) -> None:
    runner.segment_s = 60

    def set_clock(number: int) -> None:
        if number == 15:
            now.wall_us += 3600 * SECOND

    runner.play(scripted(video, now, between=set_clock))
    first, second = runner.segments()
    assert first.end_us - first.name.start_us == 2 * SECOND
    assert second.name.start_us - first.name.start_us == 3602 * SECOND
    assert runner.gaps() == []


def test_a_clock_that_becomes_trusted_begins_a_segment(
    runner: Any, video: Any, now: Any, scripted: Any
) -> None:
    runner.segment_s, now.trusted = 60, False

    def trust(number: int) -> None:
        now.trusted = number >= 15

    runner.play(scripted(video, now, between=trust))
    assert [s.name.clock_trusted for s in runner.segments()] == [False, True]


def test_a_jump_of_the_camera_and_a_stall_are_gaps(runner: Any, video: Any, now: Any, scripted: Any) -> None:
    jump = [replace(p, dts=p.dts + (n >= 15) * 90_000 * 999) for n, p in enumerate(video.packets)]
    jump = [replace(p, pts=p.dts) for p in jump]
    runner.play(scripted(replace(video, packets=jump), now))
    (gap,) = runner.gaps()
    assert (gap.cause, gap.to_us - gap.from_us) == (GapCause.CAMERA_JUMPED, SECOND // 10)

    runner.told.clear()
    stall = [replace(p, dts=p.dts + (n >= 15) * 90_000 * 6) for n, p in enumerate(video.packets)]
    stall = [replace(p, pts=p.dts) for p in stall]

    def wait(number: int) -> None:
        if number == 15:
            now.sleep(6)

    runner.segment_s = 60
    runner.play(scripted(replace(video, packets=stall), now, between=wait))
    (gap,) = runner.gaps()
    assert (gap.cause, gap.to_us - gap.from_us) == (GapCause.CAMERA_STALLED, round(6.1 * SECOND))


@pytest.mark.parametrize(
    ("at", "pictures"), [(15, [20, 40]), (20, [20, 40])], ids=["between", "at-a-keyframe"]
)
def test_a_jump_of_the_camera_begins_a_new_segment(
    at: int,
    pictures: list[int],
    runner: Any,
    video: Any,
    now: Any,
    scripted: Any,
    pictures_in: Callable[[Path], list[int]],
) -> None:
    runner.segment_s = 60
    jump = [replace(p, pts=p.dts + late, dts=p.dts + late) for p, late in _jumping(video.packets, at)]
    runner.play(scripted(replace(video, packets=jump), now))
    closed = [told.segment for told in runner.told if isinstance(told, SegmentClosed)]
    assert [len(pictures_in(runner.folder / one.name.relative)) for one in closed] == pictures
    assert len(runner.gaps()) == 1


def _jumping(packets: list[Any], at: int) -> list[tuple[Any, int]]:
    return [(packet, (number >= at) * 90_000 * 999) for number, packet in enumerate(packets)]


def test_motion_and_a_fault_of_the_picture_are_told(
    runner: Any, encoded: Callable[..., Any], now: Any, scripted: Any
) -> None:
    runner.motion = True
    walk = encoded([None] * 50 + [n * 4 for n in range(40)] + [None] * 110)
    runner.play(scripted(walk, now))
    motion = [h for h in runner.told if isinstance(h, Motion)]
    assert [h.started for h in motion] == [True, False]
    assert motion[1].stamp.mono_us - motion[0].stamp.mono_us <= 15 * SECOND

    runner.told.clear()
    still = encoded([None])
    frozen = [replace(still.packets[0], pts=n * 90_000, dts=n * 90_000) for n in range(40)]
    runner.play(scripted(replace(still, packets=frozen), now, between=lambda _: now.sleep(0.9)))
    assert [(h.fault, h.begun) for h in runner.told if isinstance(h, FaultChanged)] == [(Fault.FROZEN, True)]


def test_stop_ends_a_camera_that_plays_and_closes_its_segment(
    runner: Any, video: Any, now: Any, scripted: Any
) -> None:
    endless = replace(video, packets=video.packets)
    camera = scripted(endless, now, between=lambda _: time.sleep(0.01))
    thread = CameraThread(
        Recording("entrance", runner.folder, 60 * SECOND, False),
        lambda: camera,
        now,
        CameraAccount("entrance", runner.told.append, None),
        runner.allowed,
        Movement("entrance", runner.told.append, runner.activity),
        HealthWatch.unknown("entrance", runner.told.append),
    )
    thread.start()
    while not runner.told:
        time.sleep(0.005)
    thread.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert runner.kinds() == [CameraFound, SegmentClosed]
    assert camera.closed.is_set()
