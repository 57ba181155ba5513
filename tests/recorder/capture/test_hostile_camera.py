"""A camera that lies, floods or never ends: what it costs is bounded, and is its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytest_mock import MockerFixture

from controller.devices import DeviceLost, VideoFormat, VideoPacket
from controller.recorder.capture import camera_session
from controller.recorder.capture.camera_account import SPARED
from controller.recorder.capture.mode import ModeRules
from controller.recorder.capture.pre_roll import PreRoll
from controller.recorder.happenings import Gap, GapCause, Measured
from controller.recorder.watching.pictures import KeyframeDecoder, StreamDecoder
from drivers.parameter_sets import START_CODE, annex_b, parameter_sets
from simulator.camera.encoder import Encoder

SECOND = 1_000_000
TICKS = 90_000


@pytest.fixture
def recorded(rig: Any) -> Any:
    """Continuously."""
    rig.rules = ModeRules()
    rig.begin()
    return rig


def keyframe(rig: Any, dts: int) -> VideoPacket:
    packet: VideoPacket = replace(rig.video.packets[0], keyframe=True, dts=dts, pts=dts)
    return packet


def picture(rig: Any, dts: int) -> VideoPacket:
    packet: VideoPacket = replace(rig.video.packets[1], keyframe=False, dts=dts, pts=dts)
    return packet


def test_stamps_that_run_ahead_make_no_segment_last_longer(recorded: Any) -> None:
    recorded.session.take(keyframe(recorded, 0))
    for number in range(1, 3000):  # 1.6 hours, as the camera has it
        recorded.session.take(picture(recorded, number * 2 * TICKS - number))
        recorded.pass_by(0.001)
    recorded.session.end(GapCause.CAMERA_LOST)
    (segment,) = recorded.segments()
    assert segment.end_us - segment.name.start_us <= 3 * SECOND


def test_stamps_that_run_ahead_do_not_make_the_disk_sync(
    recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("os.fdatasync", synced.append)
    for number in range(600):
        recorded.session.take(keyframe(recorded, number * 2 * TICKS))
        recorded.pass_by(0.01)
    assert len(synced) <= 20


def test_stamps_that_jump_with_each_picture_fill_neither_folder_nor_journal(recorded: Any) -> None:
    for number in range(2000):
        recorded.session.take(keyframe(recorded, number % 2 * 10**12))
        recorded.pass_by(0.01)
    recorded.session.end(GapCause.CAMERA_LOST)
    assert len(recorded.of(Gap)) <= SPARED + 1
    assert len(recorded.segments()) <= SPARED + 2
    assert sum(len(recorded.of(kind)) for kind in (Gap, Measured)) <= SPARED + 2


def test_keyframes_that_come_now_often_now_seldom_are_not_told_of_for_ever(recorded: Any) -> None:
    dts = 0
    for number in range(1000):
        dts += 100 if number // 20 % 2 else 3000
        recorded.session.take(keyframe(recorded, dts))
        recorded.pass_by(0.01)
    assert 1 <= len(recorded.of(Measured)) <= SPARED + 1


@pytest.mark.parametrize("first", [True, False])
def test_a_camera_without_keyframes_is_not_waited_for(
    recorded: Any, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_session, "LARGEST_GROUP", 100_000)
    sent = 0
    if first:
        recorded.session.take(keyframe(recorded, 0))
    for _ in range(100):
        sent += 1
        recorded.session.take(replace(picture(recorded, sent * 9000), payload=bytes(1000)))
    with pytest.raises(DeviceLost, match="no keyframe"):
        recorded.session.take(picture(recorded, (sent + 1) * 9000))


def test_however_little_it_sends(recorded: Any) -> None:
    recorded.session.take(keyframe(recorded, 0))

    def send_a_little() -> None:
        for dts in range(1, 130):  # 15 minutes
            recorded.session.take(picture(recorded, dts))
            recorded.pass_by(7)

    with pytest.raises(DeviceLost, match="no keyframe"):
        send_a_little()
    recorded.session.end(GapCause.CAMERA_LOST)
    (segment,) = recorded.segments()
    assert segment.end_us - segment.name.start_us < 15 * 60 * SECOND


def test_empty_packets_fill_the_memory_as_well(now: Any) -> None:
    pre_roll = PreRoll(10 * SECOND, most_bytes=100_000)
    pre_roll.begin(VideoPacket(b"", 0, 0, True), now())
    pre_roll.extend([VideoPacket(b"", n, n, False) for n in range(1000)])
    assert pre_roll.full


def test_a_flood_of_keyframes_is_not_decoded(rig: Any, mocker: MockerFixture) -> None:
    decoded = mocker.spy(KeyframeDecoder, "frame")
    rig.rules, rig.motion = ModeRules(), True
    rig.begin()
    for number in range(1000):
        rig.session.take(keyframe(rig, number * 90))
        rig.pass_by(0.001)
    assert 5 <= decoded.call_count <= 8


def test_a_picture_of_absurd_size_is_not_decoded() -> None:
    encoder = Encoder(8192, 4352, 10, 1)
    units = encoder.encode(np.zeros((4352, 8192, 3), np.uint8), 0).nals
    payload = b"".join(START_CODE + nal for nal in units)
    sets = annex_b(parameter_sets(payload, "h264"))
    packet = VideoPacket(payload, 0, 0, True)
    assert KeyframeDecoder(VideoFormat("h264", 8192, 4352, sets)).decode(packet) is None
    assert StreamDecoder(VideoFormat("h264", 320, 180, sets)).decode(packet, wanted=True) is None
