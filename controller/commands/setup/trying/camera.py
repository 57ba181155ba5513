"""One picture of a camera, decoded and judged. Raises DeviceLost and SecretMissing.

Never here: settings of other cameras, motion, recording.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av import VideoFrame

from controller.commands.camera.picture import save
from controller.devices import DeviceLost
from controller.recorder.hardware import opener
from controller.recorder.watching.pictures import KeyframeDecoder, small
from controller.recorder.watching.view import light
from controller.secrets import credentials
from controller.secrets.credentials import Secret
from controller.settings.recording import CameraSettings
from drivers.system_clock import SystemClock

LIMIT_S = 20.0
DARK = 20
"""Grey level, of 255: where no more than a twentieth of the picture is brighter, hardly anything is seen."""


@dataclass(frozen=True, slots=True)
class Looked:
    """frame: the picture. codec, width, height: of the stream. dark: hardly anything is to be seen."""

    frame: VideoFrame
    codec: str
    width: int
    height: int
    dark: bool


def look(camera: CameraSettings, secrets: Path) -> Looked:
    """The first picture that can be decoded by itself."""

    def secret(name: str) -> Secret:
        return credentials.read(name, secrets)

    with closing(opener(camera, SystemClock(), secret)()) as opened:
        decoder, end_s = KeyframeDecoder(opened.format), time.monotonic() + LIMIT_S
        for packet in opened.packets():
            frame = decoder.frame(packet) if packet.keyframe else None
            if frame is not None:
                video = opened.format
                return Looked(frame, video.codec, video.width, video.height, light(small(frame)) < DARK)
            if time.monotonic() > end_s:
                break
    raise DeviceLost(f"no picture within {LIMIT_S:.0f} s")


def write(file: Path, looked: Looked) -> None:
    """For its owner alone. Raises OSError."""
    save(file, np.asarray(looked.frame.to_ndarray(format="bgr24"), np.uint8))
