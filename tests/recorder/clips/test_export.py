from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from controller.recorder.clips.export import ExportError, export
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.store.footage import Clip, Segment

SECOND = 1_000_000


def segments_of(folder: Path, name: SegmentName, video: Any, jitter_us: int = 0) -> list[Segment]:
    """Six seconds of video as three segments of two seconds."""
    found = []
    for number in range(3):
        start_us = name.start_us + number * (2 * SECOND - jitter_us)
        part = replace(name, start_us=start_us)
        writer = SegmentWriter(folder, part, video.format)
        for packet in video.packets[number * 20 : number * 20 + 20]:
            writer.write(packet)
        written = writer.close(start_us + 2 * SECOND)
        found.append(
            Segment(
                part.segment_id,
                "entrance",
                part.relative,
                start_us,
                written.end_us,
                1,
                "boot",
                True,
                written.size_bytes,
                written.sha256,
            )
        )
    return found


def clip(start_us: int, end_us: int) -> Clip:
    return Clip(str(uuid.uuid4()), "entrance", "door", 1, str(uuid.uuid4()), start_us, end_us)


def test_a_clip_over_three_segments_is_one_film(
    tmp_path: Path, video: Any, name: SegmentName, pictures_in: Callable[[Path], list[int]]
) -> None:
    segments = segments_of(tmp_path, name, video)
    wanted = clip(name.start_us + 1_500_000, name.start_us + 4_500_000)
    target = tmp_path / "out.mp4"
    exported = export(wanted, segments, tmp_path, target)
    assert target.stat().st_mode & 0o777 == 0o600
    # From the keyframe at 1.0 s to the picture at 4.4 s.
    stamps = pictures_in(target)
    assert len(stamps) == 35
    with av.open(str(target)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        packets = [bytes(p) for p in container.demux(video=0) if p.size]
    recorded = []
    for segment in segments:
        with av.open(str(tmp_path / segment.name)) as container:
            recorded += [bytes(p) for p in container.demux(video=0) if p.size]
    assert packets == recorded[10:45]
    assert exported.length_us == 3_400_000
    assert exported.segments == 3
    assert exported.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()


def test_segments_that_overlap_a_little_still_join(
    tmp_path: Path, video: Any, name: SegmentName, pictures_in: Callable[[Path], list[int]]
) -> None:
    segments = segments_of(tmp_path, name, video, jitter_us=150_000)
    target = tmp_path / "out.mp4"
    export(clip(name.start_us, name.start_us + 6 * SECOND), segments, tmp_path, target)
    assert len(pictures_in(target)) == 60


def test_footage_that_was_changed_is_not_exported(tmp_path: Path, video: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, video)
    path = tmp_path / segments[1].name
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    target = tmp_path / "out.mp4"
    with pytest.raises(ExportError, match="hash differs"):
        export(clip(name.start_us, name.start_us + 6 * SECOND), segments, tmp_path, target)
    assert not target.exists()


def test_what_cannot_be_exported_says_why(tmp_path: Path, video: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, video)
    wanted = clip(name.start_us, name.start_us + SECOND)
    with pytest.raises(ExportError, match="destroyed"):
        export(wanted, [], tmp_path, tmp_path / "out.mp4")
    (tmp_path / "there.mp4").write_text("mine")
    with pytest.raises(ExportError, match="exists already"):
        export(wanted, segments, tmp_path, tmp_path / "there.mp4")
    assert (tmp_path / "there.mp4").read_text() == "mine"
    (tmp_path / segments[0].name).unlink()
    with pytest.raises(ExportError, match="No such file"):
        export(wanted, segments, tmp_path, tmp_path / "out.mp4")


def test_a_changed_picture_format_is_refused(
    tmp_path: Path, video: Any, name: SegmentName, encoded: Callable[..., Any]
) -> None:
    segments = segments_of(tmp_path, name, video)
    other = encoded([None] * 20)
    changed = replace(
        other.format,
        extradata=other.format.extradata.replace(b"\x00\x00\x00\x01\x68", b"\x00\x00\x00\x01\x68\x00"),
    )
    target = tmp_path / "out.mp4"
    later = replace(name, start_us=segments[-1].end_us)
    writer = SegmentWriter(tmp_path, later, changed)
    writer.write(other.packets[0])
    written = writer.close(later.start_us + SECOND)
    segments.append(
        replace(
            segments[0],
            name=later.relative,
            start_us=later.start_us,
            end_us=written.end_us,
            sha256=written.sha256,
        )
    )
    with pytest.raises(ExportError, match="changed its picture format"):
        export(clip(name.start_us, written.end_us), segments, tmp_path, target)
    assert not target.exists()
