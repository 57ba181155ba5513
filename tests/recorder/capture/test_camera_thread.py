"""A camera's thread with a camera that plays a script: what it writes, and what it tells."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.camera_health import Fault
from controller.devices import Camera, DeviceLost
from controller.recorder.activity import Activity
from controller.recorder.capture import camera_thread
from controller.recorder.capture.camera_account import CameraAccount, LastRun
from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import (
    CameraFound,
    CameraLost,
    FaultChanged,
    Gap,
    GapCause,
    LostCause,
    Motion,
    NoRoom,
    SegmentClosed,
)
from controller.recorder.segments import segment_writer
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.segments.segment_writer import BadVideo, SegmentWriter
from controller.recorder.watching.health import HealthWatch
from controller.recorder.watching.movement import Movement

SECOND = 1_000_000


class Rig:
    """Runs one camera thread over a list of what opening the camera gives, then stops it."""

    def __init__(self, folder: Path, now: Any) -> None:
        self.folder = folder
        self.now = now
        self.told: list[Any] = []
        self.allowed = threading.Event()
        self.allowed.set()
        self.activity = Activity()
        self.last_run: LastRun | None = None
        self.motion = False
        self.segment_s = 2.0
        self.when_told: Callable[[Any], None] = lambda _: None

    def play(self, *openings: Camera | DeviceLost | Callable[[], Camera]) -> list[Any]:
        remaining = list(openings)
        thread: CameraThread

        def open_camera() -> Camera:
            if not remaining:
                thread._stopping.set()
                raise DeviceLost("the play is over")
            opening = remaining.pop(0)
            if isinstance(opening, DeviceLost):
                raise opening
            return opening() if callable(opening) else opening

        def tell(happening: Any) -> None:
            self.told.append(happening)
            self.when_told(happening)

        recording = Recording("entrance", self.folder, round(self.segment_s * SECOND), self.motion)
        account = CameraAccount("entrance", tell, self.last_run)
        movement = Movement("entrance", tell, self.activity)
        thread = CameraThread(
            recording,
            open_camera,
            self.now,
            account,
            self.allowed,
            movement,
            HealthWatch.unknown("entrance", tell),
        )
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
        return self.told

    def kinds(self) -> list[type]:
        return [type(happening) for happening in self.told]

    def segments(self) -> list[Any]:
        return [h.segment for h in self.told if isinstance(h, SegmentClosed)]

    def gaps(self) -> list[Any]:
        return [h for h in self.told if isinstance(h, Gap)]


@pytest.fixture
def rig(tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 0.001)
    monkeypatch.setattr(camera_thread, "LONGEST_RETRY_S", 0.004)
    return Rig(tmp_path, now)


def test_segments_follow_each_other_without_a_hole(
    rig: Rig, video: Any, now: Any, scripted: Any, pictures_in: Callable[[Path], list[int]]
) -> None:
    start_us = now.wall_us
    rig.play(scripted(video, now))
    segments = rig.segments()
    assert [s.end_us - s.name.start_us for s in segments] == [2 * SECOND, 2 * SECOND, round(1.9 * SECOND)]
    assert [s.name.start_us for s in segments] == [start_us, start_us + 2 * SECOND, start_us + 4 * SECOND]
    assert [len(pictures_in(rig.folder / s.name.relative)) for s in segments] == [20, 20, 20]
    assert rig.gaps() == []
    assert rig.kinds()[:2] == [CameraFound, SegmentClosed]


def test_a_lost_camera_is_tried_again_and_the_gap_told_once(
    rig: Rig, video: Any, now: Any, scripted: Any
) -> None:
    def later(number: int) -> None:
        if number == 0:
            now.sleep(30)

    lost = DeviceLost("no route")
    told = rig.play(
        scripted(video, now, lost_after=25), lost, lost, lost, scripted(video, now, between=later)
    )
    (gap,) = rig.gaps()
    assert (gap.cause, gap.to_us - gap.from_us) == (GapCause.CAMERA_LOST, round(30.1 * SECOND))
    assert gap.from_us == rig.segments()[1].end_us
    assert [type(h) for h in told if isinstance(h, CameraFound | CameraLost)] == [
        CameraFound,
        CameraLost,
        CameraFound,
        CameraLost,
    ]
    assert all(h.cause is LostCause.UNREACHABLE for h in told if isinstance(h, CameraLost))


def test_a_camera_that_stays_away_is_warned_of_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.play(DeviceLost("no route"), DeviceLost("no route"), DeviceLost("refused"), DeviceLost("refused"))
    said = [record.getMessage() for record in caplog.records]
    assert said[:2] == ["camera entrance: no route", "camera entrance: refused"]
    assert len(said) == 3  # the third is the end of the play


def test_the_gap_since_the_last_run_is_told(rig: Rig, video: Any, now: Any, scripted: Any) -> None:
    rig.last_run = LastRun(now.wall_us - 90 * SECOND, GapCause.SERVICE_DIED)
    rig.play(DeviceLost("not yet"), scripted(video, now))
    (gap,) = rig.gaps()
    assert (gap.from_us, gap.cause) == (rig.last_run.recorded_to_us, GapCause.SERVICE_DIED)
    assert gap.to_us == rig.segments()[0].name.start_us


def test_a_clock_that_is_set_begins_a_segment_and_falsifies_no_gap(
    rig: Rig, video: Any, now: Any, scripted: Any
) -> None:
    rig.segment_s = 60

    def set_clock(number: int) -> None:
        if number == 15:
            now.wall_us += 3600 * SECOND

    rig.play(scripted(video, now, between=set_clock))
    first, second = rig.segments()
    assert first.end_us - first.name.start_us == 2 * SECOND
    assert second.name.start_us - first.name.start_us == 3602 * SECOND
    assert rig.gaps() == []


def test_a_clock_that_becomes_trusted_begins_a_segment(rig: Rig, video: Any, now: Any, scripted: Any) -> None:
    rig.segment_s, now.trusted = 60, False

    def trust(number: int) -> None:
        now.trusted = number >= 15

    rig.play(scripted(video, now, between=trust))
    assert [s.name.clock_trusted for s in rig.segments()] == [False, True]


def test_a_jump_of_the_camera_and_a_stall_are_gaps(rig: Rig, video: Any, now: Any, scripted: Any) -> None:
    jump = [replace(p, dts=p.dts + (n >= 15) * 90_000 * 999) for n, p in enumerate(video.packets)]
    jump = [replace(p, pts=p.dts) for p in jump]
    rig.play(scripted(replace(video, packets=jump), now))
    (gap,) = rig.gaps()
    assert (gap.cause, gap.to_us - gap.from_us) == (GapCause.CAMERA_JUMPED, SECOND // 10)

    rig.told.clear()
    stall = [replace(p, dts=p.dts + (n >= 15) * 90_000 * 6) for n, p in enumerate(video.packets)]
    stall = [replace(p, pts=p.dts) for p in stall]

    def wait(number: int) -> None:
        if number == 15:
            now.sleep(6)

    rig.segment_s = 60
    rig.play(scripted(replace(video, packets=stall), now, between=wait))
    (gap,) = rig.gaps()
    assert (gap.cause, gap.to_us - gap.from_us) == (GapCause.CAMERA_STALLED, round(6.1 * SECOND))


@pytest.mark.parametrize(
    ("at", "pictures"), [(15, [20, 40]), (20, [20, 40])], ids=["between", "at-a-keyframe"]
)
def test_a_jump_of_the_camera_begins_a_new_segment(
    at: int,
    pictures: list[int],
    rig: Rig,
    video: Any,
    now: Any,
    scripted: Any,
    pictures_in: Callable[[Path], list[int]],
) -> None:
    rig.segment_s = 60
    jump = [replace(p, pts=p.dts + late, dts=p.dts + late) for p, late in _jumping(video.packets, at)]
    rig.play(scripted(replace(video, packets=jump), now))
    closed = [told.segment for told in rig.told if isinstance(told, SegmentClosed)]
    assert [len(pictures_in(rig.folder / one.name.relative)) for one in closed] == pictures
    assert len(rig.gaps()) == 1


def _jumping(packets: list[Any], at: int) -> list[tuple[Any, int]]:
    return [(packet, (number >= at) * 90_000 * 999) for number, packet in enumerate(packets)]


def test_a_full_disk_stops_recording_and_what_was_written_is_kept(
    rig: Rig,
    video: Any,
    now: Any,
    scripted: Any,
    monkeypatch: pytest.MonkeyPatch,
    pictures_in: Callable[[Path], list[int]],
) -> None:
    real = segment_writer._HashedFile.write
    room = [15_000]

    def write(file: Any, data: bytes) -> int:
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(segment_writer._HashedFile, "write", write)

    def make_room(happening: Any) -> None:
        if isinstance(happening, NoRoom):
            assert not rig.allowed.is_set()
            room[0] = 10_000_000
            now.sleep(50)
            threading.Timer(0.05, rig.allowed.set).start()

    rig.segment_s, rig.when_told = 60, make_room
    rig.play(scripted(video, now), scripted(video, now))
    assert rig.kinds().count(NoRoom) == 1
    (gap,) = rig.gaps()
    assert gap.cause is GapCause.STORAGE_FULL
    before, after = rig.segments()
    assert 0 < len(pictures_in(rig.folder / before.name.relative)) < 60
    assert len(pictures_in(rig.folder / after.name.relative)) == 60
    assert not list(rig.folder.rglob("*.part"))


def test_a_disk_fault_is_tried_again(
    rig: Rig, video: Any, now: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = segment_writer.files.publish, [OSError(errno.EIO, "I/O error")]

    def publish(part: Path, whole: Path) -> None:
        if faults:
            raise faults.pop()
        real(part, whole)

    monkeypatch.setattr(segment_writer.files, "publish", publish)
    rig.play(scripted(video, now), scripted(video, now))
    assert [gap.cause for gap in rig.gaps()] == [GapCause.DISK_FAULT]
    assert len(rig.segments()) == 4  # the one that could not be named, then three of the second connection
    assert not list(rig.folder.rglob("*.part"))


def test_video_that_cannot_be_muxed_is_a_lost_camera(
    rig: Rig, video: Any, now: Any, scripted: Any, mocker: Any
) -> None:
    real, bad = SegmentWriter.write, [BadVideo("Invalid data")]

    def write(writer: SegmentWriter, packet: Any) -> None:
        if packet.dts > 90_000 and bad:
            raise bad.pop()
        real(writer, packet)

    mocker.patch.object(SegmentWriter, "write", write)
    rig.play(scripted(video, now), scripted(video, now))
    assert [gap.cause for gap in rig.gaps()] == [GapCause.CAMERA_LOST]
    assert len(rig.segments()) == 4


def test_a_muxer_that_refuses_says_bad_video(tmp_path: Path, video: Any, now: Any) -> None:
    name = SegmentName("entrance", now.wall_us, now.mono_us, now.boot_id, True)
    with SegmentWriter(tmp_path, name, replace(video.format, width=0)) as writer, pytest.raises(BadVideo):
        writer.write(video.packets[0])


def test_motion_and_a_fault_of_the_picture_are_told(
    rig: Rig, encoded: Callable[..., Any], now: Any, scripted: Any
) -> None:
    rig.motion = True
    walk = encoded([None] * 50 + [n * 4 for n in range(40)] + [None] * 110)
    rig.play(scripted(walk, now))
    motion = [h for h in rig.told if isinstance(h, Motion)]
    assert [h.started for h in motion] == [True, False]
    assert motion[1].stamp.mono_us - motion[0].stamp.mono_us <= 15 * SECOND

    rig.told.clear()
    still = encoded([None])
    frozen = [replace(still.packets[0], pts=n * 90_000, dts=n * 90_000) for n in range(40)]
    rig.play(scripted(replace(still, packets=frozen), now, between=lambda _: now.sleep(0.9)))
    assert [(h.fault, h.begun) for h in rig.told if isinstance(h, FaultChanged)] == [(Fault.FROZEN, True)]


def test_stop_ends_a_camera_that_plays_and_closes_its_segment(
    rig: Rig, video: Any, now: Any, scripted: Any
) -> None:
    endless = replace(video, packets=video.packets)
    camera = scripted(endless, now, between=lambda _: time.sleep(0.01))
    thread = CameraThread(
        Recording("entrance", rig.folder, 60 * SECOND, False),
        lambda: camera,
        now,
        CameraAccount("entrance", rig.told.append, None),
        rig.allowed,
        Movement("entrance", rig.told.append, rig.activity),
        HealthWatch.unknown("entrance", rig.told.append),
    )
    thread.start()
    while not rig.told:
        time.sleep(0.005)
    thread.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert rig.kinds() == [CameraFound, SegmentClosed]
    assert camera.closed.is_set()


@pytest.mark.parametrize("when", ["opening", "packets"])
def test_what_nobody_expected_of_a_camera_costs_this_camera_alone(
    rig: Rig, video: Any, now: Any, scripted: Any, when: str
) -> None:
    class Hostile:
        format = video.format

        def packets(self) -> Any:
            raise OverflowError("a stamp of 80 bits")

        def close(self) -> None: ...

    def hostile() -> Camera:
        if when == "opening":
            raise ValueError("no UTF-8")
        return Hostile()

    rig.play(hostile, scripted(video, now))
    kinds = [kind for kind in rig.kinds() if kind in (CameraLost, CameraFound)]
    assert kinds == [CameraLost, CameraFound, CameraLost]
    assert rig.segments()
