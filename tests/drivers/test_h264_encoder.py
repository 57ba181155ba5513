"""Which encoder is taken: a made-up hardware encoder, good and bad in every way it can be, and libx264."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from controller.devices import DeviceLost, VideoPacket
from drivers import h264_encoder
from drivers.h264_encoder import HARDWARE, SOFTWARE, H264Encoder, best_encoder

WIDTH, HEIGHT, FPS = 160, 96, 10
START_CODE = b"\0\0\0\1"
real = h264_encoder._opened


class Hardware:
    """Keeps four pictures to itself, and gives its parameter sets on their own before the first."""

    def __init__(self, fault: str = "") -> None:
        self._context = av.VideoCodecContext.create("libx264", "w")
        self._context.width, self._context.height, self._context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        self._context.time_base, self._context.gop_size = Fraction(1, 90_000), FPS
        self._context.options = {"preset": "ultrafast", "tune": "zerolatency"}
        self.extradata = None
        self._fault = fault
        self._kept: list[av.Packet[Any]] = []

    def encode(self, frame: av.VideoFrame) -> list[av.Packet[Any]]:
        match self._fault:
            case "silent":
                return []
            case "hangs":
                threading.Event().wait()
            case "fails":
                raise av.InvalidDataError(5, "no more buffers")
            case "scrambles":
                pixels = frame.to_ndarray(format="bgr24")
                pts, frame = frame.pts, av.VideoFrame.from_ndarray(np.flip(pixels).copy(), format="bgr24")
                frame.pts = pts
        for packet in self._context.encode(frame):
            payload = bytes(packet)
            if self._fault == "garbage":
                payload = START_CODE + b"\x67sps" + START_CODE + b"\x68pps" + START_CODE + b"\x65" + bytes(90)
            if packet.is_keyframe and not self._kept and self._fault != "no sets":
                # Before the slice, which is the last of a keyframe's units.
                at = payload.rindex(b"\0\0\1\x65")
                self._kept.append(self._packet(payload[:at], packet))
                payload = b"\0" + payload[at:]
            elif self._fault == "no sets":
                payload = payload[payload.rindex(b"\0\0\1") :]
            self._kept.append(self._packet(payload, packet))
        if len(self._kept) <= 4:
            return []
        given, self._kept = self._kept[:-4], self._kept[-4:]
        return given

    @staticmethod
    def _packet(payload: bytes, like: av.Packet[Any]) -> av.Packet[Any]:
        packet = av.Packet(payload)
        packet.pts, packet.dts, packet.is_keyframe = like.pts, None, like.is_keyframe
        return packet


@pytest.fixture(autouse=True)
def _no_verdicts() -> Iterator[None]:
    h264_encoder._verdicts.forget()
    yield
    h264_encoder._verdicts.forget()


@pytest.fixture
def hardware(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Which faults the machine's encoder has; "none" for a machine without one."""

    def fitted(fault: str) -> None:
        def opened(name: str, *size: int) -> Any:
            if name == SOFTWARE:
                return real(name, *size)
            if fault == "none":
                raise DeviceLost("H.264 cannot be encoded here: Invalid argument")
            return Hardware(fault)

        monkeypatch.setattr(h264_encoder, "_opened", opened)

    return fitted


def film(encoder: H264Encoder, count: int = 30) -> list[VideoPacket]:
    picture = h264_encoder._test_picture(WIDTH, HEIGHT)
    return [packet for n in range(count) for packet in encoder.encode(picture, n * 9000)]


def playable(encoder: H264Encoder, packets: list[VideoPacket]) -> int:
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.extradata = encoder.extradata
    pictures = [picture for p in packets for picture in decoder.decode(av.Packet(p.payload))]
    return len(pictures + decoder.decode(None))


def test_hardware_that_works_is_taken_and_said_once(hardware: Any, caplog: pytest.LogCaptureFixture) -> None:
    hardware("")
    caplog.set_level(logging.INFO)
    for _ in range(2):
        encoder = best_encoder(WIDTH, HEIGHT, FPS)
        packets = film(encoder)
        assert isinstance(encoder._context, Hardware)
        assert [p.dts for p in packets] == [p.pts for p in packets] == [n * 9000 for n in range(26)]
        assert [n for n, p in enumerate(packets) if p.keyframe] == [0, 10, 20]
        assert encoder.extradata.startswith(START_CODE + b"\x67")
        assert playable(encoder, packets) == 26
    assert [record.getMessage() for record in caplog.records] == [
        f"pictures of 160 x 96 are encoded by the hardware ({HARDWARE})"
    ]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("none", "cannot be encoded here"),
        ("silent", "gave nothing back"),
        ("hangs", "no answer within"),
        ("fails", "the encoder failed"),
        ("scrambles", "spoilt the picture"),
        ("garbage", "gave no picture|cannot be decoded"),
        ("no sets", "did not begin with a keyframe"),
    ],
)
def test_hardware_that_does_not_work_is_left_alone(
    hardware: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, fault: str, why: str
) -> None:
    monkeypatch.setattr(h264_encoder, "TRIAL_S", 0.2 if fault == "hangs" else 10)
    hardware(fault)
    caplog.set_level(logging.INFO)
    encoder = best_encoder(WIDTH, HEIGHT, FPS)
    assert playable(encoder, film(encoder)) == 30
    assert best_encoder(WIDTH, HEIGHT, FPS).extradata == encoder.extradata
    assert len(caplog.records) == 1
    assert (
        caplog.records[0]
        .getMessage()
        .startswith("pictures of 160 x 96 are encoded by the processor (libx264)")
    )
    assert re.search(why, caplog.text)


def test_hardware_that_another_has_taken_by_now_is_done_without(
    hardware: Any,
) -> None:
    hardware("")
    best_encoder(WIDTH, HEIGHT, FPS)
    hardware("none")
    encoder = best_encoder(WIDTH, HEIGHT, FPS)
    assert playable(encoder, film(encoder)) == 30
