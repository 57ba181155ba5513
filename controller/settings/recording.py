"""Cameras and footage: the ``[[cameras]]`` tables with those within them, and ``[footage]``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from controller.core.retention.footage import MAX_DAYS, MIN_DAYS
from controller.settings.section import Name, Section, from_the_root

SCHEMES = ("rtsp://", "rtsps://")
Mode = Literal["continuous", "activity"]
HoursMode = Literal["continuous", "activity", "off"]
KEYFRAME_INTERVALS = 2
"""Pre-roll and post-roll are at least this many: one may just have begun when something happens."""
Share = Annotated[float, Field(ge=0.0, le=1.0)]
CORNERS = (
    "write a polygon as 3 to 32 corners such as [[0.0, 0.0], [0.3, 0.0], [0.3, 0.2]]; each number is a share "
    "of the picture's width or height, from 0.0 to 1.0, not pixels and not per cent"
)


def _corners(value: object) -> object:
    """One line for whatever is wrong with a polygon, where pydantic has one for each number."""
    if not isinstance(value, list | tuple) or not 3 <= len(value) <= 32:
        raise ValueError(CORNERS)
    for corner in value:
        if not isinstance(corner, list | tuple) or len(corner) != 2 or not all(map(_is_share, corner)):
            raise ValueError(CORNERS)
    (left, top), *others = value
    sides = [(x - left, y - top) for x, y in others]
    if all(abs(x * other_y - y * other_x) < 1e-9 for x, y in sides for other_x, other_y in sides):
        raise ValueError("its corners lie on one line, so that there is nothing within it; move one")
    return value


def _is_share(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1


Polygon = Annotated[
    tuple[tuple[Share, Share], ...], Field(min_length=3, max_length=32), BeforeValidator(_corners)
]
"""Corners as shares of the picture's width and height, from its upper left corner."""


def _names_a_host(url: str) -> bool:
    return re.fullmatch(r"rtsps?://([^\s/:\[\]]+|\[[0-9a-fA-F:.]+\])(:\d+)?(/\S*)?", url) is not None


class ByHours(Section):
    """What is recorded while the branch is so. None: as ``mode`` of the camera says."""

    staffed: HoursMode | None = None
    unstaffed: HoursMode | None = None
    closed: HoursMode | None = None


class Zone(Section):
    """A part of the picture in which motion is looked for. sensitivity: 0 looks away, 50 is the usual."""

    polygon: Polygon
    sensitivity: int = Field(default=50, ge=0, le=100)


class CameraSettings(Section):
    """kind rtsp: url without user or password. kind usb: device is a path or an index.

    kind pi: device is the number of the connector, 0 if it is not set.

    own_masks: the camera itself covers what ``masks`` cover. zones: none is one over the whole picture.
    min_kbps: 0 for what the camera usually sends.
    """

    id: Name
    kind: Literal["rtsp", "usb", "pi"] = "rtsp"
    url: str = ""
    sub_url: str = ""
    username: str = ""
    device: str = ""
    width: int = Field(default=1280, ge=160, le=3840)
    height: int = Field(default=720, ge=120, le=2160)
    fps: int = Field(default=15, ge=1, le=60)
    mode: Mode = "continuous"
    by_hours: ByHours = ByHours()
    pre_roll_s: int = Field(default=10, ge=1, le=60)
    post_roll_s: int = Field(default=30, ge=1, le=600)
    motion: bool = True
    zones: tuple[Zone, ...] = Field(default=(), max_length=8)
    masks: tuple[Polygon, ...] = Field(default=(), max_length=16)
    own_masks: bool = False
    min_kbps: int = Field(default=0, ge=0, le=100_000)

    @property
    def modes(self) -> frozenset[str]:
        """Those that it is in at some time of the week."""
        by_hours = self.by_hours
        return frozenset(
            each or self.mode for each in (by_hours.staffed, by_hours.unstaffed, by_hours.closed)
        )

    @field_validator("mode", mode="before")
    @classmethod
    def _off_by_hours_only(cls, value: object) -> object:
        if value == "off":
            raise ValueError('"off" is for some hours only: see [cameras.by_hours]; or remove the camera')
        return value

    @model_validator(mode="after")
    def _address(self) -> Self:
        if self.kind == "rtsp" and not self.url.startswith(SCHEMES):
            raise ValueError('an RTSP camera needs url = "rtsp://host/path"')
        if self.sub_url and (self.kind != "rtsp" or not self.sub_url.startswith(SCHEMES)):
            raise ValueError(
                'sub_url is the address of an RTSP camera\'s smaller stream, such as "rtsp://host/path2"'
            )
        for key, url in (("url", self.url), ("sub_url", self.sub_url)):
            if "@" in url.removeprefix("rtsp://").removeprefix("rtsps://").split("/", 1)[0]:
                raise ValueError(
                    f"the {key} holds a user or password; set username here and put the password in the "
                    f"secrets folder as camera-{self.id}-password"
                )
            if url and not _names_a_host(url):
                raise ValueError(f'the {key} names no host, or has a blank in it: write "rtsp://host/path"')
        if self.kind == "usb" and not self.device:
            raise ValueError('a USB camera needs device = "/dev/v4l/by-id/..."')
        if self.kind == "pi" and self.device not in ("", "0", "1"):
            raise ValueError('a Pi\'s own camera has device = "0" or "1", its connector, or none')
        return self

    @model_validator(mode="after")
    def _masked_where_it_is_filmed(self) -> Self:
        if self.kind == "rtsp" and self.masks and not self.own_masks:
            raise ValueError(
                "masks: what an RTSP camera sends is kept as it comes, so set up the same masks in the "
                "camera itself, and say so with own_masks = true"
            )
        return self


class Footage(Section):
    dir: Annotated[Path, AfterValidator(from_the_root)] | None = None
    retention_days: int = Field(default=14, ge=MIN_DAYS, le=MAX_DAYS)
    segment_s: int = Field(default=60, ge=2, le=600)
    sweep_interval_min: int = Field(default=60, ge=1, le=1440)
    sweep_limit: int = Field(default=5000, ge=100, le=100_000)
    min_free_mb: int = Field(default=1024, ge=1)
    reserve_mb: int = Field(default=16, ge=1, le=1024)
    clip_before_s: int = Field(default=10, ge=0, le=120)
    clip_after_s: int = Field(default=20, ge=1, le=300)

    @property
    def reserve_bytes(self) -> int:
        return self.reserve_mb * 1_000_000

    @model_validator(mode="after")
    def _under_the_ceiling(self) -> Self:
        # The oldest picture of a segment: it waits out the segment, the retention and a whole sweep interval.
        limit_h = MAX_DAYS * 24  # of 24 hours each, whatever the clocks do
        waits_h = self.segment_s / 3600 + self.sweep_interval_min / 60
        if self.retention_days * 24 + waits_h > limit_h:
            raise ValueError(
                f"retention_days = {self.retention_days} with segments of {self.segment_s} s swept every "
                f"{self.sweep_interval_min} min lets a picture grow older than allowed, and "
                f"{limit_h} h is the limit; set retention_days = {int((limit_h - waits_h) // 24)}"
            )
        return self
