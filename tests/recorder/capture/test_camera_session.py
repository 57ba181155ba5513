"""A connection in every mode, packet by packet: what is written, what is told, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from controller.core import hours
from controller.devices import VideoPacket
from controller.recorder.capture import camera_session
from controller.recorder.capture.activity import Activity
from controller.recorder.capture.camera_account import CameraAccount, LastRun
from controller.recorder.capture.camera_session import CameraSession
from controller.recorder.capture.mode import Mode, ModeJudge, ModeRules
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import Gap, GapCause, Measured, Paused, Reason, Resumed, SegmentClosed
from controller.recorder.segments import segment_writer
from controller.recorder.segments.segment_writer import DiskFull
from controller.recorder.watching.movement import Movement
from simulator.camera.encoder import nal_units

SECOND = 1_000_000
BY_ACTIVITY = ModeRules(Mode.ACTIVITY, pre_roll_us=3 * SECOND, post_roll_us=5 * SECOND, watched=False)


class Rig:
    """Plays the video over and over, ten pictures a second with a keyframe each, to one session or more."""

    def __init__(self, folder: Path, video: Any, now: Any) -> None:
        self.folder, self.video, self.now = folder, video, now
        self.told: list[Any] = []
        self.played: list[tuple[int, VideoPacket]] = []
        self.activity = Activity()
        self.rules = BY_ACTIVITY
        self.segment_s = 60
        self.ticks = 0
        self.number = 0

    def begin(self, last_run: LastRun | None = None) -> None:
        """A run of the recorder."""
        self.account = CameraAccount("entrance", self.told.append, last_run)
        self.judge = ModeJudge(self.rules, self.activity)
        self.movement = Movement("entrance", self.told.append, self.activity)
        self.connect()

    def connect(self) -> None:
        recording = Recording("entrance", self.folder, self.segment_s * SECOND, False, self.rules)
        self.session = CameraSession(
            recording, self.video.format, self.account, self.judge, self.movement, self.now
        )

    def play(self, seconds: float, *, keyframe_every: int = 10) -> None:
        for _ in range(round(seconds * 10)):
            packet = self.video.packets[self.number % 60]
            keyframe = packet.keyframe and self.number % keyframe_every == 0
            packet = replace(packet, dts=self.ticks, pts=self.ticks, keyframe=keyframe)
            self.played.append((self.now.wall_us, packet))
            self.session.take(packet)
            self.number += 1
            self.pass_by(0.1)

    def pass_by(self, seconds: float) -> None:
        """Time passes for us and the camera."""
        self.now.sleep(seconds)
        self.ticks += round(seconds * 90_000)

    def quiet(self) -> None:
        """Until nothing is recorded any more."""
        self.play(8)
        self.told.clear()

    def of(self, *kinds: type) -> list[Any]:
        return [told for told in self.told if isinstance(told, kinds)]

    def segments(self) -> list[Any]:
        return [told.segment for told in self.of(SegmentClosed)]

    def written(self) -> list[bytes]:
        return [picture for segment in self.segments() for picture in self._pictures(segment)]

    def _pictures(self, segment: Any) -> list[bytes]:
        with av.open(str(self.folder / segment.name.relative)) as film:
            return [b"".join(_units(bytes(p))) for p in film.demux(video=0) if p.size]

    def sent(self, from_us: int, until_us: int) -> list[bytes]:
        """The pictures that came at these times, as they stand in a file."""
        return [
            b"".join(unit.rstrip(b"\0") for unit in nal_units(packet.payload))
            for at_us, packet in self.played
            if from_us <= at_us < until_us
        ]


def _units(payload: bytes) -> Iterator[bytes]:
    while payload:
        length = int.from_bytes(payload[:4], "big")
        yield payload[4 : 4 + length].rstrip(b"\0")
        payload = payload[4 + length :]


@pytest.fixture
def rig(tmp_path: Path, video: Any, now: Any) -> Iterator[Rig]:
    rig = Rig(tmp_path, video, now)
    rig.begin()
    yield rig
    rig.session.abandon(GapCause.SERVICE_STOPPED)


def test_a_quiet_camera_is_recorded_until_it_is_known_to_be(rig: Rig) -> None:
    """And then paused, which is no gap."""
    begun_us = rig.now.wall_us
    rig.play(20)
    (segment,) = rig.segments()
    assert (segment.name.start_us, segment.end_us) == (begun_us, begun_us + 5 * SECOND)
    (paused,) = rig.of(Paused)
    assert (paused.reason, paused.stamp.wall_us) == (Reason.QUIET, segment.end_us)
    assert rig.of(Gap, Resumed) == []
    assert rig.written() == rig.sent(begun_us, segment.end_us)


@pytest.mark.parametrize("reason", [Reason.DOOR, Reason.MOTION])
@pytest.mark.parametrize("into_a_group_s", [0, 0.1, 0.4, 0.9])
def test_what_happens_is_recorded_from_the_pre_roll_to_the_post_roll(
    rig: Rig, reason: Reason, into_a_group_s: float
) -> None:
    rig.quiet()
    rig.play(30 + into_a_group_s)
    happened_us = rig.now.wall_us
    rig.activity.happened(reason, rig.now.mono_us)
    rig.play(0.1)
    (resumed,) = rig.of(Resumed)  # at once: not with the next keyframe, before which the power may fail
    rig.play(20)
    (segment,) = rig.segments()
    assert (resumed.reason, resumed.from_us) == (reason, segment.name.start_us)
    assert happened_us - 4 * SECOND <= segment.name.start_us <= happened_us - 3 * SECOND
    assert happened_us + 5 * SECOND <= segment.end_us <= happened_us + 6 * SECOND
    assert segment.name.start_us - segment.name.start_mono_us == rig.now.wall_us - rig.now.mono_us
    assert rig.written() == rig.sent(segment.name.start_us, segment.end_us)
    assert rig.of(Gap) == []


def test_what_goes_on_happening_is_one_recording(rig: Rig) -> None:
    rig.quiet()
    for _ in range(10):
        rig.activity.happened(Reason.MOTION, rig.now.mono_us)
        rig.play(4)
    rig.play(10)
    assert len(rig.of(Resumed)) == len(rig.segments()) == 1


@pytest.mark.parametrize("most_pending", [1, 3, 64])
def test_over_every_change_of_mode_each_picture_is_written_once_or_not_wanted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, most_pending: int
) -> None:
    """Pauses of every length around that of the pre-roll: where two recordings touch, nothing is missing."""
    monkeypatch.setattr(camera_session, "MOST_PENDING", most_pending)
    rig.segment_s = 4
    rig.connect()
    for tenths in range(40, 100, 3):
        rig.activity.happened(Reason.MOTION, rig.now.mono_us)
        rig.play(tenths / 10)
    rig.play(20)
    assert rig.written() == [
        picture for one in rig.segments() for picture in rig.sent(one.name.start_us, one.end_us)
    ]
    starts, ends = [s.name.start_us for s in rig.segments()], [s.end_us for s in rig.segments()]
    assert all(start >= end for start, end in zip(starts[1:], ends[:-1], strict=True))  # nothing twice
    assert len(rig.of(Paused)) >= 5
    assert rig.of(Gap) == []


def test_the_hours_change_the_mode_at_the_next_keyframe(rig: Rig) -> None:
    at = [hours.Mode.UNSTAFFED]
    by_hours = {hours.Mode.STAFFED: Mode.OFF, hours.Mode.UNSTAFFED: Mode.CONTINUOUS}
    rig.rules = ModeRules(Mode.ACTIVITY, by_hours, lambda _: at[0], 3 * SECOND, 5 * SECOND, False)
    rig.begin()
    steps: Sequence[tuple[hours.Mode, list[Reason]]] = (
        (hours.Mode.UNSTAFFED, []),
        (hours.Mode.STAFFED, [Reason.OFF]),
        (hours.Mode.CLOSED, [Reason.QUIET]),
        (hours.Mode.CLEAR_OUT, [Reason.CONTINUOUS]),
        (hours.Mode.CLOSED, [Reason.QUIET]),
        (hours.Mode.STAFFED, [Reason.OFF]),
        (hours.Mode.UNSTAFFED, [Reason.CONTINUOUS]),
    )
    for now_it_is, told in steps:
        at[0] = now_it_is
        rig.told.clear()
        rig.play(20.5)
        assert [change.reason for change in rig.of(Paused, Resumed)] == told
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    at[0] = hours.Mode.STAFFED
    rig.play(1)
    rig.told.clear()
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    rig.play(10)
    assert rig.told == []  # what is off is off, whatever happens


def test_a_camera_that_is_lost_while_quiet_leaves_what_came_last(rig: Rig) -> None:
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


def test_a_camera_that_is_off_leaves_no_gap_however_often_it_is_lost(rig: Rig) -> None:
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
def test_what_is_missing_since_the_last_run(rig: Rig, paused: Reason | None, then: Mode, gaps: int) -> None:
    """Only a camera that was off and still is misses nothing."""
    rig.rules = ModeRules(by_hours=dict.fromkeys(hours.Mode, then), hours_at=lambda _: hours.Mode.CLOSED)
    recorded_us = rig.now.wall_us - 90 * SECOND
    rig.begin(LastRun(recorded_us, GapCause.SERVICE_DIED, paused))
    begun_us = rig.now.wall_us
    rig.play(2)
    assert [(gap.from_us, gap.to_us) for gap in rig.of(Gap)] == [(recorded_us, begun_us)] * gaps
    assert len(rig.of(Resumed)) == (paused is not None and then is not Mode.OFF)


def test_a_stop_while_quiet_keeps_the_pre_roll_of_what_happens_before_the_next_start(rig: Rig) -> None:
    rig.quiet()
    rig.play(5)
    rig.session.end(GapCause.SERVICE_STOPPED)
    (segment,) = rig.segments()
    assert segment.end_us - segment.name.start_us >= 3 * SECOND


def test_keyframes_too_far_apart_for_the_pre_roll_are_recorded_all_the_time_and_it_is_said(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.play(60, keyframe_every=20)
    assert rig.of(Paused) == []
    (measured,) = rig.of(Measured)
    assert (measured.keyframe_interval_us, measured.too_rare) == (2 * SECOND, True)
    assert "keyframes are 2.0 s apart; recorded continuously" in caplog.text
    rig.play(60)  # somebody has set the camera right
    assert [m.too_rare for m in rig.of(Measured)] == [True, False]
    assert [paused.reason for paused in rig.of(Paused)] == [Reason.QUIET]


def test_a_camera_that_is_always_recorded_is_measured_too(rig: Rig) -> None:
    rig.rules = ModeRules()
    rig.begin()
    rig.play(30)
    assert [(m.keyframe_interval_us, m.too_rare) for m in rig.of(Measured)] == [(SECOND, None)]


@pytest.mark.parametrize("keyframe_every", [10, 100_000])
def test_what_memory_may_not_hold_is_written(
    rig: Rig, keyframe_every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the keyframes cease. Then memory is empty, and may fill again."""
    rig.quiet()
    monkeypatch.setattr(rig.session._pre_roll, "_most_bytes", 15_000)
    rig.play(30, keyframe_every=keyframe_every)
    assert rig.of(Resumed)[0].reason is Reason.MEMORY_FULL
    assert rig.of(Gap) == []
    rig.session.end(GapCause.SERVICE_STOPPED)
    assert rig.written() == rig.sent(rig.segments()[0].name.start_us, rig.now.wall_us)


def test_a_clock_that_is_set_within_the_pre_roll_begins_a_segment_there(rig: Rig) -> None:
    rig.quiet()
    rig.play(2)
    rig.now.wall_us += 3600 * SECOND
    rig.play(1.5)
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    rig.play(10)
    before, after = rig.segments()
    assert before.end_us - before.name.start_us == after.name.start_us - 3600 * SECOND - before.name.start_us
    assert rig.of(Gap) == []


def test_a_stall_is_a_gap_only_where_it_is_recorded(rig: Rig) -> None:
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


def test_a_stall_at_the_border_of_two_segments_is_a_gap_between_them(rig: Rig) -> None:
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
    rig: Rig, monkeypatch: pytest.MonkeyPatch
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
