"""A camera in a process of its own, so that drawing and encoding take nobody else's time.

``python -m simulator.camera.process`` films; it prints its URL, obeys one command a line on standard
input, and ends when that is closed: it cannot outlive whoever started it. ``CameraProcess`` is the
starting side.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from simulator.camera.camera import Camera
from simulator.camera.encoder import Codec
from simulator.camera.film import Condition
from simulator.camera.loop import Loop
from simulator.closing import Closing

STOP_LIMIT_S = 10.0


class CameraProcess(Closing):
    """A ``Camera`` elsewhere, from construction until ``close``. loop_kbps: a ``Loop`` at this bit rate."""

    def __init__(
        self,
        *,
        width: int = 640,
        height: int = 360,
        fps: int = 10,
        gop_s: float = 1.0,
        port: int = 0,
        loop_kbps: int = 0,
        codec: Codec = Codec.H264,
    ) -> None:
        command = [sys.executable, "-m", "simulator.camera.process"]
        command += ["--width", str(width), "--height", str(height), "--fps", str(fps), "--port", str(port)]
        command += ["--gop-s", str(gop_s), "--codec", codec.name]
        if loop_kbps:
            command += ["--loop-kbps", str(loop_kbps)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,  # Ctrl-C is for whoever started us, who then ends us in order
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the camera ended with {self._process.wait()}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def door(self, is_open: bool) -> None:
        self._say("open" if is_open else "shut")

    def walk(self) -> None:
        self._say("walk")

    def stall(self, stalled: bool = True) -> None:
        self._say("stall" if stalled else "go on")

    def jump(self, seconds: float) -> None:
        self._say(f"jump {seconds}")

    def be(self, condition: Condition) -> None:
        self._say(f"be {condition}")

    def drop(self) -> None:
        self._say("drop")

    def away(self, away: bool = True) -> None:
        self._say("away" if away else "back")

    def close(self) -> None:
        """End it. Safe to call twice."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _say(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()


def _obey(camera: Camera, command: str) -> None:
    verb, _, what = command.partition(" ")
    match command:
        case "open" | "shut":
            camera.door(command == "open")
        case "walk":
            camera.walk()
        case "stall" | "go on":
            camera.stall(command == "stall")
        case "drop":
            camera.drop()
        case "away" | "back":
            camera.away(command == "away")
        case _ if verb == "jump":
            camera.jump(float(what))
        case _ if verb == "be":
            camera.be(Condition(what))
        case _:
            raise ValueError(f"no such command: {command!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description="a simulated network camera")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--gop-s", type=float, default=1.0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(
        "--loop-kbps", type=int, default=0, help="the same seconds again and again, encoded once at this rate"
    )
    parser.add_argument("--codec", choices=[codec.name for codec in Codec], default=Codec.H264.name)
    asked = parser.parse_args()
    size = {"width": asked.width, "height": asked.height, "fps": asked.fps}
    bitrate, codec = asked.loop_kbps * 1000, Codec[asked.codec]
    with (
        Loop(**size, bitrate=bitrate, codec=codec)
        if bitrate
        else Camera(**size, gop_s=asked.gop_s, port=asked.port, codec=codec)
    ) as camera:
        print(camera.url, flush=True)
        for line in sys.stdin:
            if isinstance(camera, Camera):
                _obey(camera, line.strip())


if __name__ == "__main__":
    main()
