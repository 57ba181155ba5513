"""Footage of days that nobody waited for: files as a recorder would have left them.

The folder alone is enough for a recorder to rebuild its rows, so a file with the right name is all that
has to be planted. Never here: deciding what becomes of it.
"""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import av

from controller.footage.segment_name import SegmentName
from simulator.camera.scene import SceneState, background, draw

LENGTH_S = 2
FPS = 5
WIDTH, HEIGHT = 320, 180


def plant(folder: Path, camera: str, age: timedelta, now_us: int) -> Path:
    """Write a segment that began ``age`` before ``now_us`` (wall time); returns its path."""
    start_us = now_us - int(age / timedelta(microseconds=1))
    # Recorded in a boot long gone: its monotonic time means nothing today.
    name = SegmentName(camera, start_us, 1_000_000, str(uuid.uuid4()), clock_trusted=True)
    path = folder / name.relative
    path.parent.mkdir(parents=True, exist_ok=True)
    _film(path)
    os.utime(path, ns=(start_us * 1000, start_us * 1000))
    return path


def _film(path: Path) -> None:
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    behind = background(WIDTH, HEIGHT)
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for number in range(LENGTH_S * FPS):
            picture = draw(behind, SceneState(walker_since_s=0.0), number / FPS, "planted")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
