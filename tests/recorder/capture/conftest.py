"""A connection to a camera that plays in a test, packet by packet, with the clock in the test's hands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from controller.devices import Camera, DeviceLost, VideoPacket
from controller.recorder.activity import Activity
from controller.recorder.capture import camera_thread
from controller.recorder.capture.camera_account import CameraAccount, LastRun
from controller.recorder.capture.camera_session import CameraSession
from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.capture.mode import Mode, ModeJudge, ModeRules
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import (
    Gap,
    GapCause,
    SegmentClosed,
)
from controller.recorder.watching.health import HealthWatch
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
        self.motion = False
        self.ticks = 0
        self.number = 0

    def begin(self, last_run: LastRun | None = None) -> None:
        """A run of the recorder."""
        self.account = CameraAccount("entrance", self.told.append, last_run)
        self.judge = ModeJudge(self.rules, self.activity)
        self.movement = Movement("entrance", self.told.append, self.activity)
        self.health = HealthWatch.unknown("entrance", self.told.append)
        self.connect()

    def connect(self) -> None:
        recording = Recording("entrance", self.folder, self.segment_s * SECOND, self.motion, self.rules)
        self.session = CameraSession(
            recording, self.video.format, self.account, self.judge, self.movement, self.health, self.now
        )

    def play(self, seconds: float, *, keyframe_every: int = 10) -> None:
        for _ in range(round(seconds * 10)):
            packet = self.video.packets[self.number % len(self.video.packets)]
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


class Runner:
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
def runner(tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 0.001)
    monkeypatch.setattr(camera_thread, "LONGEST_RETRY_S", 0.004)
    return Runner(tmp_path, now)
