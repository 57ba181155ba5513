"""A camera that sends video which was encoded once, so that it costs next to nothing.

For measurements, in which the camera's own work would be in the way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread

import numpy as np

from simulator.camera.camera import ticks
from simulator.camera.encoder import CLOCK_HZ, AccessUnit, Codec, Encoder
from simulator.camera.rtsp_server import RtspServer
from simulator.camera.scene import Picture, SceneState, background, draw
from simulator.closing import Closing

GRAIN_LEVELS = 4.0
"""Noise of the sensor, of 255 grey levels: a drawing alone does not fill the bit rate of a camera."""


class Loop(Closing):
    """The same ``loop_s`` seconds of a walker at the door again and again, until ``close``."""

    def __init__(
        self,
        *,
        width: int = 1280,
        height: int = 720,
        fps: int = 15,
        bitrate: int = 1_500_000,
        loop_s: int = 4,
        codec: Codec = Codec.H264,
    ) -> None:
        self.server = RtspServer()
        self._fps = fps
        self._units = list(_encode_walk(width, height, fps, bitrate, loop_s, codec))
        self._stop = Event()
        self._thread = Thread(target=self._send, name="camera-loop", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return self.server.url

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.server.close()

    def _send(self) -> None:
        for number, due_s in enumerate(ticks(self._fps)):
            unit = self._units[number % len(self._units)]
            self.server.publish(replace(unit, pts=number * CLOCK_HZ // self._fps))
            if self._stop.wait(max(0.0, due_s + 1 / self._fps - time.monotonic())):
                return


def _encode_walk(
    width: int, height: int, fps: int, bitrate: int, seconds: int, codec: Codec
) -> Iterator[AccessUnit]:
    """The walk's second round: in the first the encoder has not found the bit rate yet."""
    count = fps * seconds
    # The round begins with a keyframe.
    encoder = Encoder(width, height, fps, min(2 * fps, count), bitrate, codec)
    behind = background(width, height)
    noise = np.random.default_rng(1).normal(0, GRAIN_LEVELS, (2, height, width, 1)).astype(np.int16)
    state = SceneState(walker_since_s=0.0)
    for number in range(2 * count):
        now_s = number % count / fps
        picture = draw(behind, state, now_s, f"loop {now_s:05.1f} s")
        grainy: Picture = np.clip(picture + noise[number % 2], 0, 255).astype(np.uint8)
        unit = encoder.encode(grainy, number * CLOCK_HZ // fps)
        if number >= count:
            yield unit
