"""A whole camera in this process: a scene that is filmed, encoded and served from construction to ``close``.

Here: the camera's real time, and what can be done to its scene (``film``) and to itself (``rtsp_server``).
``process`` runs one in a process of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, Lock, Thread

from simulator.camera.encoder import Codec
from simulator.camera.film import Condition, Film
from simulator.camera.rtsp_server import RtspServer
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
        self._film = Film(width, height, fps, gop_s, codec)
        self._lock = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return self.server.url

    def door(self, is_open: bool) -> None:
        """The door's leaf swings."""
        with self._lock:
            self._film.door(is_open, time.monotonic())

    def walk(self) -> None:
        """Somebody walks past, from now on, for ``scene.WALK_S`` seconds."""
        with self._lock:
            self._film.walk(time.monotonic())

    def be(self, condition: Condition) -> None:
        """Suffer from it, or be well again."""
        with self._lock:
            self._film.be(condition, time.monotonic())

    def stall(self, stalled: bool = True) -> None:
        """The connection stays, pictures stop."""
        self.server.stall(stalled)

    def drop(self) -> None:
        """Connections are cut; clients may come again at once."""
        self.server.drop()

    def jump(self, seconds: float) -> None:
        """The camera's clock jumps."""
        self.server.jump(seconds)

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

    def _run(self) -> None:
        for due_s in ticks(self._fps):
            with self._lock:
                unit = self._film.next(due_s, time.time())
            self.server.publish(unit)
            if self._stop.wait(max(0.0, due_s + 1 / self._fps - time.monotonic())):
                return


def ticks(fps: int) -> Iterator[float]:
    """When each picture is due, in monotonic seconds; it never tries to catch up."""
    due_s = time.monotonic()
    while True:
        yield due_s
        due_s = max(due_s + 1 / fps, time.monotonic() - 1 / fps)
