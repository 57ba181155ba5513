from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from controller.footage.segment_name import SegmentName
from controller.recorder.segments.boxes import whole_bytes
from controller.recorder.segments.repair import LONGEST_US, repair
from controller.recorder.segments.segment_writer import SegmentWriter, WrittenSegment

Players = Callable[[Path], list[int]]


@pytest.fixture
def part(tmp_path: Path, video: Any, name: SegmentName) -> Path:
    """What a kill leaves after 35 of 60 packets."""
    folder = tmp_path / "footage"
    folder.mkdir()
    writer = SegmentWriter(folder, name, video.format)
    for packet in video.packets[:35]:
        writer.write(packet)
    writer.abandon()
    return folder / (name.relative + ".part")


@pytest.fixture
def segment(tmp_path: Path, video: Any, name: SegmentName) -> WrittenSegment:
    folder = tmp_path / "footage"
    folder.mkdir()
    writer = SegmentWriter(folder, name, video.format)
    for packet in video.packets:
        writer.write(packet)
    return writer.close(name.start_us + 6_000_000)


def test_a_part_is_cut_after_its_last_whole_fragment_wherever_it_ends(
    part: Path, name: SegmentName, pictures_in: Players
) -> None:
    content = part.read_bytes()
    folder, whole = part.parents[1], part.with_suffix("")
    lengths = set()
    for cut in [*range(0, len(content), 997), len(content)]:
        part.write_bytes(content[:cut])
        result = repair(folder, set())
        assert not part.exists()
        if not result.found:
            assert not whole.exists()
            continue
        (found,) = result.found
        lengths.add(len(pictures_in(whole)))
        assert found.name == name
        assert found.end_us - name.start_us == len(pictures_in(whole)) * 100_000
        assert found.size_bytes == whole.stat().st_size <= cut
        assert found.sha256 == hashlib.sha256(whole.read_bytes()).digest()
        whole.unlink()
    assert lengths == {10, 20, 30}


def test_a_broken_length_field_loops_nowhere(part: Path) -> None:
    content = part.read_bytes()
    for junk in (bytes(16), b"\0\0\0\1moof", b"\0\0\0\1mdat" + bytes(8), b"\0\0\0\7free", b"\xff" * 16):
        part.write_bytes(content + junk)
        assert whole_bytes(part) == len(content)


def test_a_segment_without_a_row_is_found_again_as_it_was(tmp_path: Path, segment: WrittenSegment) -> None:
    assert repair(tmp_path / "footage", set()).found == (segment,)
    assert repair(tmp_path / "footage", {segment.name.relative}).found == ()


def test_a_row_without_a_file_is_reported(tmp_path: Path, segment: WrittenSegment) -> None:
    gone = replace(segment.name, start_us=1).relative
    assert repair(tmp_path / "footage", {gone, segment.name.relative}).missing == (gone,)


def test_foreign_files_are_left_alone(tmp_path: Path, part: Path) -> None:
    folder = part.parents[1]
    foreign = [folder / "notes.txt", folder / "entrance" / "holiday.mp4", folder / "entrance" / "x.mp4.part"]
    for file in foreign:
        file.write_text("mine")
    (folder / "entrance" / "link.mp4").symlink_to(foreign[0])
    repair(folder, set())
    assert [file.read_text() for file in foreign] == ["mine"] * 3


def test_a_segment_that_cannot_be_read_still_gets_a_row(tmp_path: Path, segment: WrittenSegment) -> None:
    path = tmp_path / "footage" / segment.name.relative
    path.write_bytes(b"\0" * 100)
    (found,) = repair(tmp_path / "footage", set()).found
    # It counts as long as any can be: not destroyed while its last picture is too young.
    assert (found.end_us, found.size_bytes) == (segment.name.start_us + LONGEST_US, 100)


def test_a_flipped_bit_anywhere_in_the_head_keeps_nothing_from_starting(
    tmp_path: Path, segment: WrittenSegment
) -> None:
    path = tmp_path / "footage" / segment.name.relative
    whole = path.read_bytes()
    for place in range(0, 900, 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :])
        (found,) = repair(tmp_path / "footage", set()).found
        assert 0 < found.end_us - segment.name.start_us <= LONGEST_US


def test_what_the_disk_will_not_give_is_passed_over(
    tmp_path: Path, segment: WrittenSegment, mocker: Any
) -> None:
    """Bad blocks in a whole segment and in a part, and a folder that only root may look into."""
    lost = tmp_path / "footage" / "lost+found"
    lost.mkdir()
    part = tmp_path / "footage" / (replace(segment.name, start_us=1_790_000_100_000_000).relative + ".part")
    part.write_bytes(b"video")
    scanned = mocker.spy(os, "scandir")
    broken = OSError(errno.EIO, "Input/output error")
    mocker.patch("hashlib.file_digest", side_effect=broken)
    mocker.patch("controller.recorder.segments.repair.whole_bytes", side_effect=broken)
    repaired = repair(tmp_path / "footage", set())
    assert [found.sha256 for found in repaired.found] == [bytes(32)]
    assert part.exists()
    assert lost not in [call.args[0] for call in scanned.call_args_list]


STEPS = [(os, "fsync"), (os, "fdatasync"), (os, "rename"), (Path, "rename"), (Path, "mkdir"), (os, "open")]


@pytest.mark.parametrize("after", [False, True])
def test_dying_at_any_step_of_writing_loses_at_most_the_open_group(
    tmp_path: Path,
    video: Any,
    name: SegmentName,
    pictures_in: Players,
    power: Any,
    after: bool,
) -> None:
    for cut_at in range(1, 100):
        folder = tmp_path / str(cut_at)
        folder.mkdir()
        written: list[int] = []

        def record(folder: Path = folder, written: list[int] = written) -> None:
            with SegmentWriter(folder, name, video.format) as writer:
                for number, packet in enumerate(video.packets):
                    written.append(number)
                    writer.write(packet)
                writer.close(name.start_us + 6_000_000)

        was_cut = power.cut(STEPS, cut_at, after=after, work=record)
        found = repair(folder, set()).found
        assert not list(folder.rglob("*.part"))
        if len(written) > 10:
            (segment,) = found
            pictures = len(pictures_in(folder / segment.name.relative))
            assert len(written) - 11 <= pictures <= len(written)
            assert segment.sha256 == hashlib.sha256((folder / name.relative).read_bytes()).digest()
            assert repair(folder, {name.relative}).found == ()
        if not was_cut:
            assert cut_at > 8
            return
    raise AssertionError("it never finished")


@pytest.mark.parametrize("after", [False, True])
def test_dying_at_any_step_of_repair_loses_nothing(
    part: Path, name: SegmentName, pictures_in: Players, power: Any, after: bool
) -> None:
    folder, whole, content = part.parents[1], part.with_suffix(""), part.read_bytes()
    for cut_at in range(1, 100):
        part.write_bytes(content)
        was_cut = power.cut(STEPS, cut_at, after=after, work=partial(repair, folder, set()))
        (found,) = repair(folder, set()).found
        assert (found.name, len(pictures_in(whole))) == (name, 30)
        assert not part.exists()
        whole.unlink()
        if not was_cut:
            assert cut_at > 2
            return
    raise AssertionError("it never finished")
