"""Before recording begins: files and rows are made to agree after whatever ended the last run.

A ``.part`` is cut after its last whole fragment and given its name; one without a whole fragment holds
no picture and is removed. A segment without a row gets one. A row without a file is reported. Files
that no recorder named are never touched, nor are folders that belong to no camera. What the disk or a
damaged file does never keeps the recorder from starting. Doing it twice, or dying in the middle of it,
does no harm.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

import av

from controller.footage import reading, video
from controller.footage.segment_name import PART_SUFFIX, SegmentName, is_camera
from controller.recorder.segments import files
from controller.recorder.segments.boxes import whole_bytes
from controller.recorder.segments.segment_writer import WrittenSegment

_US_PER_S = 1_000_000
LONGEST_US = 15 * 60 * _US_PER_S
"""No segment is longer: ten minutes is the longest setting, and then the next keyframe ends it."""
_NO_HASH = bytes(32)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repaired:
    """found: whole segments that have no row yet. missing: names of rows whose file is gone."""

    found: tuple[WrittenSegment, ...]
    missing: tuple[str, ...]


def repair(folder: Path, known: Set[str]) -> Repaired:
    """Make the footage folder whole. known: relative names of the segments that have a row."""
    present: set[str] = set()
    found: list[WrittenSegment] = []
    for camera in sorted(path for path in folder.iterdir() if _is_a_cameras(path)):
        for name, part in sorted(_ours(camera), key=lambda ours: ours[0].start_us):
            path = folder / name.relative
            try:
                if not (_finish(path) if part else _has_content(path)):
                    continue
            except OSError as error:
                # One bad block must not end all recording and all disposal; it is tried at each start.
                log.error("%s: %s", path, error.strerror)
                present.add(name.relative)
                continue
            present.add(name.relative)
            if name.relative not in known:
                found.append(_measured(folder, name))
    return Repaired(tuple(found), tuple(sorted(known - present)))


def repair_one(folder: Path, name: SegmentName) -> WrittenSegment | None:
    """Finish the segment that a fault of the disk left as ``.part``; None if it holds no picture."""
    part = folder / (name.relative + PART_SUFFIX)
    if part.exists() and not _finish(folder / name.relative):
        return None
    return _measured(folder, name)


def _is_a_cameras(path: Path) -> bool:
    """A disk of its own has a folder ``lost+found``, which only root may look into."""
    return is_camera(path.name) and path.is_dir() and not path.is_symlink()


def _ours(camera: Path) -> Iterator[tuple[SegmentName, bool]]:
    """Our files in the folder of a camera, and whether each is a ``.part``."""
    with os.scandir(camera) as entries:
        for entry in entries:
            if not entry.is_file(follow_symlinks=False):
                continue
            whole = entry.name.removesuffix(PART_SUFFIX)
            if (name := SegmentName.parse(f"{camera.name}/{whole}")) is not None:
                yield name, whole != entry.name


def _finish(whole: Path) -> bool:
    """Cut the ``.part`` of ``whole`` to what can be played and name it; whether anything was left."""
    part = whole.with_name(whole.name + PART_SUFFIX)
    length = whole_bytes(part)
    if length == 0:
        files.remove(part)
        files.sync_folder(part.parent)
        return False
    files.cut(part, length)
    files.publish(part, whole)
    return True


def _has_content(whole: Path) -> bool:
    """An empty file holds no picture either; only a damaged file system leaves one."""
    if whole.stat().st_size:
        return True
    files.remove(whole)
    files.sync_folder(whole.parent)
    return False


def _measured(folder: Path, name: SegmentName) -> WrittenSegment:
    path = folder / name.relative
    try:
        with reading.opened(path) as content:
            digest = reading.digest(content)
    except OSError as error:
        log.error("%s: %s", path, error.strerror)
        digest = _NO_HASH  # so no export takes it for what was recorded
    end_us = name.start_us + _duration_us(path)
    return WrittenSegment(name, end_us, path.stat().st_size, digest)


def _duration_us(path: Path) -> int:
    """How long the video plays; of a file that cannot be read, as long as any: not destroyed too young."""
    try:
        with reading.opened(path) as content, video.film(content) as container:
            stream = container.streams.video[0]
            base = stream.time_base or 0
            ends = [p.pts + (p.duration or 0) for p in container.demux(stream) if p.pts is not None]
            length_us = int(max(ends) * base * _US_PER_S)
    except (av.FFmpegError, OSError, ValueError, IndexError):
        return LONGEST_US
    return length_us if 0 < length_us < LONGEST_US else LONGEST_US
