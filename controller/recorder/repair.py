"""Before recording begins: files and rows are made to agree after whatever ended the last run.

A ``.part`` is cut after its last whole fragment and given its name; one without a whole fragment holds
no picture and is removed. A segment without a row gets one. A row without a file is reported. Files
that no recorder named are never touched. Doing it twice, or dying in the middle of it, does no harm.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

import av

from controller.recorder import files
from controller.recorder.boxes import whole_bytes
from controller.recorder.segment_name import PART_SUFFIX, SegmentName
from controller.recorder.segment_writer import WrittenSegment

_US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Repaired:
    """found: whole segments that have no row yet. missing: names of rows whose file is gone."""

    found: tuple[WrittenSegment, ...]
    missing: tuple[str, ...]


def repair(folder: Path, known: Set[str]) -> Repaired:
    """Make the footage folder whole. known: relative names of the segments that have a row."""
    present: set[str] = set()
    found: list[WrittenSegment] = []
    for camera in sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()):
        for name, part in sorted(_ours(camera), key=lambda ours: ours[0].start_us):
            path = folder / name.relative
            if not (_finish(path) if part else _has_content(path)):
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
    with part.open("r+b") as file:
        file.truncate(length)
        os.fsync(file.fileno())
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
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    end_us = name.start_us + max(1, _duration_us(path))
    return WrittenSegment(name, end_us, path.stat().st_size, digest)


def _duration_us(path: Path) -> int:
    """How long the video plays; 0 for a file that cannot be read, which is then due at its start."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return 0
            stream = container.streams.video[0]
            base = stream.time_base
            ends = [p.pts + (p.duration or 0) for p in container.demux(stream) if p.pts is not None]
    except (av.FFmpegError, OSError):
        return 0
    return int(max(ends) * base * _US_PER_S) if ends and base else 0
