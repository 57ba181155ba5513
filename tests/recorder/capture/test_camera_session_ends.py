"""What a connection leaves when it ends, begins anew or meets a fault: gaps where they are, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from controller.core import hours
from controller.devices import VideoPacket
from controller.recorder.capture.camera_account import LastRun
from controller.recorder.capture.mode import Mode, ModeRules
from controller.recorder.happenings import Gap, GapCause, Measured, Paused, Reason, Resumed, SegmentClosed
from controller.recorder.segments import segment_writer
from controller.recorder.segments.segment_writer import DiskFull

SECOND = 1_000_000
BY_ACTIVITY = ModeRules(Mode.ACTIVITY, pre_roll_us=3 * SECOND, post_roll_us=5 * SECOND, watched=False)


def test_a_camera_that_is_lost_while_quiet_leaves_what_came_last(rig: Any) -> None:
    """Somebody may have seen to it. What happens until it is back is missing: that is a gap."""
    rig.quiet()
    rig.play(10)
    lost_us = rig.now.wall_us
    rig.session.end(GapCause.CAMERA_LOST)
    (segment,) = rig.segments()
    assert rig.of(Resumed)[0].reason is Reason.CAMERA_LOST
    assert segment.name.start_us == lost_us - 4 * SECOND
    assert lost_us - segment.end_us <= SECOND / 10
    rig.pass_by(60)
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    rig.pass_by(60)
    rig.connect()
    rig.play(20)
    (gap,) = rig.of(Gap)
    found = rig.segments()[1]
    assert (gap.from_us, gap.to_us, gap.cause) == (
        segment.end_us,
        found.name.start_us,
        GapCause.CAMERA_LOST,
    )
    assert found.end_us - found.name.start_us == 5 * SECOND


def test_a_camera_that_is_off_leaves_no_gap_however_often_it_is_lost(rig: Any) -> None:
    rig.rules = ModeRules(by_hours=dict.fromkeys(hours.Mode, Mode.OFF), hours_at=lambda _: hours.Mode.CLOSED)
    rig.begin()
    for _ in range(3):
        rig.play(5)
        rig.session.end(GapCause.CAMERA_LOST)
        rig.pass_by(60)
        rig.connect()
    assert rig.of(Gap, SegmentClosed, Resumed) == []
    assert [paused.reason for paused in rig.of(Paused)] == [Reason.OFF]
    assert list(rig.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("paused", "then", "gaps"),
    [
        (None, Mode.ACTIVITY, 1),
        (Reason.QUIET, Mode.ACTIVITY, 1),
        (None, Mode.OFF, 1),
        (Reason.OFF, Mode.CONTINUOUS, 1),
        (Reason.OFF, Mode.OFF, 0),
    ],
)
def test_what_is_missing_since_the_last_run(rig: Any, paused: Reason | None, then: Mode, gaps: int) -> None:
    """Only a camera that was off and still is misses nothing."""
    rig.rules = ModeRules(by_hours=dict.fromkeys(hours.Mode, then), hours_at=lambda _: hours.Mode.CLOSED)
    recorded_us = rig.now.wall_us - 90 * SECOND
    rig.begin(LastRun(recorded_us, GapCause.SERVICE_DIED, paused))
    begun_us = rig.now.wall_us
    rig.play(2)
    assert [(gap.from_us, gap.to_us) for gap in rig.of(Gap)] == [(recorded_us, begun_us)] * gaps
    assert len(rig.of(Resumed)) == (paused is not None and then is not Mode.OFF)


def test_a_stop_while_quiet_keeps_the_pre_roll_of_what_happens_before_the_next_start(rig: Any) -> None:
    rig.quiet()
    rig.play(5)
    rig.session.end(GapCause.SERVICE_STOPPED)
    (segment,) = rig.segments()
    assert segment.end_us - segment.name.start_us >= 3 * SECOND


def test_keyframes_too_far_apart_for_the_pre_roll_are_recorded_all_the_time_and_it_is_said(
    rig: Any, caplog: pytest.LogCaptureFixture
) -> None:
    rig.play(60, keyframe_every=20)
    assert rig.of(Paused) == []
    (measured,) = rig.of(Measured)
    assert (measured.keyframe_interval_us, measured.too_rare) == (2 * SECOND, True)
    assert "keyframes are 2.0 s apart; recorded continuously" in caplog.text
    rig.play(60)  # somebody has set the camera right
    assert [m.too_rare for m in rig.of(Measured)] == [True, False]
    assert [paused.reason for paused in rig.of(Paused)] == [Reason.QUIET]


def test_a_camera_that_is_always_recorded_is_measured_too(rig: Any) -> None:
    rig.rules = ModeRules()
    rig.begin()
    rig.play(30)
    assert [(m.keyframe_interval_us, m.too_rare) for m in rig.of(Measured)] == [(SECOND, None)]


@pytest.mark.parametrize("keyframe_every", [10, 100_000])
def test_what_memory_may_not_hold_is_written(
    rig: Any, keyframe_every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the keyframes cease. Then memory is empty, and may fill again."""
    rig.quiet()
    monkeypatch.setattr(rig.session._pre_roll, "_most_bytes", 15_000)
    rig.play(30, keyframe_every=keyframe_every)
    assert rig.of(Resumed)[0].reason is Reason.MEMORY_FULL
    assert rig.of(Gap) == []
    rig.session.end(GapCause.SERVICE_STOPPED)
    assert rig.written() == rig.sent(rig.segments()[0].name.start_us, rig.now.wall_us)


def test_a_clock_that_is_set_within_the_pre_roll_begins_a_segment_there(rig: Any) -> None:
    rig.quiet()
    rig.play(2)
    rig.now.wall_us += 3600 * SECOND
    rig.play(1.5)
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    rig.play(10)
    before, after = rig.segments()
    assert before.end_us - before.name.start_us == after.name.start_us - 3600 * SECOND - before.name.start_us
    assert rig.of(Gap) == []


def test_a_stall_is_a_gap_only_where_it_is_recorded(rig: Any) -> None:
    rig.quiet()
    rig.play(10)
    rig.pass_by(4)
    rig.play(10)
    assert rig.of(Gap) == []
    rig.play(1)
    stalled_us = rig.now.wall_us
    rig.pass_by(3)
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    rig.play(10)
    (gap,) = rig.of(Gap)
    assert gap.cause is GapCause.CAMERA_STALLED
    assert gap.to_us - gap.from_us == round(3.1 * SECOND)
    assert gap.from_us == stalled_us - SECOND // 10


def test_a_stall_at_the_border_of_two_segments_is_a_gap_between_them(rig: Any) -> None:
    rig.rules, rig.segment_s = ModeRules(), 5
    rig.begin()
    rig.play(3)
    rig.pass_by(60)
    rig.play(3)
    rig.session.end(GapCause.SERVICE_STOPPED)
    before, after = rig.segments()
    (gap,) = rig.of(Gap)
    assert (gap.from_us, gap.to_us) == (before.end_us, after.name.start_us)
    assert gap.to_us - gap.from_us == round(60.1 * SECOND)


def test_a_disk_that_fills_while_the_pre_roll_is_written_leaves_its_gap(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.quiet()
    rig.play(10)
    real, room = segment_writer.SegmentWriter.write_all, [15]

    def write_all(writer: Any, packets: Iterable[VideoPacket]) -> None:
        for packet in packets:
            room[0] -= 1
            if room[0] < 0:
                raise DiskFull("full")
            real(writer, (packet,))

    monkeypatch.setattr(segment_writer.SegmentWriter, "write_all", write_all)
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    with pytest.raises(DiskFull):
        rig.play(1)
    first_us = rig.of(Resumed)[0].from_us
    assert rig.session.abandon(GapCause.STORAGE_FULL) is not None
    room[0] = 1_000_000
    rig.pass_by(30)
    rig.connect()
    found_us = rig.now.wall_us
    rig.play(1)
    (gap,) = rig.of(Gap)
    # What came after the last keyframe that was written is missing.
    assert (gap.from_us, gap.to_us, gap.cause) == (first_us + SECOND, found_us, GapCause.STORAGE_FULL)
