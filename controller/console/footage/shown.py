"""Which files of footage a viewing shows, and which of them not: what is of a restricted event is left out.

Never here: pictures, and pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from controller.console.footage.viewing import Viewing
from controller.footage import reading
from controller.footage.codec import codec_of
from controller.footage.export.manifest import Corners
from controller.footage.moments import SEAM_US
from controller.footage.segment_name import SegmentName
from controller.settings.model import Settings
from controller.staff.exports import masks_of
from controller.staff.hidden import Hidden
from controller.store.footage import Clip, FootageReader, Segment

Stretch = tuple[int, int]
"""Beginning and end, wall time."""


@dataclass(frozen=True, slots=True)
class OfCamera:
    """segments: those that are shown. withheld: those that are not, since a restricted event is in them."""

    camera: str
    segments: tuple[Segment, ...]
    withheld: tuple[Segment, ...]

    @property
    def recorded(self) -> tuple[Stretch, ...]:
        return tuple(stretches((one.start_us, one.end_us) for one in self.segments))

    @property
    def restricted(self) -> tuple[Stretch, ...]:
        return tuple(stretches((one.start_us, one.end_us) for one in self.withheld))


def of_camera(viewing: Viewing, camera: str, footage: FootageReader, restricted: Hidden) -> OfCamera:
    """Raises Refused while nobody knows what is restricted, DatabaseUnusable."""
    restricted.check_known()
    found = footage.segments(camera, viewing.begins_us, viewing.ends_us)
    if not found:
        return OfCamera(camera, (), ())
    clips = footage.clips(camera, found[0].start_us, max(one.end_us for one in found))
    forbidden = [clip for clip in clips if clip.event_id in restricted.event_ids]
    withheld = tuple(one for one in found if _touched(one, forbidden))
    gone = {one.id for one in withheld}
    return OfCamera(camera, tuple(one for one in found if one.id not in gone), withheld)


def may_show(viewing: Viewing, segment: Segment, footage: FootageReader, restricted: Hidden) -> bool:
    """Whether this file is of the viewing, and of no restricted event. Raises Refused, DatabaseUnusable."""
    restricted.check_known()
    if segment.camera not in viewing.cameras:
        return False
    if segment.end_us <= viewing.begins_us or segment.start_us >= viewing.ends_us:
        return False
    clips = footage.clips(segment.camera, segment.start_us, segment.end_us)
    return not any(clip.event_id in restricted.event_ids for clip in clips)


def file_of(folder: Path, segment: Segment) -> Path | None:
    """None for a row that names no file of footage: nothing else is ever opened."""
    name = SegmentName.parse(segment.name)
    return None if name is None else folder / name.relative


def masks_for(settings: Settings, camera: str) -> tuple[Corners, ...]:
    return masks_of(settings, camera) or ()


def needs_encoding(file: Path, masks: tuple[Corners, ...]) -> bool:
    """Whether a browser cannot play it as it is, or masks are to be filled in. Raises OSError."""
    if masks:
        return True
    with reading.opened(file) as content:
        return codec_of(content) == "hevc"


def stretches(found: Iterable[Stretch]) -> Iterator[Stretch]:
    """Those in order of their beginnings, joined where nothing is between them."""
    begun: Stretch | None = None
    for start_us, end_us in found:
        if begun is not None and start_us - begun[1] <= SEAM_US:
            begun = (begun[0], max(begun[1], end_us))
            continue
        if begun is not None:
            yield begun
        begun = (start_us, end_us)
    if begun is not None:
        yield begun


def _touched(segment: Segment, clips: Iterable[Clip]) -> bool:
    return any(clip.start_us < segment.end_us and clip.end_us > segment.start_us for clip in clips)
