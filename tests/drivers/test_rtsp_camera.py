"""The network camera's driver where no camera answers as it should. For one that does: tests/contracts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import av
import pytest

from controller.devices import DeviceLost, VideoPacket
from drivers import rtsp_camera
from drivers.rtsp_camera import RtspCamera, _with_login
from simulator.camera.encoder import AccessUnit, Codec, Encoder
from simulator.camera.rtsp_server import RtspServer
from simulator.camera.scene import background

Units = list[AccessUnit]


def film(
    width: int, height: int, count: int = 10, at: int = 0, codec: Codec = Codec.H265
) -> list[AccessUnit]:
    encoder, picture = Encoder(width, height, 10, 5, codec=codec), background(width, height)
    return [encoder.encode(picture, (at + number) * 9000) for number in range(count)]


@contextmanager
def sending(server: RtspServer, units: Units) -> Iterator[None]:
    """Each unit as soon as there is a watcher, a hundred a second, and again from the first."""
    over = threading.Event()

    def send() -> None:
        for unit in cycle(units):
            if over.wait(0.01):
                return
            if server.watchers:
                server.publish(unit)

    thread = threading.Thread(target=send)
    thread.start()
    yield
    over.set()
    thread.join()


def read(camera: RtspCamera, packets: list[VideoPacket], count: int) -> None:
    for packet in camera.packets():
        packets.append(packet)
        if len(packets) == count:
            camera.close()


def test_h265_is_what_the_pictures_say_and_not_what_the_session_was_said_to_be() -> None:
    with RtspServer() as server:
        server.publish(film(320, 180, 1)[0])  # to nobody: it is what the session is described by
        with sending(server, film(160, 96)):
            camera = RtspCamera(server.url)
            packets: list[VideoPacket] = []
            with pytest.raises(DeviceLost, match="closed"):
                read(camera, packets, 8)
    assert (camera.format.codec, camera.format.width, camera.format.height) == ("hevc", 160, 96)
    decoder = av.VideoCodecContext.create("hevc", "r")
    decoder.extradata = camera.format.extradata
    assert packets[0].keyframe
    pictures = [*decoder.decode(av.Packet(packets[0].payload)), *decoder.decode(None)]
    assert [(picture.width, picture.height) for picture in pictures] == [(160, 96)]


def test_an_h265_camera_that_changes_its_format_is_lost_so_that_it_is_opened_anew() -> None:
    first, second = film(160, 96), film(320, 180, at=10)
    with RtspServer() as server:
        server.publish(first[0])
        with sending(server, [*first, *second]):
            camera = RtspCamera(server.url)
            packets: list[VideoPacket] = []
            with pytest.raises(DeviceLost, match="changed its picture format"):
                read(camera, packets, 100)
    assert camera.format.width == 160
    assert len(packets) <= len(first)


@pytest.mark.parametrize("codec", Codec)
def test_the_sound_of_a_camera_with_a_microphone_is_neither_asked_for_nor_taken(codec: Codec) -> None:
    units = film(160, 96, codec=codec)
    with RtspServer(microphone=True) as server:
        server.publish(units[0])
        with sending(server, units):
            with av.open(server.url, options={"rtsp_transport": "tcp"}) as anybody:
                assert sorted(stream.type for stream in anybody.streams) == ["audio", "video"]
            assert server.sound_asked
            server.sound_asked = False
            camera = RtspCamera(server.url)
            assert [stream.type for stream in camera._container.streams] == ["video"]
            packets: list[VideoPacket] = []
            with pytest.raises(DeviceLost, match="closed"):
                read(camera, packets, 20)
        assert not server.sound_asked
    assert len(packets) == 20


def test_nobody_there_is_lost_and_the_password_stays_out_of_the_message() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused
        url = f"rtsp://127.0.0.1:{nobody.getsockname()[1]}/user=a&password=s3cret?pwd=s3cret"
        with pytest.raises(DeviceLost) as lost:
            RtspCamera(url, "viewer", "s3cret/@:")
    assert str(lost.value).startswith("127.0.0.1:")
    assert "s3cret" not in str(lost.value)
    assert "s3cret" not in repr(lost.value.__cause__)
    assert lost.value.__suppress_context__


def test_a_login_may_hold_any_character() -> None:
    assert _with_login("rtsp://camera:8554/a?b=c", "", "ignored") == "rtsp://camera:8554/a?b=c"
    assert (
        _with_login("rtsp://camera:8554/a?b=c", "us er", "p@ss/:?")
        == "rtsp://us%20er:p%40ss%2F%3A%3F@camera:8554/a?b=c"
    )


def test_a_camera_that_says_nothing_is_given_up_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtsp_camera, "OPEN_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/stream"
        with pytest.raises(DeviceLost, match="no answer within") as lost:
            RtspCamera(url, "viewer", "a-password")
    assert "a-password" not in str(lost.value)
