"""What controller.devices says of cameras, asked of the real drivers: a network camera that the simulator
plays, a film that OpenCV reads as it reads a USB camera, and a picamera2 that is made up."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from controller.devices import Camera, DeviceLost, VideoFormat, VideoPacket
from drivers import rtsp_camera
from drivers.pi_camera import pi_camera
from drivers.rtsp_camera import RtspCamera
from drivers.system_clock import SystemClock
from drivers.usb_camera import usb_camera
from simulator.camera import picamera2
from simulator.camera.camera import Camera as SimulatedCamera
from simulator.camera.encoder import Codec

pytestmark = pytest.mark.system

LIMIT_S = 10


@pytest.fixture
def simulated() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(width=320, height=180, fps=10, gop_s=0.5) as camera:
        yield camera


def connect(url: str, username: str = "", password: str = "") -> RtspCamera:
    """Once the camera has filmed its first picture."""
    limit = time.monotonic() + LIMIT_S
    while True:
        try:
            return RtspCamera(url, username, password)
        except DeviceLost:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 180))
    for number in range(200):
        writer.write(np.full((180, 320, 3), number, np.uint8))
    writer.release()
    return path


@pytest.fixture(params=["rtsp h264", "rtsp hevc", "usb h264", "pi h264"])
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    kind, _, codec = request.param.partition(" ")
    with ExitStack() as ended:
        opened: Camera
        if kind == "rtsp":
            coding = Codec.H264 if codec == "h264" else Codec.H265
            simulated = SimulatedCamera(width=320, height=180, fps=10, gop_s=0.5, codec=coding)
            opened = connect(ended.enter_context(simulated).url)
        elif kind == "usb":
            opened = usb_camera(str(request.getfixturevalue("film")), 320, 180, 10, SystemClock())
        else:
            request.getfixturevalue("monkeypatch").setitem(sys.modules, "picamera2", picamera2)
            opened = pi_camera(0, 320, 180, 10, SystemClock())
        ended.callback(opened.close)
        assert opened.format.codec == codec
        yield opened


def first(camera: Camera, count: int) -> list[VideoPacket]:
    return list(islice(camera.packets(), count))


def decoded(video: VideoFormat, packets: list[VideoPacket]) -> int:
    decoder = av.CodecContext.create(video.codec, "r")
    decoder.extradata = video.extradata
    pictures = [picture for p in packets for picture in decoder.decode(av.Packet(p.payload))]
    return len(pictures + decoder.decode(None))


def test_its_packets_are_pictures_from_a_keyframe_on(camera: Camera) -> None:
    assert (camera.format.width, camera.format.height) == (320, 180)
    assert camera.format.extradata.startswith((b"\0\0\0\1", b"\0\0\1"))
    packets = first(camera, 12)
    assert packets[0].keyframe
    assert not packets[1].keyframe
    assert any(packet.keyframe for packet in packets[1:])
    assert all(a.dts < b.dts for a, b in pairwise(packets))
    assert all(p.pts >= p.dts for p in packets)
    assert decoded(camera.format, packets) == 12


def test_close_from_another_thread_ends_it_as_lost(camera: Camera) -> None:
    packets = camera.packets()
    next(packets)
    threading.Timer(0.1, camera.close).start()
    with pytest.raises(DeviceLost):
        for _ in packets:
            pass
    camera.close()


def lost_within(camera: Camera, seconds: float, after: Callable[[], None]) -> None:
    packets = camera.packets()
    next(packets)
    after()
    start = time.monotonic()

    def read_on() -> None:
        for _ in packets:
            assert time.monotonic() - start < seconds

    with pytest.raises(DeviceLost):
        read_on()
    assert time.monotonic() - start < seconds


def test_a_dropped_connection_is_lost(simulated: SimulatedCamera) -> None:
    lost_within(connect(simulated.url), LIMIT_S, simulated.drop)


def test_a_stalled_camera_is_lost(simulated: SimulatedCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtsp_camera, "READ_TIMEOUT_S", 0.5)
    lost_within(connect(simulated.url), LIMIT_S, simulated.stall)


def test_a_camera_that_is_away_is_lost_and_found(simulated: SimulatedCamera) -> None:
    connect(simulated.url).close()
    simulated.away()
    with pytest.raises(DeviceLost):
        RtspCamera(simulated.url)
    simulated.away(False)
    assert first(connect(simulated.url), 1)[0].keyframe


def test_a_login_is_asked_for_and_a_wrong_one_is_lost() -> None:
    with SimulatedCamera(width=320, height=180, username="viewer", password="p@ss/:") as camera:
        connect(camera.url, "viewer", "p@ss/:").close()
        with pytest.raises(DeviceLost) as lost:
            RtspCamera(camera.url, "viewer", "wrong-word")
        assert "wrong-word" not in str(lost.value)
