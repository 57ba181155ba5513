from __future__ import annotations

import errno
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from controller.devices import VideoPacket
from controller.footage.segment_name import SegmentName
from controller.recorder.segments import segment_writer
from controller.recorder.segments.boxes import whole_bytes
from controller.recorder.segments.segment_writer import DiskFull, SegmentWriter


def test_a_segment_is_the_packets_as_they_came(
    tmp_path: Path, video: Any, name: SegmentName, pictures_in: Callable[[Path], list[int]]
) -> None:
    writer = SegmentWriter(tmp_path, name, video.format)
    for packet in video.packets:
        writer.write(packet)
    assert [p.name for p in tmp_path.rglob("*.mp4*")] == [Path(name.relative).name + ".part"]
    written = writer.close(name.start_us + 6_000_000)

    path = tmp_path / name.relative
    content = path.read_bytes()
    assert (written.size_bytes, written.sha256) == (len(content), hashlib.sha256(content).digest())
    assert pictures_in(path) == [p.pts for p in video.packets]
    with av.open(str(path)) as container:
        assert [s.type for s in container.streams] == ["video"]
        packets = [p for p in container.demux(video=0) if p.size]
        assert [p.is_keyframe for p in packets] == [p.keyframe for p in video.packets]
    assert not list(tmp_path.rglob("*.part"))


def slices(payload: bytes) -> list[bytes]:
    """The NAL units of H.265 in Annex B form that hold pictures."""
    return [nal for nal in payload.split(b"\0\0\1")[1:] if nal[0] >> 1 & 0x3F < 32]


def test_h265_is_written_as_what_most_players_take(
    tmp_path: Path, hevc: Any, name: SegmentName, pictures_in: Callable[[Path], list[int]]
) -> None:
    writer = SegmentWriter(tmp_path, name, hevc.format)
    for packet in hevc.packets:
        writer.write(packet)
    writer.close(name.start_us + 6_000_000)
    path = tmp_path / name.relative
    assert pictures_in(path) == [p.pts for p in hevc.packets]
    with av.open(str(path)) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.name, codec.codec_tag) == ("hevc", "hvc1")
        found = [bytes(p) for p in container.demux(video=0) if p.size]
    # Each slice as it came, behind its length in place of a start code; the parameter sets are in the head.
    for packet, came in zip(found, hevc.packets, strict=True):
        assert all(len(nal).to_bytes(4, "big") + nal in packet for nal in map(_trimmed, slices(came.payload)))


def _trimmed(nal: bytes) -> bytes:
    return nal.rstrip(b"\0")


def test_after_a_kill_at_most_one_group_of_pictures_is_missing(
    tmp_path: Path, video: Any, name: SegmentName
) -> None:
    writer = SegmentWriter(tmp_path, name, video.format)
    part = tmp_path / (name.relative + ".part")
    for count, packet in enumerate(video.packets, start=1):
        writer.write(packet)
        groups = (count - 1) // 10
        assert (whole_bytes(part) > 0) == (groups > 0)
        if groups:
            copy = tmp_path / "copy.mp4"
            copy.write_bytes(part.read_bytes()[: whole_bytes(part)])
            with av.open(str(copy)) as container:
                assert len([p for p in container.demux(video=0) if p.size]) == groups * 10
    writer.abandon()


def test_it_is_synced_every_two_seconds(
    tmp_path: Path, video: Any, name: SegmentName, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = segment_writer.os.fdatasync
    monkeypatch.setattr(segment_writer.os, "fdatasync", lambda fd: (synced.append(fd), real(fd)))
    writer = SegmentWriter(tmp_path, name, video.format)
    for packet in video.packets:
        writer.write(packet)
    assert len(synced) == 2  # at 2 s and 4 s of six
    writer.close(name.start_us + 1)
    assert len(synced) == 3


@pytest.mark.parametrize("group", [7, 10, 15, 20, 40])
def test_a_power_cut_costs_a_group_of_pictures_or_two_seconds(
    tmp_path: Path, video: Any, name: SegmentName, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    """At any moment: only what was synced is left then. Ten pictures a second."""
    part = tmp_path / (name.relative + ".part")
    left = [0]

    def sync(_: int) -> None:
        with av.open(str(part)) as film:
            left.append(sum(1 for packet in film.demux(video=0) if packet.size))

    monkeypatch.setattr(segment_writer.os, "fdatasync", sync)
    writer = SegmentWriter(tmp_path, name, video.format)
    lost = []
    for number in range(4 * group + 25):
        keyframe = number % group == 0
        payload = video.packets[0 if keyframe else 1].payload
        writer.write(VideoPacket(payload, number * 9_000, number * 9_000, keyframe))
        lost.append(number - left[-1])  # this picture is still on its way
    writer.abandon()
    assert max(lost) <= max(group, 21)
    assert len(left) - 1 <= len(lost) / max(10, group)  # and yet it is not synced more than once a second


def test_a_full_disk_says_so_and_keeps_what_was_written(
    tmp_path: Path, video: Any, name: SegmentName, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        room = 9_000

        def write(self, data: Any) -> int:
            Full.room -= len(data)
            if Full.room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    monkeypatch.setattr(segment_writer.io, "FileIO", Full)
    writer = SegmentWriter(tmp_path, name, video.format)

    def write_all() -> None:
        for packet in video.packets:
            writer.write(packet)

    with pytest.raises(DiskFull):
        write_all()
    writer.abandon()
    assert (tmp_path / (name.relative + ".part")).stat().st_size > 0
