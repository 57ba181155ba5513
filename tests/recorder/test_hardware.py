"""Which driver is chosen for which camera, with which secret."""

from __future__ import annotations

from typing import Any

import pytest

from controller.recorder import hardware
from controller.recorder.hardware import opener, sub_opener
from controller.secrets.credentials import Secret
from controller.settings.recording import CameraSettings
from drivers.system_clock import SystemClock


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    for name in ("RtspCamera", "usb_camera", "pi_camera"):
        monkeypatch.setattr(hardware, name, lambda *given, name=name: calls.append((name, *given)))
    return calls


def secret(name: str) -> Secret:
    return Secret(f"of {name}")


def test_both_streams_of_a_network_camera_have_its_login(opened: list[tuple[Any, ...]]) -> None:
    camera = CameraSettings(id="a", url="rtsp://h/1", sub_url="rtsp://h/2", username="u")
    open_sub = sub_opener(camera, secret)
    assert open_sub is not None
    opener(camera, SystemClock(), secret)()
    open_sub()
    assert opened == [
        ("RtspCamera", "rtsp://h/1", "u", "of camera-a-password"),
        ("RtspCamera", "rtsp://h/2", "u", "of camera-a-password"),
    ]


def test_without_a_username_no_secret_is_asked_for(opened: list[tuple[Any, ...]]) -> None:
    def none(name: str) -> Secret:
        raise AssertionError(name)

    camera = CameraSettings(id="a", url="rtsp://h/1")
    opener(camera, SystemClock(), none)()
    assert opened == [("RtspCamera", "rtsp://h/1", "", "")]
    assert sub_opener(camera, none) is None


@pytest.mark.parametrize(
    ("camera", "first"),
    [
        (CameraSettings(id="a", kind="usb", device="/dev/video0"), ("usb_camera", "/dev/video0")),
        (CameraSettings(id="a", kind="pi"), ("pi_camera", 0)),
    ],
)
def test_cameras_that_we_encode_are_told_the_picture_and_its_masks(
    opened: list[tuple[Any, ...]], camera: CameraSettings, first: tuple[object, ...]
) -> None:
    clock = SystemClock()
    opener(camera, clock, secret)()
    assert opened == [(*first, 1280, 720, 15, clock, ())]
    assert sub_opener(camera, secret) is None
