"""A stand-in for the module picamera2: a Raspberry Pi's own camera, of which there is number 0 and no other.

It has what our driver uses of version 0.3, and is as strict about it; give it to ``sys.modules``.
"""

from __future__ import annotations

import time
from typing import Any

from simulator.camera.scene import Picture, SceneState, background, draw

CAMERAS = 1


class Picamera2:
    """Films from ``start`` to ``stop``, at the pace it was configured for."""

    opened = 0
    """How many are open; a real one can be opened once."""

    def __init__(self, camera_num: int = 0) -> None:
        if camera_num >= CAMERAS:
            raise RuntimeError(
                f'No camera number {camera_num} found - use "rpicam-hello --list-cameras" to check '
                "connected cameras"
            )
        if Picamera2.opened:
            raise RuntimeError("Camera __init__ sequence did not complete.")
        Picamera2.opened += 1
        self._behind: Picture | None = None
        self._fps = 0
        self._due_s: float | None = None

    def create_video_configuration(self, main: dict[str, Any], controls: dict[str, Any]) -> dict[str, Any]:
        if main["format"] != "RGB888":
            raise RuntimeError("Unrecognised format " + main["format"])
        return {"main": main, "controls": controls}

    def configure(self, config: dict[str, Any]) -> None:
        width, height = config["main"]["size"]
        self._behind = background(width, height)
        self._fps = config["controls"]["FrameRate"]

    def start(self) -> None:
        if self._behind is None:
            raise RuntimeError("Camera has not been configured")
        self._due_s = time.monotonic()

    def capture_array(self, name: str = "main") -> Picture:
        """The next picture: libcamera's RGB888 is blue, green, red."""
        if self._due_s is None or self._behind is None:
            raise RuntimeError("Camera has not been started")
        self._due_s += 1 / self._fps
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        return draw(self._behind, SceneState(), self._due_s, name)

    def stop(self) -> None:
        self._due_s = None

    def close(self) -> None:
        Picamera2.opened -= 1
