"""A Raspberry Pi's own camera, read with picamera2 and encoded here."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from controller.devices import Clock, DeviceLost
from drivers.encoded_camera import EncodedCamera, Mask
from drivers.h264_encoder import Pixels

_MISSING = "install Debian's python3-picamera2, or the extra libraries-unlocked[pi]"


def pi_camera(
    number: int, width: int, height: int, fps: int, clock: Clock, masks: Sequence[Mask] = ()
) -> EncodedCamera:
    """number: of the camera, for a Pi with two connectors; else 0. Raises DeviceLost."""
    name = f"pi camera {number}"
    return EncodedCamera(name, lambda: _Picamera(name, number, width, height, fps), fps, clock, masks)


class _Picamera:
    """See ``drivers.encoded_camera.Pictures``."""

    def __init__(self, name: str, number: int, width: int, height: int, fps: int) -> None:
        try:
            # ValueError: compiled parts of it that belong to another numpy.
            picamera2 = importlib.import_module("picamera2")
        except (ImportError, ValueError) as error:
            raise DeviceLost(f"{name}: {error}; {_MISSING}") from error
        try:
            self._camera = picamera2.Picamera2(number)
        except (RuntimeError, IndexError, OSError) as error:
            raise DeviceLost(f"{name}: {error}") from error
        try:
            self._camera.configure(
                self._camera.create_video_configuration(
                    # What libcamera calls RGB888 lies in memory as blue, green, red.
                    main={"size": (width, height), "format": "RGB888"},
                    controls={"FrameRate": fps},
                )
            )
            self._camera.start()
        except (RuntimeError, OSError) as error:
            self._camera.close()
            raise DeviceLost(f"{name}: {error}") from error
        self._name = name

    def read(self) -> Pixels | None:
        try:
            return np.asarray(self._camera.capture_array("main"), dtype=np.uint8)
        except (RuntimeError, OSError) as error:
            raise DeviceLost(f"{self._name}: {error}") from error

    def close(self) -> None:
        with suppress(RuntimeError, OSError):  # of a camera that is gone
            self._camera.stop()
            self._camera.close()
