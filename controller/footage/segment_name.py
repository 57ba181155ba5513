"""What a segment's file name says: camera, start by both clocks, boot, and whether the time was believed.

The folder alone must be enough to rebuild the rows, so everything that cannot be read from the video
stands in the name. A file whose name does not parse is not ours and is never touched.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Self

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEGMENT_SUFFIX = ".mp4"
PART_SUFFIX = ".part"
"""What a file is called until it is whole: its name and this."""

_CAMERA = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NAME = re.compile(
    rf"(?P<camera>{_CAMERA.pattern})_(?P<start>\d{{8}}T\d{{12}})Z_(?P<boot>[0-9A-Za-z-]{{1,64}})"
    r"_(?P<mono>\d{1,19})_(?P<trust>[tu])\.mp4"
)


def is_camera(folder: str) -> bool:
    """Whether a folder of this name can be a camera's."""
    return _CAMERA.fullmatch(folder) is not None


@dataclass(frozen=True, slots=True)
class SegmentName:
    """Where and when a segment begins.

    start_us: wall time, microseconds since 1970 UTC. start_mono_us: the same moment since boot.
    """

    camera: str
    start_us: int
    start_mono_us: int
    boot_id: str
    clock_trusted: bool

    @property
    def relative(self) -> str:
        """The path inside the footage folder: a folder a camera."""
        start = EPOCH + timedelta(microseconds=self.start_us)
        trust = "t" if self.clock_trusted else "u"
        stem = f"{self.camera}_{start:%Y%m%dT%H%M%S%f}Z_{self.boot_id}_{self.start_mono_us}_{trust}"
        return f"{self.camera}/{stem}{SEGMENT_SUFFIX}"

    @property
    def segment_id(self) -> str:
        """The same for the same file, so that rebuilt rows keep their ids."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.relative))

    @classmethod
    def parse(cls, relative: str) -> Self | None:
        """None for a name that no recorder gave."""
        path = PurePosixPath(relative)
        match = _NAME.fullmatch(path.name)
        if match is None or len(path.parts) != 2 or path.parts[0] != match["camera"]:
            return None
        try:
            start = datetime.strptime(match["start"], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
        except ValueError:
            return None
        name = cls(
            match["camera"],
            (start - EPOCH) // timedelta(microseconds=1),
            int(match["mono"]),
            match["boot"],
            match["trust"] == "t",
        )
        # Digits of other scripts, more zeros, the year 26: the row would then name another file.
        return name if name.relative == relative else None
