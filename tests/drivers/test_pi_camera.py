"""The Pi's own camera's driver, in front of a made-up picamera2. What all cameras do: tests/contracts."""

from __future__ import annotations

import sys

import pytest

from controller.devices import DeviceLost
from drivers.pi_camera import pi_camera
from drivers.system_clock import SystemClock
from simulator.camera import picamera2
from simulator.waiting import wait_until


def test_without_picamera2_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(DeviceLost, match=r"python3-picamera2, or the extra libraries-unlocked\[pi\]"):
        pi_camera(0, 320, 180, 10, SystemClock())


def test_a_connector_without_a_camera_is_lost_in_the_librarys_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)
    with pytest.raises(DeviceLost, match="pi camera 1: No camera number 1 found"):
        pi_camera(1, 320, 180, 10, SystemClock())


def test_it_is_let_go_so_that_it_can_be_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)
    for _ in range(2):
        camera = pi_camera(0, 160, 96, 50, SystemClock())
        assert next(camera.packets()).keyframe
        camera.close()
        wait_until(lambda: picamera2.Picamera2.opened == 0, 30)
    with pytest.raises(DeviceLost, match="closed"):
        list(camera.packets())


def test_one_that_fails_on_the_way_is_lost_and_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)

    def failed(*_: object) -> None:
        raise RuntimeError("Camera frontend has timed out!")

    monkeypatch.setattr(picamera2.Picamera2, "capture_array", failed)
    with pytest.raises(DeviceLost, match="timed out"):
        pi_camera(0, 160, 96, 50, SystemClock())
    wait_until(lambda: picamera2.Picamera2.opened == 0, 30)
    monkeypatch.setattr(picamera2.Picamera2, "stop", failed)
    with pytest.raises(DeviceLost, match="timed out"):
        pi_camera(0, 160, 96, 50, SystemClock())
    picamera2.Picamera2.opened = 0
    monkeypatch.setattr(picamera2.Picamera2, "start", failed)
    with pytest.raises(DeviceLost, match="timed out"):
        pi_camera(0, 160, 96, 50, SystemClock())
    assert picamera2.Picamera2.opened == 0
