"""A camera that is lost again and again: each connection takes with it all that it had."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.recorder.activity import Activity
from controller.recorder.capture import camera_thread
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.capture.camera_thread import CameraThread
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import CameraFound
from controller.recorder.watching.health import HealthWatch
from controller.recorder.watching.movement import Movement
from drivers.rtsp_camera import RtspCamera
from simulator.camera.process import CameraProcess

SOAK = bool(os.environ.get("UNLOCKED_SOAK"))
TIMES = 200 if SOAK else 14
WARM_UP = 4
GROWN_AT_MOST = 4_000_000
"""Bytes. A connection that is not let go holds more than one million, and ten are made."""


@dataclass(frozen=True)
class Held:
    memory: int
    files: int

    @classmethod
    def now(cls) -> Held:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(pages * os.sysconf("SC_PAGE_SIZE"), len(list(Path("/proc/self/fd").iterdir())))


def test_connections_leave_nothing_behind(
    tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # pytest keeps what is logged, with its errors and all that their frames hold.
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 0.001)
    monkeypatch.setattr(camera_thread, "LONGEST_RETRY_S", 0.001)
    held: list[Held] = []
    enough = threading.Event()
    with CameraProcess(fps=25, gop_s=0.08) as simulated:

        def tell(happening: Any) -> None:
            if isinstance(happening, CameraFound):
                held.append(Held.now())
                if len(held) > TIMES:
                    enough.set()
                simulated.drop()

        thread = CameraThread(
            Recording("entrance", tmp_path, 60_000_000, True),
            lambda: RtspCamera(simulated.url),
            now,
            CameraAccount("entrance", tell, None),
            _set(),
            Movement("entrance", tell, Activity()),
            HealthWatch.unknown("entrance", tell),
        )
        thread.start()
        assert enough.wait(600 if SOAK else 60)
        thread.stop()
        simulated.drop()
        thread.join(10)
        assert not thread.is_alive()
    assert held[-1].memory - held[WARM_UP].memory < GROWN_AT_MOST
    assert max(one.files for one in held[-5:]) <= max(one.files for one in held[:WARM_UP])


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
