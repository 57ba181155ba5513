"""Cameras and footage: the ``[[cameras]]`` and ``[footage]`` tables."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from controller.core.retention import MAX_DAYS, MIN_DAYS
from controller.settings.section import Name, Section


class CameraSettings(Section):
    """kind rtsp: url without user or password. kind usb: device is a path or an index."""

    id: Name
    kind: Literal["rtsp", "usb"] = "rtsp"
    url: str = ""
    username: str = ""
    device: str = ""
    width: int = Field(default=1280, ge=160, le=3840)
    height: int = Field(default=720, ge=120, le=2160)
    fps: int = Field(default=15, ge=1, le=60)
    motion: bool = True

    @model_validator(mode="after")
    def _address(self) -> Self:
        if self.kind == "rtsp" and not self.url.startswith(("rtsp://", "rtsps://")):
            raise ValueError('an RTSP camera needs url = "rtsp://host/path"')
        if "@" in self.url.removeprefix("rtsp://").removeprefix("rtsps://").split("/", 1)[0]:
            raise ValueError(
                "the url holds a user or password; set username here and put the password in the "
                f"secrets folder as camera-{self.id}-password"
            )
        if self.kind == "usb" and not self.device:
            raise ValueError('a USB camera needs device = "/dev/v4l/by-id/..."')
        return self


class Footage(Section):
    dir: Path | None = None
    retention_days: int = Field(default=14, ge=MIN_DAYS, le=MAX_DAYS)
    segment_s: int = Field(default=60, ge=2, le=600)
    sweep_interval_min: int = Field(default=60, ge=1, le=1440)
    min_free_mb: int = Field(default=1024, ge=1)
    clip_before_s: int = Field(default=10, ge=0, le=120)
    clip_after_s: int = Field(default=20, ge=1, le=300)

    @model_validator(mode="after")
    def _under_the_ceiling(self) -> Self:
        # The oldest picture of a segment: it waits out the segment, the retention and a whole sweep interval.
        oldest_h = self.retention_days * 24 + self.segment_s / 3600 + self.sweep_interval_min / 60
        limit_h = MAX_DAYS * 24  # of 24 hours each, whatever the clocks do
        if oldest_h > limit_h:
            raise ValueError(
                f"retention_days = {self.retention_days} with segments of {self.segment_s} s swept every "
                f"{self.sweep_interval_min} min lets a picture grow {oldest_h:.1f} h old, and "
                f"{limit_h} h is the limit; set retention_days = {self.retention_days - 1}"
            )
        return self
