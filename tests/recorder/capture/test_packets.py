"""Packets in equal packets out: each picture that came is in the files once, whole and in its order.

Compared by the hash of what it holds. A camera's start codes become lengths in an MP4, so a picture is
taken for the NAL units it is made of.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from controller.devices import Camera, DeviceLost, VideoPacket
from controller.recorder.activity import Activity
from controller.recorder.capture import camera_session, camera_thread
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import Gap, SegmentClosed
from controller.recorder.watching.health import HealthWatch
from controller.recorder.watching.movement import Movement
from drivers import rtsp_camera
from drivers.rtsp_camera import RtspCamera
from simulator.camera.encoder import Encoder, nal_units
from simulator.camera.rtsp_server import RtspServer
from simulator.camera.scene import SceneState, background, draw

SECOND = 1_000_000
LIMIT_S = 90
DROPPED_AFTER, KEYFRAME = 42, 50
"""Pictures. Before that keyframe the connection is lost, and after it there is another."""


def hashed(nals: Iterator[bytes]) -> str:
    # Zeros at the end of a NAL unit belong to the start code behind it.
    return hashlib.sha256(b"|".join(nal.rstrip(b"\0") for nal in nals)).hexdigest()


def lengths_cut(payload: bytes) -> Iterator[bytes]:
    """The NAL units of a picture in an MP4, each after its length in four bytes (ISO/IEC 14496-15)."""
    while payload:
        length = int.from_bytes(payload[:4], "big")
        yield payload[4 : 4 + length]
        payload = payload[4 + length :]


def came(packets: Sequence[VideoPacket]) -> list[str]:
    return [hashed(nal_units(packet.payload)) for packet in packets]


class Rig:
    """Records what cameras give, one opening after the other; remembers what each handed out."""

    def __init__(self, folder: Path, now: Any) -> None:
        self.folder = folder
        self.now = now
        self.taken: list[VideoPacket] = []
        self.told: list[Any] = []

    def record(self, openings: list[Callable[[], Camera]], segment_s: float = 2) -> None:
        allowed = threading.Event()
        allowed.set()

        def open_camera() -> Camera:
            if not openings:
                thread._stopping.set()
                raise DeviceLost("the play is over")
            return Watched(openings.pop(0)(), self.taken)

        recording = Recording("entrance", self.folder, round(segment_s * SECOND), False)
        account = CameraAccount("entrance", self.told.append, None)
        movement = Movement("entrance", self.told.append, Activity())
        thread = CameraThread(
            recording,
            open_camera,
            self.now,
            account,
            allowed,
            movement,
            HealthWatch.unknown("entrance", self.told.append),
        )
        thread.start()
        thread.join(LIMIT_S)
        assert not thread.is_alive()

    def segments(self) -> list[Any]:
        return [told.segment for told in self.told if isinstance(told, SegmentClosed)]

    def gaps(self) -> list[Any]:
        return [told for told in self.told if isinstance(told, Gap)]

    def written(self) -> list[str]:
        found = []
        for segment in self.segments():
            with av.open(str(self.folder / segment.name.relative)) as film:
                found += [hashed(lengths_cut(bytes(p))) for p in film.demux(video=0) if p.size]
        return found


class Watched:
    """A camera, and a list of what it handed out."""

    def __init__(self, camera: Camera, taken: list[VideoPacket]) -> None:
        self._camera, self._taken = camera, taken
        self.format = camera.format

    def packets(self) -> Iterator[VideoPacket]:
        for packet in self._camera.packets():
            self._taken.append(packet)
            yield packet

    def close(self) -> None:
        self._camera.close()


@pytest.fixture
def rig(tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 0.001)
    monkeypatch.setattr(camera_thread, "LONGEST_RETRY_S", 0.001)
    return Rig(tmp_path, now)


@pytest.mark.parametrize("most_pending", [1, 3, 64])
@pytest.mark.parametrize("segment_s", [0.1, 1, 2, 60])
def test_none_is_missing_at_a_border_between_segments(
    rig: Rig, video: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch, segment_s: float, most_pending: int
) -> None:
    monkeypatch.setattr(camera_session, "MOST_PENDING", most_pending)
    rig.record([lambda: scripted(video, rig.now)], segment_s)
    assert rig.written() == came(rig.taken) == came(video.packets)
    assert len(rig.segments()) == {0.1: 6, 1: 6, 2: 3, 60: 1}[segment_s]


def test_none_is_missing_when_the_clock_is_set_or_found_true(rig: Rig, video: Any, scripted: Any) -> None:
    def meanwhile(number: int) -> None:
        rig.now.trusted = number > 12
        rig.now.wall_us += {25: 3600 * SECOND, 38: -7200 * SECOND}.get(number, 0)

    rig.now.trusted = False
    rig.record([lambda: scripted(video, rig.now, between=meanwhile)], 60)
    assert rig.written() == came(video.packets)
    assert len(rig.segments()) == 4


@pytest.mark.parametrize("jump_s", [-3600, -1, 0.5, 7, 3600])
def test_none_is_missing_when_the_cameras_time_jumps(
    rig: Rig, video: Any, scripted: Any, jump_s: float
) -> None:
    """Before a keyframe, and in the middle of a group."""
    packets = [
        replace(p, dts=p.dts + round(jump_s * 90_000) * ((n >= 20) + (n >= 37)))
        for n, p in enumerate(video.packets)
    ]
    jumping = replace(video, packets=[replace(p, pts=p.dts) for p in packets])
    rig.record([lambda: scripted(jumping, rig.now)])
    assert rig.written() == came(video.packets)


def test_of_connections_that_end_anywhere_each_is_whole(rig: Rig, video: Any, scripted: Any) -> None:
    """And what comes before the first keyframe is left out: nothing could show it."""
    mid_group = replace(video, packets=video.packets[14:])
    rig.record(
        [
            lambda: scripted(video, rig.now, lost_after=1),
            lambda: scripted(video, rig.now, lost_after=27),
            lambda: scripted(mid_group, rig.now, lost_after=30),
            lambda: scripted(video, rig.now, lost_after=40),
        ]
    )
    wanted = [video.packets[:1], video.packets[:27], video.packets[20:44], video.packets[:40]]
    assert rig.written() == came([packet for part in wanted for packet in part])
    assert len(rig.gaps()) == 3


def test_of_what_a_camera_sends_over_a_network_only_a_lost_connection_takes_away(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the encoder of a camera through RTSP, a dropped connection and many files: hash by hash."""
    # A machine that is slow for a while loses no connection.
    monkeypatch.setattr(rtsp_camera, "OPEN_TIMEOUT_S", float(LIMIT_S))
    monkeypatch.setattr(rtsp_camera, "READ_TIMEOUT_S", float(LIMIT_S))
    encoder, behind = Encoder(320, 180, 10, 10), background(320, 180)
    units = [
        encoder.encode(draw(behind, SceneState(walker_since_s=0.0), n / 10, f"{n}"), n * 9000)
        for n in range(90)
    ]
    dropped = threading.Event()

    def paced(camera: RtspCamera) -> Camera:
        """Time moves with the pictures, not with how fast the test sends them."""
        real = camera.packets

        def packets() -> Iterator[VideoPacket]:
            for packet in real():
                yield packet
                rig.now.sleep(0.1)
                if len(rig.taken) == DROPPED_AFTER:
                    server.drop()
                    dropped.set()

        camera.packets = packets  # type: ignore[method-assign]
        return camera

    def film() -> None:
        for number, unit in enumerate(units):
            if number == KEYFRAME - 3:
                assert dropped.wait(LIMIT_S)
            until(lambda: server.watchers == 1)
            server.publish(unit)
            until(lambda: server.behind == 0)  # it is not the server's queue that is tested
        # The last comes only with what follows it: the end of the connection.
        until(lambda: sent[-2] in came(rig.taken[-2:]))
        server.drop()

    sent = [hashed(iter(unit.nals)) for unit in units]
    with RtspServer() as server:
        server.publish(units[0])  # to nobody: it teaches the server what it will send
        camera = threading.Thread(target=film)
        camera.start()
        rig.record([lambda: paced(RtspCamera(server.url))] * 2, 1)
        camera.join(LIMIT_S)
    written = rig.written()
    lost = [number for number, one in enumerate(sent) if one not in written]
    assert written == sent[: lost[0]] + sent[lost[-1] + 1 :]
    assert lost[0] >= DROPPED_AFTER
    assert lost[-1] + 1 == KEYFRAME
    assert units[KEYFRAME].keyframe
    assert len(rig.segments()) >= 8
    (gap,) = rig.gaps()
    assert gap.from_us in [segment.end_us for segment in rig.segments()]


def until(done: Callable[[], Any]) -> None:
    limit = time.monotonic() + LIMIT_S
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.002)
