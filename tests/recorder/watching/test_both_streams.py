"""Cameras whose smaller stream is looked at beside the recorded one: motion is told once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.devices import Camera, DeviceLost, VideoFormat, VideoPacket
from controller.recorder.capture import camera_thread, sub_stream
from controller.recorder.capture.cameras import Cameras
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import Happening, Motion
from controller.recorder.watching.health import HealthWatch

SECOND = 1_000_000


class Turns:
    """Plays a packet whenever it is told to, the clock a tenth of a second further each time."""

    def __init__(self, video: Any, now: Any) -> None:
        self.format: VideoFormat = video.format
        self._packets = video.packets
        self._now = now
        self._turn: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._taken: queue.SimpleQueue[None] = queue.SimpleQueue()

    def play(self, packets: int) -> None:
        """Returns when so many more have been taken, and what came of them was done."""
        for _ in range(packets):
            self._turn.put(True)
            self._taken.get(timeout=10)

    def packets(self) -> Iterator[VideoPacket]:
        for packet in self._packets:
            if not self._turn.get(timeout=30):
                break
            self._now.sleep(0.1)
            yield packet
            self._taken.put(None)
        raise DeviceLost("the script is over")

    def close(self) -> None:
        self._turn.put(False)


@pytest.fixture
def run(tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Starts the cameras, and gives what they told so far."""
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 60)
    monkeypatch.setattr(sub_stream, "FIRST_RETRY_S", 60)
    allowed = threading.Event()
    allowed.set()
    begun: list[Cameras] = []

    def start(main: Camera, sub: Camera) -> list[bool]:
        told: list[bool] = []

        def tell(happening: Happening) -> None:
            if isinstance(happening, Motion):
                told.append(happening.started)

        recording = Recording("entrance", tmp_path, 60 * SECOND, True)
        cameras = Cameras(
            [recording],
            {"entrance": lambda: main},
            {"entrance": lambda: sub},
            {"entrance": HealthWatch.unknown("entrance", tell)},
            now,
            tell,
            allowed,
        )
        begun.append(cameras)
        cameras.start({})
        return told

    yield start
    for cameras in begun:
        cameras.stop()


def test_the_smaller_stream_counts_and_keyframes_when_it_is_gone(
    run: Callable[..., list[bool]], encoded: Any, now: Any
) -> None:
    quiet, walk = [None] * 30, [n * 4 % 280 for n in range(60)]
    main, sub = Turns(encoded([*quiet, *walk, *walk]), now), Turns(encoded([None] * 40), now)
    told = run(main, sub)
    for _ in range(20):  # half of the pictures of each, by turns
        main.play(2)
        sub.play(2)
    assert told == []  # somebody walks in the recorded stream already, and its keyframes do not count
    main.play(100)
    assert told == [True]


def test_motion_in_both_streams_is_told_once(run: Callable[..., list[bool]], encoded: Any, now: Any) -> None:
    video = encoded([*[None] * 30, *(n * 4 for n in range(30))])
    main, sub = Turns(video, now), Turns(video, now)
    told = run(main, sub)
    for _ in range(59):  # not the last: when both streams are over, motion ends
        main.play(1)
        sub.play(1)
    assert told == [True]
