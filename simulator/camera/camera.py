"""A whole camera in this process: a scene that is filmed, encoded and served from construction to ``close``.

Here: the camera's clock, and what can be done to its scene and to itself. ``process`` runs one in a
process of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Lock, Thread

from simulator.camera.encoder import CLOCK_HZ, Codec, Encoder
from simulator.camera.rtsp_server import RtspServer
from simulator.camera.scene import SceneState, background, draw
from simulator.closing import Closing


class Camera(Closing):
    """width, height: pixels. fps: pictures a second. gop_s: seconds between keyframes."""

    def __init__(
        self,
        *,
        width: int = 640,
        height: int = 360,
        fps: int = 10,
        gop_s: float = 1.0,
        port: int = 0,
        username: str = "",
        password: str | None = None,
        codec: Codec = Codec.H264,
    ) -> None:
        self.server = RtspServer(port=port, username=username, password=password)
        self._fps = fps
        self._encoder = Encoder(width, height, fps, max(1, round(gop_s * fps)), codec=codec)
        self._behind = background(width, height)
        self._lock = Lock()
        self._state = SceneState()
        self._frozen_s: float | None = None
        self._stop = Event()
        self._thread = Thread(target=self._film, name="camera", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return self.server.url

    def door(self, is_open: bool) -> None:
        """The door's leaf swings."""
        with self._lock:
            if self._state.door_open != is_open:
                self._state = replace(self._state, door_open=is_open, door_moved_s=time.monotonic())

    def walk(self) -> None:
        """Somebody walks past, from now on, for ``scene.WALK_S`` seconds."""
        with self._lock:
            self._state = replace(self._state, walker_since_s=time.monotonic())

    def stall(self, stalled: bool = True) -> None:
        """The connection stays, pictures stop."""
        self.server.stall(stalled)

    def drop(self) -> None:
        """Connections are cut; clients may come again at once."""
        self.server.drop()

    def jump(self, seconds: float) -> None:
        """The camera's clock jumps."""
        self.server.jump(seconds)

    def freeze(self, frozen: bool = True) -> None:
        """The same picture again and again, while time stamps go on."""
        with self._lock:
            self._frozen_s = time.monotonic() if frozen else None

    def away(self, away: bool = True) -> None:
        """Unplugged from the network, or back."""
        if away:
            self.server.close()
        else:
            self.server.listen()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.server.close()

    def _film(self) -> None:
        for number, due_s in enumerate(ticks(self._fps)):
            with self._lock:
                state, seen_s = self._state, self._frozen_s or due_s
            clock = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - due_s + seen_s))
            picture = draw(self._behind, state, seen_s, clock)
            self.server.publish(self._encoder.encode(picture, number * CLOCK_HZ // self._fps))
            if self._stop.wait(max(0.0, due_s + 1 / self._fps - time.monotonic())):
                return


def ticks(fps: int) -> Iterator[float]:
    """When each picture is due, in monotonic seconds; it never tries to catch up."""
    due_s = time.monotonic()
    while True:
        yield due_s
        due_s = max(due_s + 1 / fps, time.monotonic() - 1 / fps)
