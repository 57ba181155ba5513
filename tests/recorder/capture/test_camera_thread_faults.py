"""What a disk, a muxer or a camera that fails costs a camera's thread."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.devices import Camera
from controller.footage.segment_name import SegmentName
from controller.recorder.happenings import (
    CameraFound,
    CameraLost,
    GapCause,
    NoRoom,
)
from controller.recorder.segments import segment_writer
from controller.recorder.segments.segment_writer import BadVideo, SegmentWriter

SECOND = 1_000_000


def test_a_full_disk_stops_recording_and_what_was_written_is_kept(
    runner: Any,
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
            assert not runner.allowed.is_set()
            room[0] = 10_000_000
            now.sleep(50)
            threading.Timer(0.05, runner.allowed.set).start()

    runner.segment_s, runner.when_told = 60, make_room
    runner.play(scripted(video, now), scripted(video, now))
    assert runner.kinds().count(NoRoom) == 1
    (gap,) = runner.gaps()
    assert gap.cause is GapCause.STORAGE_FULL
    before, after = runner.segments()
    assert 0 < len(pictures_in(runner.folder / before.name.relative)) < 60
    assert len(pictures_in(runner.folder / after.name.relative)) == 60
    assert not list(runner.folder.rglob("*.part"))


def test_a_disk_fault_is_tried_again(
    runner: Any, video: Any, now: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = segment_writer.files.publish, [OSError(errno.EIO, "I/O error")]

    def publish(part: Path, whole: Path) -> None:
        if faults:
            raise faults.pop()
        real(part, whole)

    monkeypatch.setattr(segment_writer.files, "publish", publish)
    runner.play(scripted(video, now), scripted(video, now))
    assert [gap.cause for gap in runner.gaps()] == [GapCause.DISK_FAULT]
    assert len(runner.segments()) == 4  # the one that could not be named, then three of the second connection
    assert not list(runner.folder.rglob("*.part"))


def test_video_that_cannot_be_muxed_is_a_lost_camera(
    runner: Any, video: Any, now: Any, scripted: Any, mocker: Any
) -> None:
    real, bad = SegmentWriter.write, [BadVideo("Invalid data")]

    def write(writer: SegmentWriter, packet: Any) -> None:
        if packet.dts > 90_000 and bad:
            raise bad.pop()
        real(writer, packet)

    mocker.patch.object(SegmentWriter, "write", write)
    runner.play(scripted(video, now), scripted(video, now))
    assert [gap.cause for gap in runner.gaps()] == [GapCause.CAMERA_LOST]
    assert len(runner.segments()) == 4


def test_a_muxer_that_refuses_says_bad_video(tmp_path: Path, video: Any, now: Any) -> None:
    name = SegmentName("entrance", now.wall_us, now.mono_us, now.boot_id, True)
    with SegmentWriter(tmp_path, name, replace(video.format, width=0)) as writer, pytest.raises(BadVideo):
        writer.write(video.packets[0])


@pytest.mark.parametrize("when", ["opening", "packets"])
def test_what_nobody_expected_of_a_camera_costs_this_camera_alone(
    runner: Any, video: Any, now: Any, scripted: Any, when: str
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

    runner.play(hostile, scripted(video, now))
    kinds = [kind for kind in runner.kinds() if kind in (CameraLost, CameraFound)]
    assert kinds == [CameraLost, CameraFound, CameraLost]
    assert runner.segments()
