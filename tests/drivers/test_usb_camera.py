"""The USB camera's driver in front of a recorded film, which OpenCV reads as it reads a device, and what all
cameras have in common that are encoded here."""

from __future__ import annotations

import threading
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from controller.devices import ClockReading, DeviceLost, VideoPacket
from drivers import encoded_camera, usb_camera
from drivers.encoded_camera import EncodedCamera


class StepClock:
    """A tenth of a second passes between two readings."""

    def __init__(self) -> None:
        self.mono_us = 0

    def read(self) -> ClockReading:
        mono_us = self.since_boot_us()
        return ClockReading(mono_us, mono_us, "boot", False)

    def since_boot_us(self) -> int:
        self.mono_us += 100_000
        return self.mono_us


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Thirty pictures of 161 x 121 pixels: sides that H.264 cannot have."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (161, 121))
    for number in range(30):
        writer.write(np.full((121, 161, 3), number * 8, np.uint8))
    writer.release()
    return path


def until_lost(camera: EncodedCamera, packets: list[VideoPacket]) -> None:
    for packet in camera.packets():
        packets.append(packet)


def test_pictures_become_h264_at_the_pace_they_came(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded_camera, "PENDING_PICTURES", 100)
    camera = usb_camera.usb_camera(str(film), 160, 120, 10, StepClock())
    assert (camera.format.codec, camera.format.width, camera.format.height) == ("h264", 160, 120)
    packets: list[VideoPacket] = []
    with pytest.raises(DeviceLost, match="no picture"):
        until_lost(camera, packets)
    assert [p.dts for p in packets] == [n * 9_000 for n in range(30)]
    assert [n for n, p in enumerate(packets) if p.keyframe] == [0, 10, 20]
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = camera.format.extradata
    decoded = [f for p in packets for f in decoder.decode(av.Packet(p.payload))] + decoder.decode(None)
    assert len(decoded) == 30


def test_a_camera_that_is_not_there_is_lost(tmp_path: Path) -> None:
    with pytest.raises(DeviceLost):
        usb_camera.usb_camera(str(tmp_path / "video9"), 160, 120, 10, StepClock())


def test_a_read_that_hangs_for_ever_is_noticed(mocker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled_out, hanging = threading.Event(), mocker.Mock()
    pictures = iter([(True, np.zeros((120, 160, 3), np.uint8))])
    hanging.read.side_effect = lambda: next(pictures, None) or (pulled_out.wait(30), None)
    mocker.patch.object(usb_camera.cv2, "VideoCapture", return_value=hanging)
    monkeypatch.setattr(encoded_camera, "SILENCE_S", 0.1)
    camera = usb_camera.usb_camera("/dev/video0", 160, 120, 10, StepClock())
    packets = camera.packets()
    assert next(packets).keyframe
    with pytest.raises(DeviceLost, match="no picture for"):
        next(packets)
    pulled_out.set()
    camera._thread.join(5)
    assert not camera._thread.is_alive()


def test_only_so_many_readers_may_hang_in_a_camera(mocker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled_out, capture = threading.Event(), mocker.Mock()
    capture.read.side_effect = lambda: (False, pulled_out.wait(30))
    mocker.patch.object(usb_camera.cv2, "VideoCapture", return_value=capture)
    monkeypatch.setattr(encoded_camera, "SILENCE_S", 0.01)
    for _ in range(encoded_camera.MOST_LEFT_BEHIND):
        with pytest.raises(DeviceLost, match="no picture for"):
            usb_camera.usb_camera("/dev/video7", 160, 120, 10, StepClock())
    with pytest.raises(DeviceLost, match="4 readers hang in it"):
        usb_camera.usb_camera("/dev/video7", 160, 120, 10, StepClock())
    pulled_out.set()
    for reader in encoded_camera._readers["/dev/video7"]:
        reader.join(5)
    with pytest.raises(DeviceLost, match="no picture"):
        usb_camera.usb_camera("/dev/video7", 160, 120, 10, StepClock())


def test_close_ends_the_reading_from_another_thread(mocker: Any) -> None:
    capture = mocker.Mock()
    capture.read.side_effect = lambda: (True, np.zeros((120, 160, 3), np.uint8))
    mocker.patch.object(usb_camera.cv2, "VideoCapture", return_value=capture)
    camera = usb_camera.usb_camera("0", 160, 120, 10, StepClock())
    packets = camera.packets()
    assert len(list(islice(packets, 3))) == 3
    camera.close()
    with pytest.raises(DeviceLost, match="closed"):
        list(packets)
    camera._thread.join(5)
    assert not camera._thread.is_alive()
    usb_camera.cv2.VideoCapture.assert_called_once_with(0)


def test_a_camera_that_cannot_be_encoded_is_let_go(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has it to close it; a thread that kept it open would keep out the next attempt."""
    before = set(threading.enumerate())

    def refused(*_: int) -> None:
        raise DeviceLost("H.264 cannot be encoded here")

    endless = cv2.VideoCapture
    monkeypatch.setattr(encoded_camera, "best_encoder", refused)
    monkeypatch.setattr(cv2, "VideoCapture", lambda source: Endless(endless(source)))
    with pytest.raises(DeviceLost, match="encoded"):
        usb_camera.usb_camera(str(film), 160, 120, 10, StepClock())
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


class Endless:
    """A film that never ends."""

    def __init__(self, film: cv2.VideoCapture) -> None:
        self._film = film
        self._picture = film.read()[1]

    def read(self) -> tuple[bool, Any]:
        return True, self._picture

    def set(self, *_: float) -> bool:
        return True

    def release(self) -> None:
        self._film.release()


def test_masks_are_burnt_into_every_picture(mocker: Any) -> None:
    capture = mocker.Mock()
    capture.read.side_effect = lambda: (True, np.full((120, 160, 3), 200, np.uint8))
    mocker.patch.object(usb_camera.cv2, "VideoCapture", return_value=capture)
    left = ((0.0, 0.0), (0.25, 0.0), (0.25, 1.0), (0.0, 1.0))
    corner = ((0.8, 0.8), (1.0, 0.8), (1.0, 1.0))
    camera = usb_camera.usb_camera("0", 160, 120, 10, StepClock(), [left, corner])
    packets = list(islice(camera.packets(), 12))
    camera.close()
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.extradata = camera.format.extradata
    pictures = [p for packet in packets for p in decoder.decode(av.Packet(packet.payload))]
    pictures += decoder.decode(None)
    assert len(pictures) == 12
    for picture in pictures:
        seen = picture.to_ndarray(format="gray")
        assert seen[:, :36].max() < 30
        assert seen[112:118, 156:].max() < 60
        assert seen[:90, 48:].min() > 150
