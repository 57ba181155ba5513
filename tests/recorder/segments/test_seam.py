"""Footage is written in one place and read in one: with both disguised, everything still works."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from controller.footage import reading
from controller.footage.export.exporting import Wanted, export
from controller.footage.export.staging import Staging
from controller.footage.segment_name import PART_SUFFIX, SegmentName
from controller.recorder.books import row
from controller.recorder.segments import segment_writer
from controller.recorder.segments.repair import repair
from controller.recorder.segments.segment_writer import SegmentWriter

SECOND = 1_000_000


def disguised(data: Any) -> bytes:
    return bytes(byte ^ 0x5A for byte in bytes(data))


class Disguising(io.FileIO):
    def write(self, data: Any) -> int:
        return super().write(disguised(data))


class Revealing(io.FileIO):
    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer) or 0
        buffer[:count] = disguised(buffer[:count])
        return count


@contextmanager
def revealed(file: Path) -> Iterator[io.BufferedReader]:
    with io.BufferedReader(Revealing(file)) as content:
        yield content


@pytest.fixture
def _disguise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_writer.io, "FileIO", Disguising)
    monkeypatch.setattr(reading, "opened", revealed)


@pytest.mark.usefixtures("_disguise")
def test_what_is_put_between_footage_and_disk_reaches_every_byte(
    tmp_path: Path, video: Any, name: SegmentName
) -> None:
    with SegmentWriter(tmp_path, name, video.format) as writer:
        for packet in video.packets[:30]:
            writer.write(packet)
        whole = writer.close(name.start_us + 3 * SECOND)
    later = replace(name, start_us=whole.end_us)
    with SegmentWriter(tmp_path, later, video.format) as writer:
        for packet in video.packets[30:]:
            writer.write(packet)  # and then the power fails
    part = tmp_path / (later.relative + PART_SUFFIX)
    assert b"moof" not in part.read_bytes() + (tmp_path / name.relative).read_bytes()
    repaired = repair(tmp_path, {name.relative})
    segments = [row(whole, recovered=False), *(row(found, recovered=True) for found in repaired.found)]
    target = tmp_path / "out.mp4"
    with Staging() as staging:
        export(Wanted(name.start_us, name.start_us + 6 * SECOND), segments, tmp_path, target, staging)
        staging.publish()
    with av.open(str(target)) as film:
        payloads = [bytes(p) for p in film.demux(video=0) if p.size]
    assert len(payloads) == 50  # the last group of pictures was still in memory
