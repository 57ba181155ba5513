"""Network cameras that cost next to nothing: streams encoded beforehand, watched as often as asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager

from simulator.camera.process import CameraProcess


def camera() -> AbstractContextManager[CameraProcess]:
    """720 lines, 15 pictures a second, a keyframe every two seconds, 1.5 Mbit/s."""
    return CameraProcess(width=1280, height=720, fps=15, loop_kbps=1500)


def smaller() -> AbstractContextManager[CameraProcess]:
    """What such a camera offers beside it to look at: 360 lines, 5 pictures a second, 250 kbit/s."""
    return CameraProcess(width=640, height=360, fps=5, loop_kbps=250)


def tables(url: str, count: int, settings: Sequence[str] = (), first: int = 0) -> list[str]:
    """Lines of branch.toml: so many cameras at this address. settings: further lines of each.

    first: the number of the first, which is in its id.
    """
    return [
        line
        for number in range(first, first + count)
        for line in ("[[cameras]]", f'id = "camera-{number}"', f"url = {json.dumps(url)}", *settings)
    ]
