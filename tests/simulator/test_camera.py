"""The simulated camera, watched by real PyAV: pictures, faults, several watchers, a process of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator

import av
import numpy as np
import pytest
from av.container import InputContainer

from simulator.camera.camera import Camera
from simulator.camera.encoder import Codec, Encoder, nal_units, parameter_sets
from simulator.camera.film import Condition
from simulator.camera.loop import Loop
from simulator.camera.process import CameraProcess
from simulator.camera.rtp import LARGEST, fragments
from simulator.camera.rtsp_server import RtspServer
from simulator.camera.scene import WALK_S, SceneState, background, draw

pytestmark = pytest.mark.system

OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "200000"}


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera(width=320, height=180, fps=10) as camera:
        yield camera


def watch(url: str, password: str = "", read_s: float = 10) -> InputContainer:
    """Opened when the camera has its first picture, which it must have within five seconds."""
    if password:
        url = url.replace("rtsp://", f"rtsp://viewer:{password}@")
    limit = time.monotonic() + 5
    while True:
        try:
            return av.open(url, options=OPTIONS, timeout=(5, read_s))
        except (av.error.HTTPServerError, av.error.ConnectionRefusedError):
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)


def packets(container: InputContainer, count: int) -> list[av.Packet]:
    found = []
    for packet in container.demux(video=0):
        found.append(packet)
        if len(found) == count:
            break
    return found


@pytest.mark.parametrize(("codec", "name"), [(Codec.H264, "h264"), (Codec.H265, "hevc")])
def test_it_is_watched_as_any_camera(codec: Codec, name: str) -> None:
    with Camera(width=320, height=180, fps=10, codec=codec) as camera, watch(camera.url) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == (name, 320, 180)
        found = packets(container, 15)
        assert found[0].is_keyframe
        assert any(packet.is_keyframe for packet in found[1:])
        frames = [frame for packet in found for frame in packet.decode()]
        assert len(frames) >= 10
        assert frames[0].to_ndarray(format="bgr24").std() > 10


def test_several_watch_at_once(camera: Camera) -> None:
    with watch(camera.url) as one, watch(camera.url) as other:
        assert len(packets(one, 5)) == len(packets(other, 5)) == 5
        assert camera.server.watchers == 2


def test_the_scene_follows_the_door_and_the_walker() -> None:
    behind = background(320, 180)
    shut = draw(behind, SceneState(), 10.0, "")
    leaf_open = draw(behind, SceneState(door_open=True, door_moved_s=0.0), 10.0, "")
    walker = draw(behind, SceneState(walker_since_s=10.0 - WALK_S / 2), 10.0, "")
    gone = draw(behind, SceneState(walker_since_s=10.0 - WALK_S - 1), 10.0, "")
    assert np.count_nonzero(shut != leaf_open) > 1000
    assert np.count_nonzero(shut != walker) > 1000
    assert np.array_equal(shut, gone)


def test_a_dropped_connection_ends_and_a_new_one_is_served(camera: Camera) -> None:
    with watch(camera.url) as container:
        packets(container, 1)
        camera.drop()
        assert len(packets(container, 1000)) < 1000
    with watch(camera.url) as container:
        assert len(packets(container, 3)) == 3


def test_an_absent_camera_refuses_and_comes_back_on_its_port(camera: Camera) -> None:
    url = camera.url
    camera.away()
    with pytest.raises(av.error.ConnectionRefusedError):
        av.open(url, options=OPTIONS, timeout=2)
    camera.away(False)
    assert camera.url == url
    watch(url).close()


def test_a_stalled_camera_sends_nothing_though_connected(camera: Camera) -> None:
    with watch(camera.url, read_s=1) as container:
        camera.stall()
        with pytest.raises((av.error.ExitError, av.error.TimeoutError)):
            packets(container, 1000)
    camera.stall(False)
    with watch(camera.url) as container:
        assert len(packets(container, 3)) == 3


def test_a_frozen_picture_stays_the_same_while_time_goes_on(camera: Camera) -> None:
    with watch(camera.url) as container:
        packets(container, 2)
        camera.be(Condition.FROZEN)
        found = packets(container, 30)
        # The picture shows a clock: alive, it would be re-encoded at least at every full second.
        sizes = [packet.size for packet in found[12:] if not packet.is_keyframe]
        times = [packet.pts for packet in found]
        assert times == sorted(times)
        assert max(sizes) < 200


def test_a_jump_of_the_time_stamps_is_seen(camera: Camera) -> None:
    with watch(camera.url) as container:
        before = packets(container, 2)[-1].pts
        camera.jump(100)
        after = [packet.pts for packet in packets(container, 15)][-1]
        assert before is not None
        assert after is not None
        assert after - before > 90 * 90_000


def test_a_password_is_asked_for() -> None:
    with Camera(width=160, height=120, username="viewer", password="open sesame") as camera:
        limit = time.monotonic() + 5
        while True:
            with pytest.raises((av.error.HTTPUnauthorizedError, av.error.HTTPServerError)) as caught:
                av.open(camera.url, options=OPTIONS, timeout=5)
            if caught.type is av.error.HTTPUnauthorizedError or time.monotonic() > limit:
                break
        assert caught.type is av.error.HTTPUnauthorizedError
        with watch(camera.url, "open%20sesame") as container:
            assert len(packets(container, 2)) == 2


def test_a_loop_goes_on_past_its_end() -> None:
    with Loop(width=160, height=120, fps=30, loop_s=1) as loop, watch(loop.url) as container:
        times = [packet.pts or 0 for packet in packets(container, 65)]
        assert times == sorted(times)
        assert times[-1] >= 63 * 3000


def test_a_camera_in_a_process_of_its_own_ends_with_its_owner() -> None:
    with CameraProcess(width=160, height=120) as camera:
        camera.door(True)
        camera.walk()
        with watch(camera.url) as container:
            assert len(packets(container, 3)) == 3
    with pytest.raises(av.error.ConnectionRefusedError):
        av.open(camera.url, options=OPTIONS, timeout=2)


def test_a_server_without_a_picture_yet_says_so() -> None:
    with RtspServer() as server, pytest.raises(av.error.HTTPServerError):
        av.open(server.url, options=OPTIONS, timeout=2)


def test_nal_units_are_cut_at_either_start_code() -> None:
    assert list(nal_units(b"\0\0\0\1ab\0\0\1c\0\0\0\1d")) == [b"ab", b"c", b"d"]
    assert list(nal_units(b"")) == []


@pytest.mark.parametrize(("codec", "kinds"), [(Codec.H264, [7, 8]), (Codec.H265, [32, 33, 34])])
def test_a_keyframe_carries_its_parameter_sets_and_others_do_not(codec: Codec, kinds: list[int]) -> None:
    encoder = Encoder(160, 120, 10, 10, codec=codec)
    first = encoder.encode(background(160, 120), 0)
    second = encoder.encode(background(160, 120), 9000)
    assert first.keyframe
    assert [codec.nal_type(nal) for nal in parameter_sets(first)] == kinds
    with pytest.raises(ValueError, match="no parameter sets"):
        parameter_sets(second)


@pytest.mark.parametrize("length", [1, LARGEST + 1, LARGEST + 2, 2 * LARGEST + 1, 10 * LARGEST])
def test_fragments_join_to_the_unit_they_came_from(length: int) -> None:
    nal = bytes([0x65]) + bytes(i % 251 for i in range(length - 1))
    parts = fragments(nal)
    if len(parts) == 1:
        assert parts == [nal]
        return
    assert all(part[0] == 0x60 | 28 and len(part) <= LARGEST + 2 for part in parts)
    assert [part[1] & 0xC0 for part in parts] == [0x80, *[0] * (len(parts) - 2), 0x40]
    assert bytes([parts[0][0] & 0xE0 | parts[0][1] & 0x1F]) + b"".join(p[2:] for p in parts) == nal


@pytest.mark.parametrize("length", [2, LARGEST + 2, LARGEST + 3, 10 * LARGEST])
def test_fragments_of_h265_too(length: int) -> None:
    nal = bytes([19 << 1, 1]) + bytes(i % 251 for i in range(length - 2))
    parts = fragments(nal, Codec.H265)
    if len(parts) == 1:
        assert parts == [nal]
        return
    assert all(part[:2] == bytes([49 << 1, 1]) and len(part) <= LARGEST + 3 for part in parts)
    assert [part[2] & 0xC0 for part in parts] == [0x80, *[0] * (len(parts) - 2), 0x40]
    assert bytes([(parts[0][2] & 0x3F) << 1, 1]) + b"".join(p[3:] for p in parts) == nal
