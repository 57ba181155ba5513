"""A USB camera, read with OpenCV and encoded here, for cameras that cannot do it themselves."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from controller.devices import Clock
from drivers.encoded_camera import EncodedCamera, Mask
from drivers.h264_encoder import Pixels


def usb_camera(
    device: str, width: int, height: int, fps: int, clock: Clock, masks: Sequence[Mask] = ()
) -> EncodedCamera:
    """device: a path such as /dev/v4l/by-id/..., or an index. Raises DeviceLost."""
    return EncodedCamera(device, lambda: _Capture(device, width, height, fps), fps, clock, masks)


class _Capture:
    """See ``drivers.encoded_camera.Pictures``."""

    def __init__(self, device: str, width: int, height: int, fps: int) -> None:
        self._capture = cv2.VideoCapture(int(device) if device.isdecimal() else device)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._capture.set(cv2.CAP_PROP_FPS, fps)

    def read(self) -> Pixels | None:
        read, pixels = self._capture.read()
        return np.asarray(pixels, dtype=np.uint8) if read and pixels is not None else None

    def close(self) -> None:
        self._capture.release()
