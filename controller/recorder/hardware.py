"""Chooses the drivers of the cameras, for the recorder and for commands that look through a camera.

Never here: what is done with the pictures.
"""

from __future__ import annotations

from collections.abc import Callable

from controller.devices import Camera, Clock
from controller.secrets import credentials
from controller.secrets.credentials import Secret
from controller.settings.recording import CameraSettings
from drivers.pi_camera import pi_camera
from drivers.rtsp_camera import RtspCamera
from drivers.usb_camera import usb_camera

OpenCamera = Callable[[], Camera]
"""Connects. Raises DeviceLost."""


def opener(camera: CameraSettings, clock: Clock, secret: Callable[[str], Secret]) -> OpenCamera:
    """Of the stream that is recorded. secret: by name; raises SecretMissing, as this does."""
    picture = (camera.width, camera.height, camera.fps, clock, camera.masks)
    if camera.kind == "usb":
        return lambda: usb_camera(camera.device, *picture)
    if camera.kind == "pi":
        return lambda: pi_camera(int(camera.device or 0), *picture)
    return _rtsp(camera, camera.url, secret)


def sub_opener(camera: CameraSettings, secret: Callable[[str], Secret]) -> OpenCamera | None:
    """Of the smaller stream in which motion is looked for; None where there is none."""
    return _rtsp(camera, camera.sub_url, secret) if camera.sub_url else None


def _rtsp(camera: CameraSettings, url: str, secret: Callable[[str], Secret]) -> OpenCamera:
    password = secret(credentials.camera_password(camera.id)).reveal() if camera.username else ""
    return lambda: RtspCamera(url, camera.username, password)
