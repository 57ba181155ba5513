"""Cameras that hang: in opening, in reading, in closing. The others notice nothing, and nothing is lost."""

from __future__ import annotations

import fcntl
import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from controller.core.event import Stamp
from controller.devices import Camera, VideoPacket
from controller.recorder.capture import camera_thread, cameras, reader_watch
from controller.recorder.capture.cameras import Cameras
from controller.recorder.capture.reader_watch import MOST_LEFT_BEHIND, CameraThreadDied
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import CameraFound, CameraLost, Gap, GapCause, SegmentClosed
from controller.recorder.watching.health import HealthWatch
from drivers.rtsp_camera import RtspCamera

SECOND = 1_000_000
LIMIT_S = 20
TICKS = 900
"""Between two pictures: a hundredth of a second, so that a test sees many."""


def now() -> Stamp:
    return Stamp(time.time_ns() // 1000, time.monotonic_ns() // 1000, "a-boot", clock_trusted=True)


def until(done: Callable[[], Any]) -> Any:
    limit = time.monotonic() + LIMIT_S
    while not (found := done()):
        assert time.monotonic() < limit
        time.sleep(0.002)
    return found


class Playing:
    """A camera that plays the same film for ever, a hundred pictures a second, until it is closed."""

    def __init__(self, video: Any, most: int = 1_000_000) -> None:
        self.format, self._packets, self._most = video.format, video.packets, most
        self.closed = threading.Event()
        self.given = 0

    def packets(self) -> Iterator[VideoPacket]:
        while self.given < self._most and not self.closed.wait(TICKS / 90_000):
            stamp = self.given * TICKS
            self.given += 1
            yield replace(self._packets[(self.given - 1) % len(self._packets)], pts=stamp, dts=stamp)

    def close(self) -> None:
        self.closed.set()


class Hanging(Playing):
    """Plays so many pictures, and then says nothing, whatever is done, until it is let go."""

    def __init__(self, video: Any, most: int = 25) -> None:
        super().__init__(video, most)
        self.hangs, self.let_go = threading.Event(), threading.Event()

    def packets(self) -> Iterator[VideoPacket]:
        yield from super().packets()
        self.hangs.set()
        assert self.let_go.wait(LIMIT_S)
        for number in range(20):
            stamp = (self.given + number) * TICKS
            yield replace(self._packets[number], pts=stamp, dts=stamp)

    def close(self) -> None:
        assert self.let_go.wait(LIMIT_S)


class Branch:
    """Cameras by id, each with what its openings give in turn, and an acting thread that is the test."""

    def __init__(self, folder: Path, openings: dict[str, list[Callable[[], Camera]]]) -> None:
        self.folder = folder
        self.openings = openings
        self.told: list[Any] = []
        self.mono_us = 0
        allowed = threading.Event()
        allowed.set()
        recordings = [Recording(camera, folder, SECOND // 2, False) for camera in openings]
        openers = {camera: self._opener(camera) for camera in openings}
        healths = {camera: HealthWatch.unknown(camera, self.told.append) for camera in openings}
        self.cameras = Cameras(recordings, openers, {}, healths, now, self.told.append, allowed)
        self.cameras.start({})

    def _opener(self, camera: str) -> Callable[[], Camera]:
        return lambda: self.openings[camera].pop(0)()

    def pass_time(self, seconds: int) -> None:
        """Without waiting for it: the acting thread's rounds, one a second."""
        for _ in range(seconds):
            self.mono_us += SECOND
            self.cameras.check(replace(now(), mono_us=self.mono_us))

    def of(self, camera: str, *kinds: type) -> list[Any]:
        mine = [told for told in self.told if isinstance(told, kinds)]
        return [one for one in mine if _camera(one) == camera]

    def pictures(self, camera: str) -> list[int]:
        """In each segment that was closed, and may be read now."""
        return [self._pictures(told.segment.name.relative) for told in self.of(camera, SegmentClosed)]

    def _pictures(self, name: str) -> int:
        with av.open(str(self.folder / name)) as film:
            return sum(1 for _ in film.decode(video=0))

    def readers(self, camera: str) -> int:
        return sum(thread.name == f"camera {camera}" for thread in threading.enumerate())


def _camera(told: Any) -> str:
    return str(told.segment.name.camera if isinstance(told, SegmentClosed) else told.camera)


@pytest.fixture
def branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Branch]]:
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(camera_thread, "LONGEST_RETRY_S", 0.01)
    monkeypatch.setattr(camera_thread, "STOP_POLL_S", 0.01)
    monkeypatch.setattr(cameras, "STOP_S", 0.5)
    made: list[Branch] = []

    def make(**openings: list[Callable[[], Camera]]) -> Branch:
        made.append(Branch(tmp_path, openings))
        return made[-1]

    yield make
    for one in made:
        one.cameras.stop()


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """A camera's stream in a pipe: what comes after 40 pictures is waited for, in C and for ever.

    Gives what sends another forty and ends the stream.
    """
    content = io.BytesIO()
    with av.open(content, "w", format="mpegts") as output:
        stream = output.add_stream("libx264", rate=10, options={"tune": "zerolatency", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number in range(40):
            picture = av.VideoFrame.from_ndarray(np.full((96, 160, 3), number * 6, np.uint8), format="bgr24")
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    path = tmp_path / "stream"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)  # does not wait for a reader
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 20)
    os.write(writer, content.getvalue())
    ends = [writer]

    def come_back() -> None:
        os.write(writer, content.getvalue())
        os.close(ends.pop())

    yield come_back
    for end in ends:
        os.close(end)


def test_a_read_that_hangs_stops_and_slows_none_of_the_others(
    branch: Callable[..., Branch], pipe: Callable[[], None], tmp_path: Path, video: Any
) -> None:
    others = {f"camera-{number}": Playing(video) for number in range(7)}
    again = Playing(video)
    rig = branch(
        hangs=[lambda: RtspCamera(str(tmp_path / "stream")), lambda: again],
        **{camera: [lambda one=one: one] for camera, one in others.items()},
    )
    until(lambda: rig.of("hangs", CameraFound))
    (reader,) = [thread for thread in threading.enumerate() if thread.name == "camera hangs"]
    beats = -1
    while (now_beats := reader.beats) != beats:
        beats = now_beats
        time.sleep(0.2)  # it has taken all there was, and waits in C
    longest_s = 0.0
    for _ in range(reader_watch.HANG_US // SECOND + 1):
        given = {camera: one.given for camera, one in others.items()}
        until(lambda given=given: all(one.given > given[camera] + 3 for camera, one in others.items()))
        began_s = time.monotonic()
        rig.pass_time(1)
        longest_s = max(longest_s, time.monotonic() - began_s)
    assert longest_s < 0.5  # the acting thread waits for nobody either
    until(lambda: len(rig.of("hangs", CameraFound)) == 2)
    assert len(rig.of("hangs", CameraLost)) == 1
    (gap,) = rig.of("hangs", Gap)
    assert gap.cause is GapCause.CAMERA_LOST
    first, *_ = rig.of("hangs", SegmentClosed)
    assert abs(gap.from_us - first.segment.end_us) < 100
    (before,) = rig.pictures("hangs")
    assert 38 <= before <= 40  # the library keeps the last one or two until more comes

    pipe()  # it comes back, late, with pictures that nobody wants any more
    until(lambda: not reader.is_alive())
    rig.cameras.stop()
    assert not any(rig.of(camera, CameraLost, Gap) for camera in others)
    for camera, one in [*others.items(), ("hangs", again)]:
        written = sum(rig.pictures(camera)) - (before if camera == "hangs" else 0)
        assert one.given - 1 <= written <= one.given
    assert not list(tmp_path.rglob("*.part"))


def test_an_opening_that_hangs_is_given_up_and_the_number_of_those_is_bounded(
    branch: Callable[..., Branch], video: Any
) -> None:
    let_go = threading.Event()

    def hang() -> Camera:
        assert let_go.wait(LIMIT_S)
        return Playing(video, 0)

    opened = Playing(video)
    rig = branch(entrance=[hang] * MOST_LEFT_BEHIND + [lambda: opened])
    waited_s = []
    for number in range(MOST_LEFT_BEHIND):
        until(lambda number=number: len(rig.openings["entrance"]) == MOST_LEFT_BEHIND - number)
        began_us = rig.mono_us
        while rig.readers("entrance") == number + 1:
            rig.pass_time(1)
        waited_s.append((rig.mono_us - began_us) // SECOND)
    assert waited_s == pytest.approx([20, 40, 80, 160, 320, 640, 1280, 2560], abs=1)
    rig.pass_time(3600)
    assert rig.readers("entrance") == MOST_LEFT_BEHIND + 1
    assert len(rig.openings["entrance"]) == 1  # the last reader waits until one of them comes back
    assert len(rig.of("entrance", CameraLost)) == 1
    let_go.set()
    until(lambda: rig.readers("entrance") == 1)
    rig.pass_time(1)
    until(lambda: rig.of("entrance", CameraFound))


def test_a_day_after_its_start_the_process_is_ended_for_a_camera_whose_readers_all_hang(
    branch: Callable[..., Branch], video: Any
) -> None:
    let_go = threading.Event()
    rig = branch(entrance=[lambda: Playing(video, 0) if let_go.wait(LIMIT_S) else Playing(video)] * 20)
    until(lambda: rig.pass_time(60) or rig.readers("entrance") == MOST_LEFT_BEHIND + 1)
    with pytest.raises(CameraThreadDied, match="8 readers hang"):
        rig.pass_time(24 * 3600)
    let_go.set()


def test_one_that_hangs_after_pictures_is_given_up_as_soon_the_next_time(
    branch: Callable[..., Branch], video: Any
) -> None:
    hanging = [Hanging(video) for _ in range(4)]
    rig = branch(entrance=[lambda one=one: one for one in hanging] + [lambda: Playing(video)])
    for number, one in enumerate(hanging):
        assert one.hangs.wait(LIMIT_S)
        rig.pass_time(reader_watch.HANG_US // SECOND + 1)
        # In one segment each, or in two where time passed while its pictures came.
        until(lambda number=number: sum(rig.pictures("entrance")) == 25 * (number + 1))
    until(lambda: len(rig.of("entrance", CameraFound)) == 5)
    for one in hanging:
        one.let_go.set()
    until(lambda: rig.readers("entrance") == 1)
    assert [gap.cause for gap in rig.of("entrance", Gap)] == [GapCause.CAMERA_LOST] * 4


def test_stopping_waits_for_no_camera_and_still_closes_its_segment(
    branch: Callable[..., Branch], video: Any
) -> None:
    """It hangs in reading, and whoever closes it hangs as well."""
    hanging = Hanging(video)
    rig = branch(hangs=[lambda: hanging], works=[lambda: Playing(video)])
    until(lambda: hanging.hangs.is_set() and rig.of("works", CameraFound))
    began_s = time.monotonic()
    rig.cameras.stop()
    assert time.monotonic() - began_s < 3
    assert rig.pictures("hangs") == [25]
    told = len(rig.told)
    hanging.let_go.set()
    until(lambda: not rig.readers("hangs"))
    assert len(rig.told) == told


def test_a_process_that_was_stopped_for_an_hour_takes_no_camera_for_hanging(
    branch: Callable[..., Branch], video: Any
) -> None:
    hanging = Hanging(video)
    rig = branch(entrance=[lambda: hanging, lambda: Playing(video)])
    assert hanging.hangs.wait(LIMIT_S)
    rig.pass_time(1)
    rig.mono_us += 3600 * SECOND
    rig.pass_time(1)
    assert rig.readers("entrance") == 1
    hanging.let_go.set()
